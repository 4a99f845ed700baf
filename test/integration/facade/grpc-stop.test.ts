import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { silentLogger } from "../../../src/base/index.ts";
import type { Front } from "../../../src/facade/front/index.ts";
import { type GrpcServer, startGrpcServer } from "../../../src/facade/grpc/index.ts";
import { operation } from "../../../src/operations/index.ts";
import { GrpcClient } from "../../../src/wire/grpc-client.ts";
import { nodeService } from "../../../src/wire/index.ts";
import { openFront } from "../../support/open-front.ts";

describe("a gRPC server that is stopped", () => {
  const calling = new AbortController();
  let server: GrpcServer;
  let front: Front;
  let way: Server;
  let client: GrpcClient;
  let sockets: Socket[];

  beforeEach(async () => {
    front = openFront();
    const untilAborted = async function* (signal: AbortSignal) {
      yield { request_id: "first" };
      await once(signal, "abort");
    };
    server = await startGrpcServer({
      listen: "127.0.0.1:0",
      operations: [
        operation(
          nodeService.ListTasks,
          { access: "open", group: "node", limit: "read" },
          (message) => message,
          (_, { signal }) => untilAborted(signal),
        ),
      ],
      front,
      logger: silentLogger,
    });
    sockets = [];
    way = createServer((near) => {
      const far = connect(server.port, "127.0.0.1");
      near.pipe(far);
      far.pipe(near);
      sockets.push(near, far);
      for (const socket of [near, far]) socket.on("error", () => {});
    }).listen(0, "127.0.0.1");
    await once(way, "listening");
    client = new GrpcClient(`127.0.0.1:${(way.address() as AddressInfo).port}`);
  });

  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    client.close();
    way.close();
  });

  it("does not wait for a client that has gone without a word once its time is over", async () => {
    const tasks = client.stream(nodeService.ListTasks, {}, { signal: calling.signal });
    assert.equal((await tasks.next()).value?.request_id, "first");
    // From here on neither side hears of the other: no end, no reset.
    for (const socket of sockets) socket.unpipe().pause();
    const drain = new AbortController();
    front.stop();
    const stopped = server.stop(drain.signal);
    drain.abort();
    await stopped;
    await assert.rejects(once(connect(server.port, "127.0.0.1"), "connect"), { code: "ECONNREFUSED" });
    tasks.next().catch(() => {});
  });
});
