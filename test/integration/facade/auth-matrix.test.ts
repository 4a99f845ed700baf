import assert from "node:assert/strict";
import { genesisSchema, systemRandom } from "../../../src/base/index.ts";
import { callHeaderNames, createLocalSigner, type Signer, signedHeaders } from "../../../src/chain/index.ts";
import { newApiKey, signedCallWindowSec } from "../../../src/facade/auth/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { type Door, Doors, type Headers, network, signedDoors } from "../../support/signed-doors.ts";

// Every door × everything that can be wrong with who a call says it is from.

const otherNetwork = genesisSchema.parse({ name: "other", chain: null });
const signer = createLocalSigner(systemRandom(32));
const stranger = createLocalSigner(systemRandom(32));
const clock = new ManualClock();

interface Signing {
  readonly by?: Signer;
  readonly genesis?: typeof network;
  readonly operation?: string;
  readonly offSec?: number;
}

/** A good signature over the door's first request, but for what is said. */
function sign(
  door: Door,
  { by = signer, genesis = network, operation, offSec = 0 }: Signing = {},
): Promise<Headers> {
  const at = { ...clock, nowMs: () => clock.nowMs() + offSec * 1000 };
  const headers = signedHeaders({ signer: by, genesis, clock: at as never, random: systemRandom });
  return headers(operation ?? door.operation, door.covered("first"));
}

/** Each makes a call that must be refused, after calls that must not. */
const faults: Readonly<Record<string, (door: Door, doors: Doors) => Promise<string>>> = {
  absent: (door, doors) => door.call(doors, {}, "first"),
  empty: (door, doors) => {
    const names = Object.values(callHeaderNames);
    return door.call(doors, Object.fromEntries(names.map((name) => [name, ""])), "first");
  },
  "wrong key": async (door, doors) => {
    const theirs = await sign(door, { by: stranger });
    return door.call(doors, { ...theirs, [callHeaderNames.address]: signer.address }, "first");
  },
  "wrong network": async (door, doors) =>
    door.call(doors, await sign(door, { genesis: otherNetwork }), "first"),
  "wrong operation": async (door, doors) =>
    door.call(doors, await sign(door, { operation: "CancelTask" }), "first"),
  "altered request": async (door, doors) => door.call(doors, await sign(door), "second"),
  replayed: async (door, doors) => {
    const headers = await sign(door);
    assert.equal(await door.call(doors, headers, "first"), "done");
    return door.call(doors, headers, "first");
  },
  "replayed after a restart": async (door, doors) => {
    const headers = await sign(door);
    assert.equal(await door.call(doors, headers, "first"), "done");
    await doors.restart();
    return door.call(doors, headers, "first");
  },
  "replayed at every other door": async (door, doors) => {
    const headers = await sign(door);
    assert.equal(await door.call(doors, headers, "first"), "done");
    const others = signedDoors.filter((other) => other !== door);
    const outcomes = await Promise.all(others.map((other) => other.call(doors, headers, "first")));
    return outcomes.every((outcome) => outcome === "refused") ? "refused" : outcomes.join(", ");
  },
  future: async (door, doors) =>
    door.call(doors, await sign(door, { offSec: signedCallWindowSec + 1 }), "first"),
  late: async (door, doors) =>
    door.call(doors, await sign(door, { offSec: -signedCallWindowSec - 1 }), "first"),
  "a key that nobody has": (door, doors) =>
    door.call(doors, { authorization: `Bearer ${newApiKey(systemRandom)}` }, "first"),
  "an empty key": (door, doors) => door.call(doors, { authorization: "Bearer " }, "first"),
};

describe("who calls, at every door", () => {
  let doors: Doors;
  before(async () => {
    doors = await Doors.open(clock);
  });
  after(() => doors.close());
  // What one address may get wrong in a minute is bounded.
  beforeEach(() => clock.advance(120_000));

  for (const door of signedDoors) {
    it(`is let in by a good signature, also at the edges of its time: ${door.name}`, async () => {
      for (const offSec of [0, signedCallWindowSec - 1, -signedCallWindowSec + 1])
        assert.equal(await door.call(doors, await sign(door, { offSec }), "first"), "done");
    });
    for (const [name, call] of Object.entries(faults)) {
      it(`is refused: ${name}, ${door.name}`, async () => {
        assert.equal(await call(door, doors), "refused");
      });
    }
  }
});
