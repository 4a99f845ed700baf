import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { Client, credentials, type MethodDefinition, Server, ServerCredentials } from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";
import { service as healthService } from "grpc-health-check";
import { addHealthAndReflection, type Health } from "../../../src/facade/grpc/index.ts";

type Message = Record<string, unknown>;
type Method = MethodDefinition<Message, Message>;

const reflectionProto = fileURLToPath(
  new URL("../proto/grpc/reflection/v1/reflection.proto", import.meta.resolve("@grpc/reflection")),
);

describe("health and reflection", () => {
  let server: Server;
  let client: Client;
  let health: Health;

  beforeEach(async () => {
    server = new Server();
    health = addHealthAndReflection(server, ["GatewayClientService"]);
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  });

  afterEach(() => {
    client.close();
    server.forceShutdown();
  });

  const check = (service: string): Promise<Message> =>
    new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = (
        healthService as unknown as Record<"Check", Method>
      ).Check;
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { service }, (error, answer) =>
        error === null ? resolve(answer as Message) : reject(error),
      );
    });

  it("tells of its health what was set before and after the first call", async () => {
    assert.deepEqual(await check(""), { status: "NOT_SERVING" });
    health.set(true);
    assert.deepEqual(await check("GatewayClientService"), { status: "SERVING" });
  });

  it("knows no health of services that it does not serve", async () => {
    await assert.rejects(check("Other"), { code: 5 });
  });

  it("sends watchers each change", async () => {
    const { path, requestSerialize, responseDeserialize } = (
      healthService as unknown as Record<"Watch", Method>
    ).Watch;
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: "" });
    const messages = call[Symbol.asyncIterator]() as unknown as AsyncIterator<Message>;
    assert.deepEqual((await messages.next()).value, { status: "NOT_SERVING" });
    health.set(true);
    assert.deepEqual((await messages.next()).value, { status: "SERVING" });
    call.on("error", () => {});
    call.cancel();
  });

  it("lists the services and describes their symbols", async () => {
    const method = reflectionMethod();
    const call = client.makeBidiStreamRequest(
      "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
      method.requestSerialize,
      method.responseDeserialize,
    );
    const messages = call[Symbol.asyncIterator]() as unknown as AsyncIterator<{
      list_services_response: { service: { name: string }[] } | null;
      file_descriptor_response: { file_descriptor_proto: Buffer[] } | null;
    }>;
    call.write({ list_services: "*" });
    const listed = (await messages.next()).value?.list_services_response?.service;
    assert.deepEqual(listed?.map((service: { name: string }) => service.name).sort(), [
      "GatewayClientService",
      "grpc.health.v1.Health",
    ]);
    call.write({ file_containing_symbol: "GatewayClientService" });
    const files = (await messages.next()).value?.file_descriptor_response?.file_descriptor_proto;
    assert.ok(files?.some((file: Buffer) => file.includes("SubmitInferenceTask")));
    call.end();
  });
});

function reflectionMethod(): Method {
  const loaded = protoLoader.loadSync(reflectionProto, { keepCase: true });
  const service = loaded["grpc.reflection.v1.ServerReflection"] as Record<string, Method>;
  return service["ServerReflectionInfo"] as Method;
}
