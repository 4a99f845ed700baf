import { once } from "node:events";
import { connect } from "node:net";
import { Readable } from "node:stream";

/** What came back on a connection, until the server or this end closed it. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends bytes as they are, without any client's manners, and reads one answer; `connection: close` must be asked for or come. */
export async function rawRequest(port: number, parts: readonly (string | Uint8Array)[]): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  // A server may close before it has read everything.
  socket.on("error", () => {});
  await once(socket, "connect");
  Readable.from(parts, { objectMode: false }).pipe(socket, { end: false });
  if (!socket.closed) await once(socket, "close");
  return parsed(Buffer.concat(chunks).toString("latin1"));
}

function parsed(text: string): RawAnswer {
  const end = text.indexOf("\r\n\r\n");
  const [status = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers = new Map(
    lines.map((line): [string, string] => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    }),
  );
  return { status: Number(status.split(" ")[1]), headers, body: text.slice(end + 4) };
}
