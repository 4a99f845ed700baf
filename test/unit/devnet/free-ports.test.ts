import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { freePorts, holdBlock } from "../../../src/devnet/free-ports.ts";

describe("Free ports", () => {
  const listening = async (port: number) => {
    const server = createServer().listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };

  it("are all different, can be listened on, and are none that a kernel picks", async () => {
    const ports = [...(await freePorts(100)), ...(await freePorts(1))];
    assert.equal(new Set(ports).size, 101);
    for (const port of ports) {
      assert.ok(port < 32_768, `${port}`);
      (await listening(port)).close();
    }
  });

  it("of a block that is held are given to nobody else, even while nobody listens on them", async () => {
    const first = new Set(await holdBlock(7));
    assert.ok(first.size > 0);
    assert.deepEqual(
      (await holdBlock(7)).filter((port) => first.has(port)),
      [],
    );
  });

  it("leave out what another program listens on", async () => {
    const [port = 0] = await holdBlock(40);
    const blockSize = 64;
    for (let further = 1; ; further++) {
      const taken = port + further * blockSize;
      const server = await listening(taken).catch(() => undefined);
      // Another test's, perhaps.
      if (server === undefined) continue;
      const ports = await holdBlock(40 + further);
      server.close();
      assert.ok(ports.length > 0 && !ports.includes(taken));
      break;
    }
  });
});
