import type { Reader, Writer } from "protobufjs/minimal.js";
import * as m from "./generated/messages.js";

interface MessageType<T> {
  encode(message: never, writer?: Writer): Writer;
  decode(reader: Reader | Uint8Array, length?: number): T;
}

/** One RPC as gRPC needs it; the shape is that of grpc-js' `MethodDefinition`. */
export interface Method<Request = unknown, Response = unknown> {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: Request) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (message: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

/** Any RPC, where the messages' types do not matter. */
export interface AnyMethod {
  readonly path: string;
  readonly requestStream: false;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (message: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

export type Unary<Request, Response> = Method<Request, Response> & { readonly responseStream: false };
export type Streamed<Request, Response> = Method<Request, Response> & { readonly responseStream: true };

const nodePackage = m.countersign.v1;

/** gRPC wants Node.js buffers; protobufjs' writer on Node.js makes them, typed as plain arrays. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function method<Req, Res, S extends boolean>(
  path: string,
  request: MessageType<Req>,
  response: MessageType<Res>,
  responseStream: S,
): Method<Req, Res> & { readonly responseStream: S } {
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: (message) => bufferOf(request.encode(message as never).finish()),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => bufferOf(response.encode(message as never).finish()),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

const unary = <Req, Res>(
  path: string,
  request: MessageType<Req>,
  response: MessageType<Res>,
): Unary<Req, Res> => method(path, request, response, false);
const streamed = <Req, Res>(
  path: string,
  request: MessageType<Req>,
  response: MessageType<Res>,
): Streamed<Req, Res> => method(path, request, response, true);

export const gatewayClientService = {
  SubmitInferenceTask: unary(
    "/GatewayClientService/SubmitInferenceTask",
    m.InferenceRequest,
    m.InferenceTaskStatus,
  ),
  SubscribeToTaskUpdates: streamed(
    "/GatewayClientService/SubscribeToTaskUpdates",
    m.TaskID,
    m.InferenceResponse,
  ),
  GetTaskStatus: unary("/GatewayClientService/GetTaskStatus", m.TaskID, m.InferenceTaskStatus),
  CancelTask: unary("/GatewayClientService/CancelTask", m.TaskID, m.Ack),
  ConfirmPayment: unary("/GatewayClientService/ConfirmPayment", m.TransactionConfirmation, m.Ack),
  GetSupportedModels: streamed("/GatewayClientService/GetSupportedModels", m.Empty, m.ModelInfo),
} as const;

export const gatewayComputeService = {
  RegisterComputeNode: unary("/GatewayComputeService/RegisterComputeNode", m.NodeInfo, m.Ack),
  UpdateHeartbeat: unary("/GatewayComputeService/UpdateHeartbeat", m.HeartbeatRequest, m.Ack),
  ReceiveTask: streamed("/GatewayComputeService/ReceiveTask", m.NodeInfo, m.InferenceRequest),
  SubmitResult: unary("/GatewayComputeService/SubmitResult", m.InferenceResponse, m.Ack),
  GetTask: unary("/GatewayComputeService/GetTask", m.TaskID, m.InferenceRequest),
} as const;

export const registryService = {
  RegisterNode: unary("/P2PRegistryService/RegisterNode", m.NodeInfo, m.Ack),
  UpdateNodeHeartbeat: unary("/P2PRegistryService/UpdateNodeHeartbeat", m.UpdateNodeHeartbeatRequest, m.Ack),
  DeregisterNode: unary("/P2PRegistryService/DeregisterNode", m.WalletAddress, m.Ack),
  DiscoverNodes: streamed("/P2PRegistryService/DiscoverNodes", m.DiscoverNodesRequest, m.NodeInfo),
  RequestPreprocessingValidation: unary(
    "/P2PRegistryService/RequestPreprocessingValidation",
    m.InferenceRequest,
    m.PreprocessingValidation,
  ),
  RequestCompletionValidation: unary(
    "/P2PRegistryService/RequestCompletionValidation",
    m.InferenceResponse,
    m.CompletionValidation,
  ),
  EstimateSubnetFee: unary(
    "/P2PRegistryService/EstimateSubnetFee",
    m.EstimateSubnetFeeRequest,
    m.EstimateSubnetFeeResponse,
  ),
  CreateSubnet: unary("/P2PRegistryService/CreateSubnet", m.CreateSubnetRequest, m.CreateSubnetResponse),
  GetSubnet: unary("/P2PRegistryService/GetSubnet", m.GetSubnetRequest, m.GetSubnetResponse),
  ListSubnets: streamed("/P2PRegistryService/ListSubnets", m.Empty, m.SubnetMetadata),
  RegisterValidator: unary(
    "/P2PRegistryService/RegisterValidator",
    m.RegisterValidatorRequest,
    m.RegisterValidatorResponse,
  ),
  UnregisterValidator: unary("/P2PRegistryService/UnregisterValidator", m.UnregisterValidatorRequest, m.Ack),
  GetValidatorInfo: unary(
    "/P2PRegistryService/GetValidatorInfo",
    m.ValidatorAddressRequest,
    m.ValidatorInfoResponse,
  ),
  ListValidators: streamed(
    "/P2PRegistryService/ListValidators",
    m.ListValidatorsRequest,
    m.ValidatorInfoMessage,
  ),
} as const;

export const nodeService = {
  GetNodeStatus: unary(
    "/countersign.v1.NodeService/GetNodeStatus",
    nodePackage.GetNodeStatusRequest,
    nodePackage.NodeStatus,
  ),
  ListTasks: streamed(
    "/countersign.v1.NodeService/ListTasks",
    nodePackage.ListTasksRequest,
    nodePackage.TaskSummary,
  ),
  GetSyncStatus: unary(
    "/countersign.v1.NodeService/GetSyncStatus",
    nodePackage.GetSyncStatusRequest,
    nodePackage.SyncStatus,
  ),
  ListPeers: streamed(
    "/countersign.v1.NodeService/ListPeers",
    nodePackage.ListPeersRequest,
    nodePackage.PeerStatus,
  ),
} as const;

export const messageService = {
  AccountWeight: unary(
    "/countersign.v1.MessageService/AccountWeight",
    nodePackage.AccountWeight,
    nodePackage.AccountWeightResponse,
  ),
  IsAlive: unary("/countersign.v1.MessageService/IsAlive", nodePackage.IsAlive, nodePackage.IsAlive),
} as const;
