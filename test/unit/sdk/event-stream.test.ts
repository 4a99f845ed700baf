import assert from "node:assert/strict";
import fc from "fast-check";
import { EventReader } from "../../../src/sdk/event-stream.ts";

describe("server-sent events", () => {
  it("are the same however the text is cut into pieces", () => {
    const event = fc.record(
      {
        id: fc.option(fc.nat().map(String), { nil: undefined }),
        event: fc.constantFrom("queued", "completed"),
        data: fc.string({ minLength: 1 }).map((value) => JSON.stringify(value)),
      },
      { noNullPrototype: true },
    );
    fc.assert(
      fc.property(
        fc.array(event),
        fc.constantFrom("\n", "\r\n"),
        fc.integer({ min: 1, max: 9 }),
        (events, end, size) => {
          const lines = events.flatMap(({ id, event, data }) => [
            ...(id === undefined ? [] : [`id: ${id}`]),
            `event: ${event}`,
            `data: ${data}`,
            "",
            ": still here",
            "",
          ]);
          const text = ["retry: 2000", "", ...lines, ""].join(end);
          const reader = new EventReader();
          const read = [];
          for (let at = 0; at < text.length; at += size) read.push(...reader.push(text.slice(at, at + size)));
          assert.deepEqual(read, events);
        },
      ),
    );
  });

  it("have a bound, so that a gateway cannot fill a client's memory", () => {
    const reader = new EventReader();
    const piece = `data: ${"x".repeat(8 * 1024 * 1024)}\n`;
    assert.throws(() => {
      for (let count = 0; count < 5; count++) reader.push(piece);
    }, RangeError);
  });
});
