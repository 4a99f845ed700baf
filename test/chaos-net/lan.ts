import { batch, namespaceName, removeNamespaces, sweepDeadRuns, within } from "./ip.ts";
import { type Shape, type Shaper, shaperFor } from "./shaper.ts";

// Hosts on one Ethernet: a network namespace each, joined by a bridge in a namespace of its own. Nothing of the
// machine's own network is touched, and there is no way out of it.

/** Only meaningful inside the namespaces; hosts count from .1. */
const subnet = "10.88.0";
const maxHosts = 200;
/** Nobody has this address: what is sent there goes out and is lost, without a word. */
const nobody = "02:00:00:00:ff:ff";
const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
let serials = 0;
/** Takes away what each network consists of that is still there. */
const removals = new Set<() => void>();

interface Host {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly mac: string;
  /** The switch's end of its cable. */
  readonly port: string;
}

export class Lan {
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #switch: string;
  readonly #serial = ++serials;
  /** Pairs of hosts that hear nothing of each other, as `from to`. */
  readonly #silent = new Set<string>();
  #shaper: Shaper | undefined;
  readonly #removeNow = () =>
    removeNamespaces([...[...this.#hosts.values()].map(({ namespace }) => namespace), this.#switch]);

  /** Makes the hosts. @throws Error where the machine does not allow it; see `whyNoLan` */
  constructor(names: readonly string[]) {
    if (names.length > maxHosts) throw new RangeError(`a network has at most ${maxHosts} hosts`);
    sweepDeadRuns();
    this.#switch = namespaceName(this.#serial, "switch");
    this.#hosts = new Map(
      names.map((name, index) => {
        const number = index + 1;
        const mac = `02:00:00:00:00:${number.toString(16).padStart(2, "0")}`;
        const namespace = namespaceName(this.#serial, name);
        return [name, { name, namespace, address: `${subnet}.${number}`, mac, port: `p${number}` }];
      }),
    );
    if (serials === 1) cleanUpAtExit();
    removals.add(this.#removeNow);
    try {
      batch("ip", undefined, [`netns add ${this.#switch}`]);
      batch("ip", this.#switch, ["link add br0 type bridge", "link set br0 up"]);
      for (const host of this.#hosts.values()) this.#boot(host);
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Takes everything away. What still runs on the hosts is killed. */
  remove(): void {
    this.#shaper?.stop();
    this.#removeNow();
    removals.delete(this.#removeNow);
  }

  addressOf(name: string): string {
    return this.#host(name).address;
  }

  /** What to put in front of a command so that it runs on the host. */
  on(name: string): readonly string[] {
    return within(this.#host(name).namespace);
  }

  // ---- breaking and mending ----

  /** The cable is out, and the host can see that. */
  unplug(name: string): void {
    batch("ip", this.#switch, [`link set ${this.#host(name).port} down`]);
  }

  plugIn(name: string): void {
    batch("ip", this.#switch, [`link set ${this.#host(name).port} up`]);
  }

  /** Between the two sides every packet is lost, both ways, and nobody is told: no reset, no "unreachable". */
  silence(some: readonly string[], others: readonly string[]): void {
    for (const a of some) {
      for (const b of others) this.#silent.add(`${a} ${b}`).add(`${b} ${a}`);
    }
    for (const name of new Set([...some, ...others])) this.#tellNeighbours(this.#host(name));
  }

  /** Ends every silence. */
  hear(): void {
    this.#silent.clear();
    for (const host of this.#hosts.values()) this.#tellNeighbours(host);
  }

  /**
   * A power cut and a new start: whatever ran there must be dead already, and its kernel's connections are forgotten
   * without a packet. The host comes back with its old addresses.
   */
  reboot(name: string): void {
    const host = this.#host(name);
    batch("ip", this.#switch, [`link del ${host.port}`]);
    removeNamespaces([host.namespace]);
    this.#boot(host);
  }

  /** From now on, every frame that any host sends may be lost and comes late. @throws Error where it is not possible; see `whyNoShaping` */
  async shape(shape: Shape): Promise<void> {
    this.#shaper ??= shaperFor(this.#switch);
    await this.#shaper.start(shape, [...this.#hosts.values()]);
  }

  unshape(): void {
    this.#shaper?.stop();
    this.#shaper = undefined;
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new RangeError(`there is no host ${name}`);
    return host;
  }

  #boot(host: Host): void {
    const { namespace, port, mac, address } = host;
    batch("ip", undefined, [`netns add ${namespace}`]);
    batch("ip", this.#switch, [
      `link add ${port} type veth peer name eth0 address ${mac} netns ${namespace}`,
      `link set ${port} master br0 up`,
    ]);
    batch("ip", namespace, ["link set lo up", "link set eth0 up", `addr add ${address}/24 dev eth0`]);
    this.#tellNeighbours(host);
    this.#shaper?.replug(host);
  }

  /** Neighbours are written down and not asked for: a question without an answer would tell of a silence. */
  #tellNeighbours({ name, namespace }: Host): void {
    const lines = [...this.#hosts.values()]
      .filter((other) => other.name !== name)
      .map((other) => {
        const mac = this.#silent.has(`${name} ${other.name}`) ? nobody : other.mac;
        return `neigh replace ${other.address} lladdr ${mac} nud permanent dev eth0`;
      });
    batch("ip", namespace, lines);
  }
}

/**
 * A process that ends by a signal runs no exit handlers of its own accord, and a second one must not end it while it cleans
 * up. For the process' whole life: a signal whose listener is gone before the event loop comes to it would be lost.
 */
function cleanUpAtExit(): void {
  process.once("exit", () => {
    for (const removeNow of removals) removeNow();
  });
  for (const signal of endingSignals)
    process.on(signal, (_: NodeJS.Signals, number: number) => process.exit(128 + number));
}

/** Why there can be no such network here, or undefined. */
export function whyNoLan(): string | undefined {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  try {
    new Lan(["probe"]).remove();
    return undefined;
  } catch (error) {
    return `network namespaces and veth are not to be had (root and Debian's iproute2 are needed): ${(error as Error).message}`;
  }
}
