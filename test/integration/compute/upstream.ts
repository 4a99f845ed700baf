import { EventEmitter, once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An OpenAI-compatible server that answers when the test says so. */
export class Upstream {
  /** Prompts in the order in which they came. */
  readonly prompts: string[] = [];
  readonly abandoned: string[] = [];
  readonly #server: Server;
  readonly #open = new Map<string, ServerResponse>();
  readonly #events = new EventEmitter();

  constructor() {
    this.#server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { prompt } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { prompt: string };
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      response.on("close", () => {
        if (!response.writableFinished) this.abandoned.push(prompt);
        this.#events.emit("change");
      });
      this.prompts.push(prompt);
      this.#open.set(prompt, response);
      this.#events.emit("change");
    });
  }

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  say(prompt: string, text: string): void {
    this.#open.get(prompt)?.write(`data: ${JSON.stringify({ choices: [{ text }] })}\n\n`);
  }

  finish(prompt: string): void {
    this.#open.get(prompt)?.end("data: [DONE]\n\n");
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await once(this.#events, "change");
  }
}
