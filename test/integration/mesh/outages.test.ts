import assert from "node:assert/strict";
import { memory } from "@libp2p/memory";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { utf8 } from "../../../src/base/index.ts";
import { freePorts } from "../../../src/devnet/free-ports.ts";
import { createPeerKey, type Libp2pMesh, type Transport } from "../../../src/mesh/index.ts";
import { eventually, gossipReady, peerJoins, TestNetwork } from "./network.ts";

const listenOf = (mesh: Libp2pMesh) => mesh.addresses().map((address) => address.replace(/\/p2p\/.*/, ""));

/** The memory transport of a machine whose cable can be pulled. */
function cable() {
  const aborts = new Set<(error: Error) => void>();
  let isCut = false;
  const transport: Transport = (components) => {
    const inner = memory()(components as never);
    const listening = inner.createListener.bind(inner);
    const dialling = inner.dial.bind(inner);
    const guarded = (upgrader: object) =>
      new Proxy(upgrader, {
        get(target, name) {
          const value = Reflect.get(target, name);
          if (typeof value !== "function") return value;
          return (connection: { abort(error: Error): void }, ...rest: unknown[]) => {
            if (isCut) throw new Error("the cable is cut");
            aborts.add((error) => connection.abort(error));
            return value.call(target, connection, ...rest);
          };
        },
      });
    inner.createListener = (options) =>
      listening({ ...options, upgrader: guarded(options.upgrader) as never });
    inner.dial = async (address, options) => {
      if (isCut) throw new Error("the network is unreachable");
      return dialling(address, { ...options, upgrader: guarded(options.upgrader) as never });
    };
    return inner;
  };
  return {
    transport,
    cut(): void {
      isCut = true;
      for (const abort of aborts) abort(new Error("the cable is cut"));
      aborts.clear();
    },
    mend(): void {
      isCut = false;
    },
  };
}

describe("after an outage", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  /** Nodes that all know the first, connected to each other. */
  async function started(count: number, more: Partial<Parameters<TestNetwork["node"]>[0]>[] = []) {
    const first = await net.node(more[0] ?? {});
    const rest = await Promise.all(
      Array.from({ length: count - 1 }, (_, index) =>
        net.node({ bootstrap: first.addresses(), ...more[index + 1] }),
      ),
    );
    const nodes = [first, ...rest];
    await eventually(() => nodes.every((node) => node.peers().length === count - 1));
    return nodes;
  }

  it("a node whose own network was down finds every peer again, and fills the DHT's table", async () => {
    const lines = Array.from({ length: 5 }, cable);
    const options = lines.map(({ transport }, index) => ({
      transport,
      listen: [`/memory/outage-${index}`],
    }));
    const nodes = await started(5, options);
    const node = nodes[4];
    const line = lines[4];
    assert.ok(node !== undefined && line !== undefined);
    await eventually(() => node.counters().tablePeers === 4);
    const walks = node.counters().walks;
    line.cut();
    await eventually(() => node.peers().length === 0);
    // Long enough that dials have failed and wait.
    await eventually(() =>
      node.peerReports(true).some(({ state, failedDials }) => state === "unreachable" && failedDials >= 3),
    );
    line.mend();
    await eventually(() => node.peers().length === 4);
    await eventually(() => node.counters().walks > walks + 1);
    await eventually(() => node.counters().tablePeers === 4);
    node.provide("a model");
    const seeker = nodes[1];
    const found = async () => {
      const signal = AbortSignal.timeout(30_000);
      for await (const peerId of seeker?.findProviders("a model", signal) ?? [])
        if (peerId === node.peerId) return;
      await found();
    };
    await found();
  });

  it("nodes whose bootstrap node is gone for ever stay together, meet again when parted, and take in new ones", async () => {
    const keys = await Promise.all([1, 2].map(() => createPeerKey()));
    const bootstrap = await net.node();
    const known = { bootstrap: bootstrap.addresses() };
    const [a, b] = await Promise.all(keys.map((privateKey) => net.node({ ...known, privateKey })));
    assert.ok(a !== undefined && b !== undefined);
    await eventually(() => [a, b].every((node) => node.peers().length === 2));
    await bootstrap.stop();
    await eventually(() => [a, b].every((node) => node.peers().length === 1));
    // The last peer that each of them has goes and comes back.
    const listen = listenOf(b);
    await b.stop();
    await eventually(() => a.peers().length === 0);
    const again = await net.node({
      ...known,
      listen,
      ...(keys[1] === undefined ? {} : { privateKey: keys[1] }),
    });
    await peerJoins(a, b.peerId);
    const lost = () => a.peerReports(true).find(({ peerId }) => peerId === bootstrap.peerId);
    await eventually(() => lost()?.state === "unreachable");
    assert.notEqual(lost()?.reason, "");
    assert.ok((lost()?.untilMs ?? 0) > 0);
    const newcomer = await net.node({ bootstrap: a.addresses() });
    await eventually(() => [a, again, newcomer].every((node) => node.peers().length === 2));
  });

  it("a node that lost all of many peers at once has its wanted number again, and hears gossip", async () => {
    const keys = await Promise.all([...Array(4)].map(() => createPeerKey()));
    const others = await started(
      4,
      keys.map((privateKey) => ({ privateKey })),
    );
    const node = await net.node({ bootstrap: others[0]?.addresses() ?? [] });
    const heard: string[] = [];
    node.subscribe("records", ({ data }) => {
      heard.push(Buffer.from(data).toString());
      return "accept";
    });
    await eventually(() => node.peers().length === 4);
    const listens = others.map(listenOf);
    await Promise.all(others.map((other) => other.stop()));
    await eventually(() => node.peers().length === 0);
    const back = await Promise.all(
      keys.map((privateKey, index) => net.node({ privateKey, listen: listens[index] ?? [] })),
    );
    for (const one of back) one.subscribe("records", () => "accept");
    await eventually(() => node.peers().length === 4);
    await gossipReady([node, ...back], "records");
    await back[3]?.publish("records", utf8("welcome back"));
    await eventually(() => heard.includes("welcome back"));
  });
});

describe("16 nodes that all dial each other at once", () => {
  const net = new TestNetwork();
  afterEach(() => net.stop());

  it("are all heard by all", async () => {
    const count = 16;
    const peers = await Promise.all(
      (await freePorts(count)).map(async (port) => ({ privateKey: await createPeerKey(), port })),
    );
    const bootstrap = peers.map(
      ({ privateKey, port }) => `/ip4/127.0.0.1/tcp/${port}/p2p/${peerIdFromPrivateKey(privateKey)}`,
    );
    const nodes = await Promise.all(
      peers.map(({ privateKey, port }) =>
        net.node({ privateKey, listen: [`/ip4/127.0.0.1/tcp/${port}`], bootstrap }),
      ),
    );
    const inboxes = nodes.map((node) => {
      const inbox = new Set<string>();
      node.subscribe("records", ({ data }) => {
        inbox.add(Buffer.from(data).toString());
        return "accept";
      });
      return inbox;
    });
    await gossipReady(nodes, "records");
    await Promise.all(nodes.map((node, index) => node.publish("records", utf8(`from ${index}`))));
    await eventually(() => inboxes.every((inbox) => inbox.size === count - 1));
  });
});
