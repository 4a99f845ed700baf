import { once } from "node:events";
import { WebSocket } from "ws";

// The subscribers of a benchmark, in a process of their own: they count, and notice what is missing or twice.

const [url = "", subscribersText = "1", countText = "1", resumeText = "0"] = process.argv.slice(2);
const subscribers = Number(subscribersText);
const count = Number(countText);
/** After so many events each subscriber breaks off and resumes; 0: never. */
const resumeAfter = Number(resumeText);

const seqMark = Buffer.from('"seq":');
let faults = 0;
let received = 0;

/** The number behind `"seq":`; the rest of a message costs more to read than to send. */
function seqOf(data: Buffer): number {
  let seq = 0;
  for (let at = data.indexOf(seqMark) + seqMark.length; ; at++) {
    const digit = (data[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) return seq;
    seq = seq * 10 + digit;
  }
}

class Subscriber {
  last = 0;
  #hasResumed = resumeAfter === 0;
  readonly done = Promise.withResolvers<void>();

  async connect(): Promise<void> {
    const ws = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
    await once(ws, "open");
    let isAcknowledged = false;
    const acknowledged = Promise.withResolvers<void>();
    ws.on("message", (data: Buffer) => {
      if (!isAcknowledged) {
        isAcknowledged = true;
        return acknowledged.resolve();
      }
      if (ws.readyState !== WebSocket.OPEN) return;
      const seq = seqOf(data);
      if (seq !== this.last + 1) faults++;
      this.last = seq;
      received++;
      if (seq === count) this.done.resolve();
      else if (!this.#hasResumed && seq >= resumeAfter) {
        this.#hasResumed = true;
        ws.terminate();
        void this.connect();
      }
    });
    ws.send(JSON.stringify({ action: "subscribe", topic: "node", ack: true, cursor: this.last }));
    await acknowledged.promise;
  }
}

const all = Array.from({ length: subscribers }, () => new Subscriber());
for (const one of all) await one.connect();
process.send?.({ ready: true });
await Promise.all(all.map(({ done }) => done.promise));
process.send?.({ done: { received, faults } });
