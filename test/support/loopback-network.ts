import type {
  GossipMessage,
  Mesh,
  PeerView,
  TopicHandler,
  TopicName,
  TopicVerdict,
} from "../../src/mesh/mesh.ts";

type Answer = (peerId: string, data: Uint8Array) => Promise<Uint8Array>;

/** What records and heartbeats need of a mesh. */
export type LoopbackMesh = Pick<
  Mesh,
  "peerId" | "network" | "publish" | "subscribe" | "answer" | "request" | "onPeer" | "peers"
>;

interface Member {
  readonly handlers: Map<TopicName, TopicHandler>;
  readonly answers: Map<string, Answer>;
  readonly onPeer: Set<(peerId: string) => void>;
}

/** Nodes of one process that gossip and ask each other without sockets. `isCut` drops what it says between two peers. */
export class LoopbackNetwork {
  readonly #members = new Map<string, Member>();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly verdicts: { readonly to: string; readonly topic: TopicName; readonly verdict: TopicVerdict }[] =
    [];
  isCut: (from: string, to: string) => boolean = () => false;
  /** Requests that were made. */
  requests = 0;

  join(peerId: string, network = "test-net"): LoopbackMesh {
    const member: Member = { handlers: new Map(), answers: new Map(), onPeer: new Set() };
    this.#members.set(peerId, member);
    return {
      peerId,
      network,
      publish: (topic, data) => this.#publish(peerId, topic, data),
      subscribe: (topic, handler) => void member.handlers.set(topic, handler),
      answer: (protocol, _options, handler) => void member.answers.set(protocol, handler),
      request: async (to, protocol, data, { signal }) => {
        this.requests++;
        const answer = this.#members.get(to)?.answers.get(protocol);
        if (answer === undefined || this.isCut(peerId, to)) throw new Error(`${to} cannot be reached`);
        return new Uint8Array(await unlessAborted(answer(peerId, new Uint8Array(data)), signal));
      },
      onPeer: (listener) => {
        member.onPeer.add(listener);
        return () => void member.onPeer.delete(listener);
      },
      peers: () => this.#others(peerId).map(peerView),
    };
  }

  /** Tells two nodes that they are connected. */
  connect(a: string, b: string): void {
    for (const listener of this.#members.get(a)?.onPeer ?? []) listener(b);
    for (const listener of this.#members.get(b)?.onPeer ?? []) listener(a);
  }

  /** Hands one node a gossip message, whoever its author says it is. */
  async deliver(to: string, topic: TopicName, message: GossipMessage): Promise<TopicVerdict> {
    const handled = (await this.#members.get(to)?.handlers.get(topic)?.(message)) ?? "ignore";
    // What is parked may wait for long; whoever waits for gossip to settle does not wait for it.
    const verdict = typeof handled === "object" ? "ignore" : handled;
    this.verdicts.push({ to, topic, verdict });
    return verdict;
  }

  /** Resolves once all gossip has been handled. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #publish(author: string, topic: TopicName, data: Uint8Array): Promise<number> {
    const others = this.#others(author);
    for (const to of others) {
      const delivery = this.deliver(to, topic, { author, relay: author, data: new Uint8Array(data) });
      this.#underWay.add(delivery);
      const forget = () => this.#underWay.delete(delivery);
      delivery.then(forget, forget);
    }
    return others.length;
  }

  #others(peerId: string): string[] {
    return [...this.#members.keys()].filter((other) => other !== peerId && !this.isCut(peerId, other));
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function peerView(peerId: string): PeerView {
  return { peerId, addresses: [], direction: "outbound", score: 0, latencyMs: undefined };
}
