import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { ended, forkOn, untilReady } from "./fork-on.ts";
import type { Lan } from "./lan.ts";

/** Ways from the test, which is on no host, into the network as one of the hosts sees it. */
export class Doors {
  readonly #program: ChildProcess;

  private constructor(program: ChildProcess) {
    this.#program = program;
  }

  static async on(lan: Lan, host: string): Promise<Doors> {
    const program = forkOn(lan, host, "doors-program.ts", []);
    await untilReady(program);
    return new Doors(program);
  }

  /** A port of the test's loopback that leads to an address of the network. */
  async open(host: string, port: number): Promise<number> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port: ownPort } = server.address() as AddressInfo;
    const opened = once(this.#program, "message");
    this.#program.send({ host, port }, server);
    await opened;
    // The program has the socket now.
    server.close();
    return ownPort;
  }

  /** Ends all connections: after a silence TCP might let the test wait longer than what it looks at. */
  renew(): void {
    this.#program.send("renew");
  }

  async close(): Promise<void> {
    await ended(this.#program);
  }
}
