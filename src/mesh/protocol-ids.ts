import { type ProtocolName, protocolNames, type TopicName, topicNames } from "./mesh.ts";

// The network id is in every protocol and topic: peers of another network cannot complete a stream.

export const protocolId = (network: string, name: ProtocolName): string =>
  `/countersign/${network}/${name}/1.0.0`;
export const kademliaId = (network: string): string => `/countersign/${network}/kad/1.0.0`;
export const topicId = (network: string, name: TopicName): string => `/countersign/${network}/${name}/1`;

export const allTopicIds = (network: string): string[] => topicNames.map((name) => topicId(network, name));
export const allProtocolIds = (network: string): string[] =>
  protocolNames.map((name) => protocolId(network, name));
