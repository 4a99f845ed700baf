import assert from "node:assert/strict";
import { systemClock } from "../../../src/base/index.ts";
import { LiveClient, LiveDoor } from "../../support/live-door.ts";
import { nodeEvent, TestLog } from "../../support/live-topics.ts";

/** Of both gateways together; more by hand, such as COUNTERSIGN_TEST_EVENTS=100000. */
const events = Number(process.env["COUNTERSIGN_TEST_EVENTS"] ?? 10_000);
const batch = 50;
const restartsEach = 4;

/** A gateway's log and WebSockets, which go and come back at the same address while events are written. */
class Gateway {
  readonly #log = new TestLog(systemClock, { isInline: false });
  #door: LiveDoor | undefined;
  #listen = "127.0.0.1:0";
  #isOver = false;

  async start(): Promise<void> {
    const events = await (this.#door === undefined ? this.#log.open() : this.#log.reopen());
    this.#door = await LiveDoor.open({ events, listen: this.#listen });
    this.#listen = this.#door.listener.address;
  }

  /** Half of the restarts say goodbye, half cut everybody off. */
  async write(count: number): Promise<void> {
    for (let written = 0, restarts = 0; written < count; written += batch) {
      await this.#log.log.append(
        Array.from({ length: batch }, (_, index) => nodeEvent(`${written + index}`)),
      );
      if (written < ((restarts + 1) * count) / (restartsEach + 1)) continue;
      const isAbrupt = restarts++ % 2 === 0;
      await this.#door?.stop(isAbrupt ? AbortSignal.abort() : AbortSignal.timeout(2_000));
      await this.start();
    }
    this.#isOver = true;
  }

  /** Follows to the end, through every restart. */
  async follow(count: number): Promise<number[]> {
    const seen: number[] = [];
    while (seen.length < count) {
      const client = await LiveClient.open(`ws://${this.#listen}`).catch(() => undefined);
      if (client === undefined) {
        assert.ok(!this.#isOver || this.#door !== undefined, "the gateway did not come back");
        await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      client.send({ action: "subscribe", topic: "node", cursor: seen.at(-1) ?? 0 });
      const isWhole = () => seen.length + client.told.length >= count;
      await client.until(isWhole).catch(() => {});
      assert.deepEqual(
        client.told.flatMap(({ error }) => error ?? []),
        [],
      );
      seen.push(...client.told.map(({ seq = 0 }) => seq));
      client.ws.terminate();
    }
    return seen;
  }

  async stop(): Promise<void> {
    await this.#door?.stop(AbortSignal.abort());
    await this.#log.remove();
  }
}

describe("two gateways that restart under their subscribers", function () {
  this.timeout(30_000 + events * 2);

  it(`tell ${events} events without gap or duplicate`, async () => {
    const gateways = [new Gateway(), new Gateway()];
    try {
      const each = Math.ceil(events / gateways.length / batch) * batch;
      const all = await Promise.all(
        gateways.map(async (gateway) => {
          await gateway.start();
          const [seen] = await Promise.all([gateway.follow(each), gateway.write(each)]);
          return seen;
        }),
      );
      const whole = Array.from({ length: each }, (_, index) => index + 1);
      for (const seen of all) assert.deepEqual(seen, whole);
    } finally {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
    }
  });
});
