import assert from "node:assert/strict";
import { memory } from "@libp2p/memory";
import { utf8 } from "../../../src/base/index.ts";
import {
  createPeerKey,
  type GossipMessage,
  type Libp2pMesh,
  maxTopicBytes,
} from "../../../src/mesh/index.ts";
import { dial, eventually, gossipReady, peerJoins, TestNetwork } from "./network.ts";

function inbox(mesh: Libp2pMesh, verdict: "accept" | "ignore" | "reject" = "accept") {
  const messages: GossipMessage[] = [];
  mesh.subscribe("records", async (message) => {
    messages.push(message);
    return verdict;
  });
  return messages;
}

const texts = (messages: readonly GossipMessage[]) =>
  messages.map(({ data }) => Buffer.from(data).toString());

describe("gossip between nodes", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  it("reaches everybody with its author's name", async () => {
    const first = await net.node();
    const others = await Promise.all([1, 2, 3].map(() => net.node({ bootstrap: first.addresses() })));
    const nodes = [first, ...others];
    const inboxes = nodes.map((node) => inbox(node));
    await gossipReady(nodes, "records");
    assert.ok((await first.publish("records", utf8("news"))) > 0);
    await eventually(() => inboxes.slice(1).every((messages) => messages.length === 1));
    for (const messages of inboxes.slice(1)) {
      assert.deepEqual(texts(messages), ["news"]);
      assert.equal(messages[0]?.author, first.peerId);
    }
    assert.deepEqual(inboxes[0], []);
  });

  it("works over the transport in memory, which the simulator uses", async () => {
    const first = await net.node({ listen: ["/memory/gossip-a"], transport: memory() });
    const second = await net.node({
      listen: ["/memory/gossip-b"],
      transport: memory(),
      bootstrap: first.addresses(),
    });
    const messages = inbox(second);
    inbox(first);
    await gossipReady([first, second], "records");
    await first.publish("records", utf8("hello"));
    await eventually(() => messages.length === 1);
    assert.deepEqual(texts(messages), ["hello"]);
  });

  it("costs the sender score when rejected, none when ignored, and never the connection", async () => {
    const sender = await net.node();
    const strict = await net.node({ bootstrap: sender.addresses() });
    const lax = await net.node({ bootstrap: sender.addresses() });
    inbox(sender);
    const rejected = inbox(strict, "reject");
    const ignored = inbox(lax, "ignore");
    await gossipReady([sender, strict, lax], "records");
    await sender.publish("records", utf8("dubious"));
    await eventually(() => rejected.length === 1 && ignored.length === 1);
    const scoreAt = (mesh: Libp2pMesh) => mesh.peers().find((peer) => peer.peerId === sender.peerId)?.score;
    await eventually(() => (scoreAt(strict) ?? 0) < 0);
    assert.ok((scoreAt(lax) ?? -1) >= 0);
    assert.ok(strict.peers().some((peer) => peer.peerId === sender.peerId));
  });

  it("that is rejected or ignored is not passed on", async () => {
    // A line: the ends know only the middle, since the middle keeps its peers' addresses to itself by wanting no more.
    const middle = await net.node();
    const left = await net.node({ bootstrap: middle.addresses(), wantedPeers: 1 });
    const right = await net.node({ bootstrap: middle.addresses(), wantedPeers: 1 });
    inbox(left);
    const atRight = inbox(right);
    middle.subscribe("records", ({ data }) =>
      Buffer.from(data).toString() === "good" ? "accept" : "ignore",
    );
    await eventually(() => middle.topics()[1]?.mesh === 2);
    await left.publish("records", utf8("bad"));
    await left.publish("records", utf8("good"));
    await eventually(() => atRight.length > 0);
    assert.deepEqual(texts(atRight), ["good"]);
  });

  it("that is parked is passed on once what it is about is known, and holds up nothing meanwhile", async () => {
    const middle = await net.node();
    const left = await net.node({ bootstrap: middle.addresses(), wantedPeers: 1 });
    const right = await net.node({ bootstrap: middle.addresses(), wantedPeers: 1 });
    inbox(left);
    const atRight = inbox(right);
    const known = Promise.withResolvers<"accept">();
    middle.subscribe("records", ({ data }) =>
      Buffer.from(data).toString() === "early" ? { parked: known.promise } : "accept",
    );
    await eventually(() => middle.topics()[1]?.mesh === 2);
    await left.publish("records", utf8("early"));
    await left.publish("records", utf8("later"));
    await eventually(() => atRight.length > 0);
    assert.deepEqual(texts(atRight), ["later"]);
    known.resolve("accept");
    await eventually(() => atRight.length > 1);
    assert.deepEqual(texts(atRight), ["later", "early"]);
  });

  it("over the topic's size is refused where it is made, and rejected where it arrives", async () => {
    const node = await net.node();
    const messages = inbox(node);
    const large = new Uint8Array(maxTopicBytes.records + 1);
    await assert.rejects(node.publish("records", large), { code: "TOO_LARGE" });
    const raw = await net.rawPeer();
    await dial(raw, node);
    const topic = "/countersign/test-01234567/records/1";
    raw.services.pubsub.subscribe(topic);
    await eventually(() => node.topics()[1]?.mesh === 1);
    await raw.services.pubsub.publish(topic, large);
    await eventually(() => (node.peers()[0]?.score ?? 0) < 0);
    assert.deepEqual(messages, []);
  });

  it("whose handler fails is ignored and costs the sender nothing", async () => {
    const sender = await net.node();
    const broken = await net.node({ bootstrap: sender.addresses() });
    inbox(sender);
    let calls = 0;
    broken.subscribe("records", () => {
      calls++;
      throw new Error("a bug of ours");
    });
    await gossipReady([sender, broken], "records");
    await sender.publish("records", utf8("one"));
    await sender.publish("records", utf8("two"));
    await eventually(() => calls === 2);
    assert.ok((broken.peers()[0]?.score ?? -1) >= 0);
  });

  it("comes back between nodes whose streams were lost on a connection that lived on", async () => {
    const node = await net.node({ gossip: { heartbeatMs: 100 } });
    const messages = inbox(node);
    const raw = await net.rawPeer();
    const connection = await dial(raw, node);
    const topic = "/countersign/test-01234567/records/1";
    raw.services.pubsub.subscribe(topic);
    await peerJoins(node, raw.peerId.toString());
    await eventually(() => node.topics()[1]?.mesh === 1);
    for (const stream of connection.streams) {
      if (stream.protocol.startsWith("/meshsub/")) stream.abort(new Error("lost"));
    }
    await eventually(() => node.topics()[1]?.mesh === 0);
    await eventually(() => node.topics()[1]?.mesh === 1);
    await raw.services.pubsub.publish(topic, utf8("heard again"));
    await eventually(() => messages.length === 1);
    assert.deepEqual(texts(messages), ["heard again"]);
  });

  it("has a peer closed and dialled anew when it stays deaf, and says how often", async () => {
    const node = await net.node({ gossip: { heartbeatMs: 50 } });
    const raw = await net.rawPeer();
    await raw.services.pubsub.stop();
    const connection = await dial(raw, node);
    await peerJoins(node, raw.peerId.toString());
    await eventually(() => connection.status !== "open");
    assert.equal(node.counters().deafMended, 1);
  });

  it("reaches all of nine nodes that started together", async () => {
    const keys = await Promise.all([...Array(9)].map(() => createPeerKey()));
    const seeds = await Promise.all(keys.slice(0, 3).map((privateKey) => net.node({ privateKey })));
    const bootstrap = seeds.flatMap((seed) => seed.addresses());
    const rest = await Promise.all(keys.slice(3).map((privateKey) => net.node({ privateKey, bootstrap })));
    const nodes = [...seeds, ...rest];
    const inboxes = nodes.map((node) => inbox(node));
    await gossipReady(nodes, "records");
    await Promise.all(nodes.map((node, index) => node.publish("records", utf8(`from ${index}`))));
    await eventually(() => inboxes.every((messages) => messages.length === 8));
    for (const [index, messages] of inboxes.entries()) {
      const expected = nodes.map((_, author) => `from ${author}`).filter((_, author) => author !== index);
      assert.deepEqual(texts(messages).sort(), expected);
    }
  });
});
