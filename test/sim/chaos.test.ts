import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Outcome } from "./run-scenario.ts";

// Each run is a process of its own: the simulator takes over time and randomness of the whole process.

const program = fileURLToPath(new URL("./main.ts", import.meta.url));
/** As many at once as the smallest machine of interest has cores. */
const parallelRuns = 2;
const fewNodes = ["--nodes", "6"];
/** The others are run by hand, with many seeds. */
const short = [
  "partition",
  "bootstrap-lost",
  "database-restored",
  "bad-validators",
  "gateway-killed",
  "paid-gateway-killed",
];
/** The one that costs least. */
const repeated = "bad-validators";

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let free = parallelRuns;
const waiting: (() => void)[] = [];

async function run(args: readonly string[]): Promise<Run> {
  if (free === 0) await new Promise<void>((resolve) => waiting.push(resolve));
  else free--;
  try {
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", program, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const code = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await code, out, err };
  } finally {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  }
}

const outcomeOf = ({ out }: Run): Outcome => JSON.parse(out.trim().split("\n").at(-1) ?? "");

describe("chaos", function () {
  this.timeout(240_000);
  const runs = new Map<string, Promise<Run>>();
  const start = (name: string) => run([name, ...fewNodes, "--json"]);
  let again: Promise<Run>;

  before(() => {
    for (const name of short) runs.set(name, start(name));
    again = start(repeated);
  });

  for (const name of short) {
    it(`${name}: every invariant holds`, async () => {
      const done = await runs.get(name);
      assert.ok(done);
      assert.equal(done.code, 0, done.err);
      const { figures } = outcomeOf(done);
      assert.ok(figures !== undefined && figures.completed > 0, "some tasks were completed");
    });
  }

  it("gives the same run for the same seed, down to every packet and its time", async () => {
    const done = await runs.get(repeated);
    assert.ok(done);
    const [first, second] = [outcomeOf(done), outcomeOf(await again)];
    assert.ok(first.trace.events > 10_000);
    assert.deepEqual({ ...second, cpuSec: 0 }, { ...first, cpuSec: 0 });
  });

  it("fails with seed, invariant and the last events when a promise is broken", async () => {
    const broken = fileURLToPath(new URL("./broken-promise.ts", import.meta.url));
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", broken], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const outcome: Outcome = JSON.parse(await text(child.stdout));
    assert.equal(outcome.failure?.invariant, "no conflicting signatures");
    assert.match(outcome.failure.message, /^validator-\d signed two of PreprocessingValidation client-1-1/);
    assert.ok(outcome.failure.events.length > 10);
  });

  it("lists a scenario a line, name first", async () => {
    const { code, out } = await run(["--list"]);
    assert.equal(code, 0);
    const names = out
      .trim()
      .split("\n")
      .map((line) => line.split(/\s+/)[0] ?? "");
    assert.deepEqual(
      short.filter((name) => !names.includes(name)),
      [],
    );
    assert.equal(new Set(names).size, names.length);
  });

  it("names what is wrong with its arguments", async () => {
    const [unknown, number] = await Promise.all([run(["nothing"]), run(["partition", "--nodes", "two"])]);
    assert.deepEqual([unknown?.code, number?.code], [2, 2]);
    assert.match(unknown?.err ?? "", /no scenario "nothing": partition, /);
    assert.match(number?.err ?? "", /--nodes: "two" is no whole number from 6 to 100/);
  });
});
