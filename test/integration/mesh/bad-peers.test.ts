import assert from "node:assert/strict";
import { utf8 } from "../../../src/base/index.ts";
import { encodeFrame } from "../../../src/mesh/frames.ts";
import { Nonsense } from "../../../src/mesh/index.ts";
import {
  gossipBurstSec,
  gossipMessagesPerSecond,
  maxInboundStreamsPerPeer,
} from "../../../src/mesh/limits.ts";
import { Attacker } from "./attacker.ts";
import { dial, eventually, soon, TestNetwork } from "./network.ts";

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const options = { maxRequestBytes: 1_000, framesPerSecond: 1_000 };
/** What honest peers say while the attack goes on. */
const messageCount = 200;

describe("while a bad peer is connected, honest peers hear each other", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  /** Two honest peers that know only the one between them, which is under attack. */
  async function scene() {
    const middle = await net.node();
    const left = await net.node({ bootstrap: middle.addresses(), wantedPeers: 1 });
    const right = await net.node({ bootstrap: middle.addresses(), wantedPeers: 1 });
    const heard: string[] = [];
    const atMiddle: string[] = [];
    middle.subscribe("records", ({ data }) => {
      atMiddle.push(text(data));
      return text(data).startsWith("honest") ? "accept" : "ignore";
    });
    left.subscribe("records", () => "accept");
    right.subscribe("records", ({ data }) => {
      heard.push(text(data));
      return "accept";
    });
    middle.answer("sync", options, async (_peerId, data) => data);
    middle.acceptChannels("sync", options, () => {
      throw new Nonsense("no message of this protocol");
    });
    await eventually(() => middle.topics()[1]?.mesh === 2);
    const attacker = await Attacker.at(middle, net);

    /** Says all that there is to say and waits until all of it was heard, nothing twice, and no more. */
    const talk = async (): Promise<void> => {
      const said = Array.from({ length: messageCount }, (_, index) => `honest ${index}`);
      for (const message of said) await left.publish("records", utf8(message));
      await eventually(() => heard.length >= said.length);
      assert.deepEqual(heard.toSorted(), said.toSorted());
      const answer = await left.request(middle.peerId, "sync", utf8("there?"), {
        signal: soon(),
        maxResponseBytes: 100,
      });
      assert.equal(text(answer), "there?");
    };
    return { middle, left, right, attacker, heard, atMiddle, talk };
  }

  it("that is of another network: disconnected, left alone, not punished", async () => {
    const { middle, talk } = await scene();
    const stranger = await net.rawPeer("other-89abcdef");
    const connection = await dial(stranger, middle);
    await eventually(() => connection.status !== "open");
    await talk();
    const seen = middle.peerReports(true).find(({ peerId }) => peerId === stranger.peerId.toString());
    assert.equal(seen?.state, "foreign");
    assert.equal(seen?.penalty, 0);
    assert.ok((seen?.untilMs ?? 0) > Date.now());
  });

  it("that sends oversized frames: cut off, refused until it is forgiven", async () => {
    const { middle, attacker, talk } = await scene();
    const stream = await attacker.open("sync");
    stream.send(Uint8Array.from([0, ...encodeFrame(new Uint8Array(1_001))]));
    await eventually(() => attacker.connection.status !== "open");
    await talk();
    assert.equal(attacker.seen()?.state, "banned");
    assert.ok((attacker.seen()?.untilMs ?? 0) > Date.now());
    assert.equal(middle.counters().cutOff, 1);
  });

  it("that sends well-framed nonsense: borne with at first, then cut off", async () => {
    const { attacker, talk } = await scene();
    for (let times = 1; times <= 4; times++) {
      const stream = await attacker.open("sync");
      stream.send(Uint8Array.from([1, ...encodeFrame(utf8("nonsense"))]));
      await eventually(() => stream.status !== "open");
      if (times < 4) assert.equal(attacker.connection.status, "open");
    }
    await eventually(() => attacker.connection.status !== "open");
    await talk();
    assert.equal(attacker.seen()?.state, "banned");
  });

  it("that sends half frames and goes, again and again: nothing", async () => {
    const { attacker, talk } = await scene();
    for (let times = 0; times < 50; times++) {
      const stream = await attacker.open("sync");
      stream.send(Uint8Array.from([0, ...encodeFrame(new Uint8Array(500)).subarray(0, 100)]));
      if (times % 2 === 0) await stream.close();
      else stream.abort(new Error("gone"));
    }
    await talk();
    assert.equal(attacker.connection.status, "open");
    assert.equal(attacker.seen()?.penalty, 0);
  });

  it("that opens more streams than it may: the rest is reset, nothing else", async () => {
    const { attacker, talk } = await scene();
    const others = await Promise.all([1, 2].map(() => dial(attacker.peer, attacker.victim)));
    const opened = await Promise.allSettled(
      Array.from({ length: 2 * maxInboundStreamsPerPeer }, async (_, index) => {
        const connection = [attacker.connection, ...others][index % 3];
        const stream = await connection?.newStream("/countersign/test-01234567/sync/1.0.0", {
          maxOutboundStreams: 1_000,
        });
        stream?.send(Uint8Array.of(0));
        return stream;
      }),
    );
    const isOpen = () =>
      opened.filter((one) => one.status === "fulfilled" && one.value?.status === "open").length;
    await eventually(() => isOpen() <= maxInboundStreamsPerPeer);
    await talk();
    assert.equal(attacker.connection.status, "open");
    assert.equal(attacker.seen()?.penalty, 0);
  });

  it("that floods streams with frames: it waits for its turn", async () => {
    const { attacker, talk } = await scene();
    const stream = await attacker.open("sync");
    stream.send(Uint8Array.of(0));
    for (let index = 0; index < 2_000; index++) stream.send(encodeFrame(new Uint8Array(900)));
    await talk();
    assert.equal(attacker.seen()?.penalty, 0);
  });

  it("that floods gossip: its stream is read no faster than it may send, and its own words go no further", async () => {
    const { middle, attacker, heard, atMiddle, talk } = await scene();
    const flood = 2 * gossipMessagesPerSecond * gossipBurstSec;
    const flooding = (async () => {
      for (let index = 0; index < flood; index++) await attacker.publish(utf8(`flood ${index}`));
    })();
    await talk();
    await flooding;
    assert.deepEqual(
      heard.filter((message) => message.startsWith("flood")),
      [],
    );
    assert.ok(atMiddle.filter((message) => message.startsWith("flood")).length < flood);
    // Its own library may have given up the stream that nobody read; it is not punished.
    assert.equal(attacker.seen()?.penalty ?? 0, 0);
    assert.equal(middle.counters().cutOff, 0);
  });

  it("that replays their gossip: delivered once", async () => {
    const { attacker, heard, talk } = await scene();
    await talk();
    await eventually(() => attacker.heard.length >= messageCount);
    for (let times = 0; times < 20; times++) attacker.tell(attacker.heard.slice(0, messageCount));
    await attacker.publish(utf8("honest last word"));
    await eventually(() => heard.includes("honest last word"));
    assert.equal(heard.length, messageCount + 1);
    assert.ok((attacker.seen()?.score ?? -1) >= 0, "a replay is a duplicate, which is no crime");
  });

  it("that forges their names: never delivered, and paid for with its gossip score alone", async () => {
    const { attacker, heard, atMiddle, talk } = await scene();
    await talk();
    await eventually(() => attacker.heard.length >= messageCount);
    const forged = attacker.heard.slice(0, 20).map((message, index) => ({
      ...message,
      data: utf8(`forged ${index}`),
      seqno: Uint8Array.from([9, 9, 9, 9, 9, 9, 9, index]),
    }));
    attacker.tell(forged);
    await eventually(() => (attacker.seen()?.score ?? 0) < 0);
    assert.equal(attacker.connection.status, "open");
    assert.deepEqual(
      [...heard, ...atMiddle].filter((message) => message.startsWith("forged")),
      [],
    );
  });

  it("that sends what is no gossip at all: dropped", async () => {
    const { attacker, talk } = await scene();
    for (let times = 0; times < 20; times++) {
      const stream = await attacker.connection.newStream("/meshsub/1.2.0").catch(() => undefined);
      // Streams past the bound are reset as they come.
      if (stream?.writeStatus !== "writable") continue;
      stream.send(encodeFrame(Uint8Array.from({ length: 200 }, (_, index) => (index * 7 + times) % 256)));
    }
    await talk();
  });
});
