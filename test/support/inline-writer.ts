import { EventEmitter } from "node:events";
import { Engine } from "../../src/storage/engine.ts";
import type { WriterReply, WriterRequest } from "../../src/storage/group.ts";
import { openStore, type Store, type StoreOptions, type WriterThread } from "../../src/storage/index.ts";

/** A store that writes on this thread, a turn of the event loop later: runs with it repeat. */
export async function openInlineStore(options: StoreOptions): Promise<{ store: Store; crash: () => void }> {
  let writer: InlineWriter | undefined;
  const store = await openStore({
    ...options,
    startWriter: (init) => {
      writer = new InlineWriter(() => new Engine(init));
      return writer as unknown as WriterThread;
    },
  });
  return { store, crash: () => writer?.abandon() };
}

class InlineWriter extends EventEmitter {
  #engine: Engine | undefined;

  constructor(open: () => Engine) {
    super();
    setImmediate(() => {
      this.#engine = open();
      this.#reply({ type: "opened" });
    });
  }

  postMessage(request: WriterRequest): void {
    setImmediate(() => {
      if (this.#engine === undefined) return;
      if (request.type === "group") {
        this.#reply({ type: "done", results: this.#engine.commitGroup(request.transacts) });
      } else {
        this.abandon();
        this.emit("exit", 0);
      }
    });
  }

  /** What was not written yet never is, and nobody hears of it. */
  abandon(): void {
    this.#engine?.close();
    this.#engine = undefined;
  }

  async terminate(): Promise<number> {
    this.abandon();
    return 0;
  }

  #reply(reply: WriterReply): void {
    this.emit("message", reply);
  }
}
