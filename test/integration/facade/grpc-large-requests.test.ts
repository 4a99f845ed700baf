import assert from "node:assert/strict";
import { silentLogger } from "../../../src/base/index.ts";
import { type GrpcServer, startGrpcServer } from "../../../src/facade/grpc/index.ts";
import { operation } from "../../../src/operations/index.ts";
import { GrpcClient } from "../../../src/wire/grpc-client.ts";
import { type CreateSubnetRequest, registryService } from "../../../src/wire/index.ts";
import { openFront } from "../../support/open-front.ts";

describe("a large request over gRPC", () => {
  const calling = new AbortController();
  let server: GrpcServer;
  let client: GrpcClient;
  let models: number[];

  beforeEach(async () => {
    models = [];
    server = await startGrpcServer({
      listen: "127.0.0.1:0",
      operations: [
        operation(
          registryService.CreateSubnet,
          { access: "open", group: "registry", limit: "act" },
          (message) => message as CreateSubnetRequest.$Properties,
          async (request) => {
            models.push(request.models?.length ?? 0);
            return { success: true };
          },
        ),
      ],
      front: openFront(),
      logger: silentLogger,
    });
    client = new GrpcClient(`127.0.0.1:${server.port}`);
  });

  afterEach(async () => {
    client.close();
    await server.stop(AbortSignal.abort());
  });

  const create = (count: number, more: object = {}) => {
    const request = { models: Array.from({ length: count }, () => ({})), ...more };
    return client.call(registryService.CreateSubnet, request, { signal: calling.signal });
  };

  it("is taken as it is", async () => {
    await create(3, { fee_quote_id: "q".repeat(100_000) });
    await create(30_000);
    assert.deepEqual(models, [3, 30_000]);
  });

  it("with more nested messages than any has is refused before they are made", async () => {
    await assert.rejects(
      create(40_000),
      /TOO_LARGE.*at most 65536 list entries and nested messages together/,
    );
    assert.deepEqual(models, []);
  });
});
