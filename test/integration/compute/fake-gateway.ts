import { EventEmitter, once } from "node:events";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServerWritableStream,
  type status,
} from "@grpc/grpc-js";
import type { Genesis } from "../../../src/base/index.ts";
import { isSignedCall, parseCallSignature } from "../../../src/chain/index.ts";
import {
  gatewayComputeService,
  type HeartbeatRequest,
  InferenceRequest,
  type InferenceResponse,
  type NodeInfo,
} from "../../../src/wire/index.ts";

/** A request with its bytes as they came, to check the signature over them. */
interface Received<T> {
  readonly bytes: Buffer;
  readonly message: T;
}

export interface Refusal {
  readonly code: status;
  readonly details: string;
}

/** A gateway's compute side on a real port: it writes down what it hears and answers what the test says. */
export class FakeGateway {
  readonly registrations: NodeInfo[] = [];
  readonly heartbeats: HeartbeatRequest[] = [];
  readonly responses: InferenceResponse[] = [];
  readonly badSignatures: string[] = [];
  onSubmit: (response: InferenceResponse) => Refusal | undefined | Promise<undefined> = () => undefined;
  onHeartbeat: (heartbeat: HeartbeatRequest) => Refusal | undefined = () => undefined;
  port = 0;
  readonly #genesis: Genesis;
  readonly #wallet: string;
  readonly #events = new EventEmitter();
  readonly #streams = new Set<ServerWritableStream<unknown, unknown>>();
  #server: Server | undefined;

  constructor(genesis: Genesis, wallet: string) {
    this.#genesis = genesis;
    this.#wallet = wallet;
    this.#events.setMaxListeners(0);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  get finals(): InferenceResponse[] {
    return this.responses.filter((response) => response.status !== "processing");
  }

  get connectedNodes(): number {
    return this.#streams.size;
  }

  /** Listens, on the port of before when it was up already. */
  async start(): Promise<void> {
    const server = new Server();
    const definitions = Object.fromEntries(
      Object.entries(gatewayComputeService).map(([name, method]) => [
        name,
        {
          ...method,
          requestDeserialize: (bytes: Buffer) => ({ bytes, message: method.requestDeserialize(bytes) }),
        },
      ]),
    );
    const ack = { success: true, message: "" };
    server.addService(definitions as never, {
      RegisterComputeNode: this.#unary<NodeInfo>("RegisterComputeNode", (node) => {
        this.registrations.push(node);
        return ack;
      }),
      UpdateHeartbeat: this.#unary<HeartbeatRequest>("UpdateHeartbeat", (heartbeat) => {
        this.heartbeats.push(heartbeat);
        return this.onHeartbeat(heartbeat) ?? ack;
      }),
      SubmitResult: this.#unary<InferenceResponse>("SubmitResult", async (response) => {
        this.responses.push(response);
        return (await this.onSubmit(response)) ?? ack;
      }),
      GetTask: this.#unary("GetTask", () => new InferenceRequest()),
      ReceiveTask: ((call) => {
        this.#check("ReceiveTask", call.metadata, call.request as Received<unknown>);
        this.#streams.add(call);
        call.on("close", () => this.#streams.delete(call));
        call.sendMetadata(new Metadata());
        this.#events.emit("change");
      }) satisfies handleServerStreamingCall<unknown, unknown>,
    });
    this.port = await new Promise<number>((resolve, reject) =>
      server.bindAsync(`127.0.0.1:${this.port}`, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      ),
    );
    this.#server = server;
  }

  /** As if the process died. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#streams.clear();
  }

  /** Hands a task to every connected node. */
  give(task: InferenceRequest.$Properties): void {
    for (const stream of this.#streams) stream.write(task);
  }

  /** Resolves once the condition holds; looked at after every call that comes in. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#events, "change");
  }

  #unary<T>(
    operation: string,
    answer: (message: T) => object | Promise<object>,
  ): handleUnaryCall<unknown, unknown> {
    return async (call, respond) => {
      const request = call.request as Received<T>;
      this.#check(operation, call.metadata, request);
      const reply = await answer(request.message);
      if ("code" in reply) respond(reply as Refusal);
      else respond(null, reply);
      this.#events.emit("change");
    };
  }

  #check(operation: string, metadata: Metadata, { bytes }: Received<unknown>): void {
    const signature = parseCallSignature((name) => metadata.get(name)[0]?.toString());
    const isGood =
      signature !== undefined &&
      !("badHeader" in signature) &&
      signature.address === this.#wallet &&
      isSignedCall(this.#genesis, signature, operation, bytes);
    if (!isGood) this.badSignatures.push(operation);
  }
}
