import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A door in front of a chain node: open, shut, or losing the answers to one method after passing the call on. */
export interface Gate {
  readonly url: string;
  isShut: boolean;
  losesAnswersTo: string | undefined;
  stop(): Promise<void>;
}

export async function openGate(target: string): Promise<Gate> {
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    if (gate.isShut) return void response.destroy();
    const answer = await fetch(target, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const text = await answer.text();
    if (gate.losesAnswersTo !== undefined && body.includes(gate.losesAnswersTo))
      return void response.destroy();
    response.setHeader("content-type", "application/json");
    response.end(text);
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const gate: Gate = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isShut: false,
    losesAnswersTo: undefined,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return gate;
}
