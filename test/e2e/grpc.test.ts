import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import {
  type Ack,
  type AnyMethod,
  gatewayClientService,
  gatewayComputeService,
  nodeService,
  registryService,
} from "../../src/wire/index.ts";
import { TestDevnet } from "../support/devnet.ts";

const ports = {
  "gateway-1": { ...gatewayClientService, ...gatewayComputeService, ...nodeService },
  "validator-1": { ...registryService, ...nodeService },
} as const satisfies Record<string, Record<string, AnyMethod>>;
const servedAt = {
  "gateway-1": ["GatewayClientService", "GatewayComputeService", "countersign.v1.NodeService"],
  "validator-1": ["P2PRegistryService", "countersign.v1.NodeService"],
};
const methods = Object.entries(ports).flatMap(([node, table]) =>
  Object.entries(table as Record<string, AnyMethod>).map(([name, method]) => ({ node, name, method })),
);
/** Field 1 with a length that the message does not have: no protobuf message at all. */
const garbage = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x0f, 0x01]);
const deadlineMs = 30_000;

describe("gRPC of a devnet", function () {
  this.timeout(300_000);
  let net: TestDevnet;
  const connections: Client[] = [];

  before(async () => {
    net = await TestDevnet.start({ withChain: false });
  });
  after(async () => {
    for (const connection of connections) connection.close();
    await net?.stop();
  });

  const connect = (node: string): Client => {
    const connection = new Client(net.addressOf(node), credentials.createInsecure());
    connections.push(connection);
    return connection;
  };

  /** A call with these very bytes; its status code. */
  const codeOf = (node: string, method: AnyMethod, bytes: Buffer, headers: Record<string, string> = {}) => {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
    const connection = connect(node);
    const deadline = { deadline: Date.now() + deadlineMs };
    const same = (buffer: Buffer): Buffer => buffer;
    return new Promise<number>((resolve) => {
      if (method.responseStream) {
        const stream = connection.makeServerStreamRequest(method.path, same, same, bytes, metadata, deadline);
        stream.on("data", () => {});
        stream.on("error", () => {});
        stream.on("status", ({ code }) => resolve(code));
      } else {
        connection.makeUnaryRequest(method.path, same, same, bytes, metadata, deadline, (error) =>
          resolve(error?.code ?? status.OK),
        );
      }
    });
  };

  const failsWith = async (code: number, work: Promise<unknown>): Promise<string> => {
    try {
      await work;
    } catch (error) {
      assert.equal((error as ServiceError).code, code, (error as Error).message);
      return (error as ServiceError).details;
    }
    assert.fail("the call did not fail");
  };

  for (const [node, services] of Object.entries(servedAt)) {
    it(`${node} tells its health, whole and by service`, async () => {
      const health = await import("grpc-health-check");
      const { Check } = health.service;
      assert.ok(Check);
      for (const service of ["", ...services]) {
        const answer = await new Promise<{ status: string }>((resolve, reject) => {
          connect(node).makeUnaryRequest(
            Check.path,
            Check.requestSerialize,
            Check.responseDeserialize as (bytes: Buffer) => { status: string },
            { service },
            (error, value) => (error === null && value !== undefined ? resolve(value) : reject(error)),
          );
        });
        assert.equal(answer.status, "SERVING", service);
      }
    });

    for (const version of ["v1", "v1alpha"]) {
      it(`${node} lists and describes its services by reflection ${version}`, async () => {
        const listed = (await reflect(connect(node), version, { list_services: "" })) as {
          list_services_response: { service: { name: string }[] };
        };
        const names = listed.list_services_response.service.map(({ name }) => name);
        for (const service of [...services, "grpc.health.v1.Health"])
          assert.ok(names.includes(service), service);
        for (const service of services) {
          const described = (await reflect(connect(node), version, { file_containing_symbol: service })) as {
            file_descriptor_response?: { file_descriptor_proto: Buffer[] };
          };
          assert.notEqual(described.file_descriptor_response?.file_descriptor_proto.length ?? 0, 0, service);
        }
      });
    }
  }

  it("answers garbage with INVALID_ARGUMENT, at every RPC", async () => {
    const codes = await Promise.all(methods.map(({ node, method }) => codeOf(node, method, garbage)));
    const wrong = methods.filter((_, index) => codes[index] !== status.INVALID_ARGUMENT);
    assert.deepEqual(
      wrong.map(({ node, name }) => `${node} ${name}`),
      [],
    );
  });

  it("answers an empty message at every RPC, and never with INTERNAL or UNKNOWN", async () => {
    const codes = await Promise.all(methods.map(({ node, method }) => codeOf(node, method, Buffer.alloc(0))));
    const bad: number[] = [status.INTERNAL, status.UNKNOWN, status.DEADLINE_EXCEEDED, status.UNIMPLEMENTED];
    assert.deepEqual(
      methods.filter((_, index) => bad.includes(codes[index] ?? -1)).map(({ name }) => name),
      [],
    );
  });

  it("refuses unsigned calls of compute nodes as UNAUTHENTICATED", async () => {
    const info = { node_id: "stranger", wallet_address: net.client, node_type: "compute" };
    const beat = { node_id: "stranger", timestamp: 1 };
    const requests: [AnyMethod, object][] = [
      [gatewayComputeService.RegisterComputeNode, info],
      [gatewayComputeService.UpdateHeartbeat, beat],
      [gatewayComputeService.ReceiveTask, info],
      [gatewayComputeService.GetTask, { id: "x" }],
      [gatewayComputeService.SubmitResult, { request_id: "x", model_uuid: "m", status: "processing" }],
    ];
    for (const [method, request] of requests) {
      const bytes = method.requestSerialize(request as never);
      assert.equal(await codeOf("gateway-1", method, bytes), status.UNAUTHENTICATED, method.path);
    }
  });

  it("refuses a replayed call, also after a restart", async () => {
    const method = gatewayClientService.CancelTask;
    await net.terms("replayed");
    const bytes = method.requestSerialize({ id: "nothing" } as never);
    const headers = await net.headers("CancelTask", bytes);
    assert.equal(await codeOf("gateway-1", method, bytes, headers), status.NOT_FOUND);
    assert.equal(await codeOf("gateway-1", method, bytes, headers), status.UNAUTHENTICATED);
    await net.kill("gateway-1");
    await net.bringBack("gateway-1");
    assert.equal(await codeOf("gateway-1", method, bytes, headers), status.UNAUTHENTICATED);
  });

  it("gives the same request its task again, and other content ALREADY_EXISTS", async () => {
    const first = await net.terms("twice");
    await net.reached("twice", "settled");
    const again = await net.submit("twice");
    assert.deepEqual(
      { id: again.request_id, status: again.status, terms: again.preprocessing_validation },
      { id: first.request_id, status: "completed", terms: first.preprocessing_validation },
    );
    const details = await failsWith(
      status.ALREADY_EXISTS,
      net.submit("twice", { input_data: JSON.stringify({ prompt: "Other" }) }),
    );
    assert.match(details, /request_id: "twice" was used for another request/);
  });

  it("ends the stream of a cancelled task with CANCELLED", async () => {
    net.freeze("compute-1");
    await net.terms("cancelled");
    const stream = net
      .at("gateway-1")
      .stream(gatewayClientService.SubscribeToTaskUpdates, { id: `${net.client}/cancelled` }, net.unsigned);
    const first = await stream.next();
    assert.equal(first.done, false);
    const ended = failsWith(status.CANCELLED, Array.fromAsync(stream));
    const ack: Ack = await net
      .at("gateway-1")
      .call(gatewayClientService.CancelTask, { id: `${net.client}/cancelled` }, net.signed);
    assert.equal(ack.success, true);
    assert.match(await ended, /^CANCELLED/);
    net.thaw("compute-1");
    const after = await net.status("cancelled");
    assert.equal(after.status, "failed");
    assert.match(after.error_message, /^CANCELLED/);
  });

  it("lets nobody else cancel a wallet's task", async () => {
    net.freeze("compute-1");
    await net.terms("not-yours");
    const id = `${net.client}/not-yours`;
    await failsWith(
      status.UNAUTHENTICATED,
      net.at("gateway-1").call(gatewayClientService.CancelTask, { id }, net.unsigned),
    );
    net.thaw("compute-1");
    await net.reached("not-yours", "settled");
  });
});

/** One question to the reflection service. */
function reflect(connection: Client, version: string, question: object): Promise<unknown> {
  const file = fileURLToPath(
    import.meta.resolve(`@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`),
  );
  const definition = protoLoader.loadSync(file, { keepCase: true, defaults: false });
  const service = definition[`grpc.reflection.${version}.ServerReflection`] as Record<
    string,
    {
      path: string;
      requestSerialize: (value: object) => Buffer;
      responseDeserialize: (bytes: Buffer) => object;
    }
  >;
  const method = service["ServerReflectionInfo"];
  if (method === undefined) throw new Error("no reflection in the proto file");
  return new Promise((resolve, reject) => {
    const call = connection.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      new Metadata(),
      { deadline: Date.now() + deadlineMs },
    );
    call.on("data", (answer) => {
      resolve(answer);
      call.end();
    });
    call.on("error", reject);
    call.write(question);
  });
}
