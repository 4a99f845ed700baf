import { freePorts } from "./free-ports.ts";
import type { DevnetPorts, DevnetShape } from "./plan.ts";

/** The reference's ports, for the first node of each kind. */
export const referencePorts = {
  chain: 8_545,
  p2p: 8_828,
  registry: 50_050,
  gateway: 50_051,
  http: 8_080,
  ws: 9_000,
} as const;

export interface PortChoice {
  /** False: every port is a free one, so that several devnets can run side by side. */
  readonly useReference: boolean;
  readonly chain?: number;
  readonly p2p?: number;
  readonly registry?: number;
  readonly gateway?: number;
  readonly http?: number;
  readonly ws?: number;
}

/** Chosen ports for the first node of each kind, free ones for the rest. */
export async function choosePorts(shape: DevnetShape, choice: PortChoice): Promise<DevnetPorts> {
  const first = choice.useReference ? { ...referencePorts, ...choice } : choice;
  const count = shape.validators + shape.gateways + shape.computeNodes;
  const free = await freePorts(1 + count + shape.validators + 3 * shape.gateways);
  const take = (wanted: number, ownFirst: number | undefined): number[] => {
    const taken = free.splice(0, wanted);
    return ownFirst === undefined ? taken : [ownFirst, ...taken.slice(1)];
  };
  return {
    chain: take(1, first.chain)[0] ?? 0,
    p2p: take(count, first.p2p),
    registry: take(shape.validators, first.registry),
    gateway: take(shape.gateways, first.gateway),
    http: take(shape.gateways, first.http),
    ws: take(shape.gateways, first.ws),
  };
}
