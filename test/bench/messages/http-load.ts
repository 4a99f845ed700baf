import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Requests as bytes, sent over kept connections one after the other on each; a client so small that the server is what is measured. */
export class HttpLoad {
  readonly #sockets: readonly Socket[];

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets;
  }

  static async open(port: number, connections: number): Promise<HttpLoad> {
    const sockets = Array.from({ length: connections }, () => connect(port, "127.0.0.1"));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    return new HttpLoad(sockets);
  }

  /** Makes so many calls, the requests in turn. @throws Error for an answer other than 200 */
  async run(requests: readonly Buffer[], calls: number): Promise<void> {
    let left = calls;
    const next = () => (left > 0 ? requests[left-- % requests.length] : undefined);
    await Promise.all(this.#sockets.map((socket) => drive(socket, next)));
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

const empty = Buffer.alloc(0);
const lengthName = "content-length: ";

function drive(socket: Socket, next: () => Buffer | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    let received: Buffer = empty;
    const send = () => {
      const request = next();
      if (request !== undefined) return void socket.write(request);
      socket.off("data", onData).off("error", reject);
      resolve();
    };
    const onData = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const head = received.indexOf("\r\n\r\n");
      const length = received.indexOf(lengthName);
      if (head < 0) return;
      const from = length + lengthName.length;
      const bytes = Number(received.toString("latin1", from, received.indexOf("\r", from)));
      if (received.length < head + 4 + bytes) return;
      if (received.toString("latin1", 9, 12) !== "200") return reject(new Error(received.toString()));
      received = empty;
      send();
    };
    socket.on("data", onData).on("error", reject);
    send();
  });
}

/** A POST of a bare message. */
export function postOf(path: string, type: string, body: Uint8Array): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}
