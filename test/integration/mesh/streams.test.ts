import assert from "node:assert/strict";
import type { Connection } from "@libp2p/interface";
import { CountersignError, utf8 } from "../../../src/base/index.ts";
import { encodeFrame } from "../../../src/mesh/frames.ts";
import { createPeerKey, type Libp2pMesh, protocolId } from "../../../src/mesh/index.ts";
import { dial, eventually, network, peerJoins, soon, TestNetwork } from "./network.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const options = { maxRequestBytes: 1_000, framesPerSecond: 1_000 };

function echo(mesh: Libp2pMesh): void {
  mesh.answer("sync", options, async (_peerId, data) => data);
}

const ask = (from: Libp2pMesh, to: Libp2pMesh, question: string, maxResponseBytes = 1_000) =>
  from.request(to.peerId, "sync", utf8(question), { signal: soon(), maxResponseBytes }).then(text);

describe("requests", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  async function pair(): Promise<[Libp2pMesh, Libp2pMesh]> {
    const server = await net.node();
    const client = await net.node({ bootstrap: server.addresses() });
    await peerJoins(client, server.peerId);
    return [server, client];
  }

  it("bring the answer back", async () => {
    const [server, client] = await pair();
    server.answer("sync", options, async (peerId, data) => utf8(`${text(data)} from ${peerId}`));
    assert.equal(await ask(client, server, "hello"), `hello from ${client.peerId}`);
  });

  it("are answered many at a time, each with its own", async () => {
    const [server, client] = await pair();
    echo(server);
    const questions = [...Array(50)].map((_, index) => `question ${index}`);
    assert.deepEqual(
      await Promise.all(questions.map((question) => ask(client, server, question))),
      questions,
    );
  });

  it("carry an error's code, and keep a bug's message at home", async () => {
    const [server, client] = await pair();
    server.answer("sync", options, async (_peerId, data) => {
      if (text(data) === "bug") throw new Error("secret path /home/x");
      throw new CountersignError("NOT_FOUND", "no such record");
    });
    await assert.rejects(ask(client, server, "record"), { code: "NOT_FOUND", message: "no such record" });
    await assert.rejects(ask(client, server, "bug"), (error: unknown) => {
      return (
        error instanceof CountersignError && error.code === "INTERNAL" && !error.message.includes("secret")
      );
    });
  });

  it("refuse an answer past the bound that was asked for", async () => {
    const [server, client] = await pair();
    server.answer("sync", options, async () => new Uint8Array(5_000));
    await assert.rejects(ask(client, server, "much", 4_999), { code: "TOO_LARGE" });
    assert.equal((await ask(client, server, "much", 5_000)).length, 5_000);
  });

  it("to a peer that nobody knows are unavailable", async () => {
    const [, client] = await pair();
    const stranger = await net.node({ network: "other-89abcdef" });
    await assert.rejects(ask(client, stranger, "hello"), { code: "UNAVAILABLE" });
  });

  it("end when their signal says so", async () => {
    const [server, client] = await pair();
    const asked = Promise.withResolvers<void>();
    server.answer("sync", options, () => {
      asked.resolve();
      return new Promise(() => {});
    });
    const abort = new AbortController();
    const answer = client.request(server.peerId, "sync", utf8("x"), {
      signal: abort.signal,
      maxResponseBytes: 10,
    });
    await asked.promise;
    abort.abort(new Error("changed my mind"));
    await assert.rejects(answer, /changed my mind/);
  });
});

describe("a stranger on the stream protocols", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  async function scene() {
    const server = await net.node();
    const honest = await net.node({ bootstrap: server.addresses() });
    const raw = await net.rawPeer();
    await peerJoins(honest, server.peerId);
    const connection = await dial(raw, server);
    await peerJoins(server, raw.peerId.toString());
    return { server, honest, raw, connection };
  }

  const open = (connection: Connection) => connection.newStream(protocolId(network, "sync"));
  const isClosed = (connection: Connection) => () => connection.status !== "open";

  for (const [what, bytes] of [
    ["a frame over the bound", [0, ...encodeFrame(new Uint8Array(1_001))]],
    ["a length that never ends", [0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ["a huge length and nothing after it", [1, 0xff, 0xff, 0xff, 0x7f]],
  ] as const) {
    it(`is cut off for ${what}, and others are served on`, async () => {
      const { server, honest, raw, connection } = await scene();
      echo(server);
      server.acceptChannels("sync", options, () => {});
      (await open(connection)).send(Uint8Array.from(bytes));
      await eventually(isClosed(connection));
      assert.equal(server.counters().cutOff, 1);
      await assert.rejects(async () => {
        const again = await dial(raw, server);
        await open(again);
      });
      assert.equal(await ask(honest, server, "still there?"), "still there?");
    });
  }

  it("keeps its connection after a half frame", async () => {
    const { server, honest, connection } = await scene();
    echo(server);
    const stream = await open(connection);
    stream.send(Uint8Array.from([0, ...encodeFrame(new Uint8Array(100)).subarray(0, 50)]));
    await stream.close();
    await eventually(() => stream.status !== "open");
    assert.equal(await ask(honest, server, "hello"), "hello");
    assert.equal(connection.status, "open");
    assert.equal(server.counters().cutOff, 0);
  });

  it("that floods is slowed down to its rate while an honest peer is served", async () => {
    const { server, honest, raw, connection } = await scene();
    const framesBy = new Map<string, number>();
    const count = (peerId: string) => framesBy.set(peerId, (framesBy.get(peerId) ?? 0) + 1);
    server.answer("sync", { maxRequestBytes: 1_000, framesPerSecond: 20 }, async (_peerId, data) => data);
    server.acceptChannels("sync", { maxRequestBytes: 1_000, framesPerSecond: 20 }, count);
    const flood = await open(connection);
    flood.send(Uint8Array.of(1));
    for (let index = 0; index < 5_000; index++) flood.send(encodeFrame(new Uint8Array(500)));
    await eventually(() => (framesBy.get(raw.peerId.toString()) ?? 0) >= 20);
    assert.equal(await ask(honest, server, "me too?"), "me too?");
    assert.ok((framesBy.get(raw.peerId.toString()) ?? 0) < 1_000);
    assert.equal(connection.status, "open", "a peer that is merely fast is slowed down, not cut off");
  });
});

describe("channels", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  it("carry frames both ways in order", async () => {
    const server = await net.node();
    server.acceptChannels("cosign", options, (_peerId, frame, reply) => {
      reply(utf8(`re: ${text(frame)}`));
    });
    const client = await net.node({ bootstrap: server.addresses() });
    await peerJoins(client, server.peerId);
    const answers: string[] = [];
    const channel = client.channel(server.peerId, "cosign", (frame) => answers.push(text(frame)));
    const sent = [...Array(200)].map((_, index) => `frame ${index}`);
    for (const frame of sent) assert.equal(channel.send(utf8(frame)), true);
    await eventually(() => answers.length === sent.length);
    assert.deepEqual(
      answers,
      sent.map((frame) => `re: ${frame}`),
    );
  });

  it("are one per peer and protocol, and send nothing once closed", async () => {
    const server = await net.node();
    const client = await net.node({ bootstrap: server.addresses() });
    const channel = client.channel(server.peerId, "cosign", () => {});
    assert.equal(
      client.channel(server.peerId, "cosign", () => {}),
      channel,
    );
    channel.close();
    assert.equal(channel.send(utf8("late")), false);
    assert.notEqual(
      client.channel(server.peerId, "cosign", () => {}),
      channel,
    );
  });

  it("hold frames for a peer that is away, within bounds", async () => {
    const client = await net.node();
    const away = await net.node({ network: "other-89abcdef" });
    const channel = client.channel(away.peerId, "cosign", () => {});
    let held = 0;
    while (channel.send(new Uint8Array(10))) held++;
    assert.equal(held, 4_096);
  });

  it("survive the restart of a peer, with what was sent meanwhile", async () => {
    const privateKey = await createPeerKey();
    const first = await net.node({ privateKey });
    const received: string[] = [];
    const accept = (mesh: Libp2pMesh) =>
      mesh.acceptChannels("cosign", options, (_peerId, frame) => received.push(text(frame)));
    accept(first);
    const client = await net.node({ bootstrap: first.addresses() });
    const channel = client.channel(first.peerId, "cosign", () => {});
    channel.send(utf8("before"));
    await eventually(() => received.length === 1);
    const listen = first.addresses().map((address) => address.replace(/\/p2p\/.*/, ""));
    await first.stop();
    await eventually(() => client.peers().length === 0);
    assert.equal(channel.send(utf8("between")), true);
    accept(await net.node({ privateKey, listen }));
    await eventually(() => received.length === 2);
    channel.send(utf8("after"));
    await eventually(() => received.length === 3);
    assert.deepEqual(received, ["before", "between", "after"]);
  });
});
