import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { batch, namespaceName, removeNamespaces, within } from "./ip.ts";

// Loss and delay: the kernel's netem where it has it, else a program that carries the frames from port to port.

export interface Shape {
  /** Of what each host sends; 0.03 is 3 %. */
  readonly lossShare: number;
  /** One way. */
  readonly delayMs: number;
}

export interface Shaper {
  start(shape: Shape, hosts: readonly ShapedHost[]): Promise<void>;
  /** The host has a new cable, which is plugged in at the bridge. */
  replug(host: ShapedHost): void;
  stop(): void;
}

interface ShapedHost {
  readonly namespace: string;
  /** The switch's end of its cable. */
  readonly port: string;
}

const carrier = fileURLToPath(new URL("carry_frames.py", import.meta.url));
/** Debian's own; the first python3 of a PATH may be another. */
const python = "/usr/bin/python3";

/** @throws Error where neither way is possible */
export function shaperFor(switchNamespace: string): Shaper {
  if (hasNetem()) return new Netem();
  const missing = whyNoCarrier();
  if (missing !== undefined) throw new Error(missing);
  return new FrameCarrier(switchNamespace);
}

/** Why loss and delay are not to be had here, or undefined. */
export function whyNoShaping(): string | undefined {
  return hasNetem() ? undefined : whyNoCarrier();
}

function hasNetem(): boolean {
  const probe = namespaceName(0, "netem");
  try {
    batch("ip", undefined, [`netns add ${probe}`]);
    batch("tc", probe, ["qdisc add dev lo root netem delay 1ms loss 1%"]);
    return true;
  } catch {
    return false;
  } finally {
    removeNamespaces([probe]);
  }
}

function whyNoCarrier(): string | undefined {
  const wanted = "the kernel has no netem, and to do without it wants";
  if (!existsSync(python)) return `${wanted} ${python}`;
  if (spawnSync(python, ["-c", "open('/dev/net/tun', 'r+b', buffering=0)"]).status !== 0)
    return `${wanted} /dev/net/tun`;
  return undefined;
}

class Netem implements Shaper {
  #hosts: readonly ShapedHost[] = [];
  #queue = "";

  async start({ delayMs, lossShare }: Shape, hosts: readonly ShapedHost[]): Promise<void> {
    this.#hosts = hosts;
    this.#queue = `netem delay ${delayMs}ms loss ${lossShare * 100}% limit 10000`;
    for (const host of hosts) this.replug(host);
  }

  replug({ namespace }: ShapedHost): void {
    batch("tc", namespace, [`qdisc replace dev eth0 root ${this.#queue}`]);
  }

  stop(): void {
    for (const { namespace } of this.#hosts) batch("tc", namespace, ["qdisc del dev eth0 root"]);
    this.#hosts = [];
  }
}

/** Takes the ports off the bridge and carries frames between them in a program, late and not all of them. */
class FrameCarrier implements Shaper {
  readonly #switch: string;
  #hosts: readonly ShapedHost[] = [];
  #program: ChildProcess | undefined;

  constructor(switchNamespace: string) {
    this.#switch = switchNamespace;
  }

  async start({ delayMs, lossShare }: Shape, hosts: readonly ShapedHost[]): Promise<void> {
    this.stop();
    const [command = "", ...args] = within(this.#switch);
    const taps = hosts.map(({ port }) => `${port}tap`);
    const program = spawn(
      command,
      [...args, python, carrier, String(lossShare), String(delayMs / 1_000), ...taps],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    this.#program = program;
    await firstLine(program);
    this.#hosts = hosts;
    batch(
      "ip",
      this.#switch,
      hosts.flatMap(({ port }) => [
        // The kernel completes checksums and cuts large segments on the way from the cable to the program.
        `link add ${port}br type bridge`,
        `link set ${port}br up`,
        `link set ${port}tap master ${port}br up`,
      ]),
    );
    for (const host of hosts) this.replug(host);
  }

  replug({ port }: ShapedHost): void {
    batch("ip", this.#switch, [`link set ${port} master ${port}br`]);
  }

  stop(): void {
    if (this.#program === undefined) return;
    this.#program.kill("SIGKILL");
    this.#program = undefined;
    batch(
      "ip",
      this.#switch,
      this.#hosts.flatMap(({ port }) => [`link set ${port} master br0`, `link del ${port}br`]),
    );
    this.#hosts = [];
  }
}

/** Resolves when the program has printed a line. @throws Error when it ends without */
function firstLine(program: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    createInterface({ input: program.stdout as NodeJS.ReadableStream }).once("line", () => resolve());
    program.once("exit", (code) => reject(new Error(`${carrier} ended with ${code}`)));
    program.once("error", reject);
  });
}
