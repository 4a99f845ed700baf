// What the whole suite runs at the same time: batches of test files, each a mocha process with its own tests alone.
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";

/** A network of processes takes up to a gigabyte, and more lanes than cores would only make time limits meet slow tests. */
const maxLanes = 4;

/** How many batches run at the same time; two even on one core, since much of a test's time is waiting. */
export const lanes = Math.min(maxLanes, Math.max(2, availableParallelism()));

/** Whole kinds where tests are small, one file where they are whole networks. In the order of their start: short ones last, so that the lanes end together. */
export function batchesOf(root: string): string[][] {
  const whole = (kind: string) => [`test/${kind}/**/*.test.ts`];
  const eachFile = (kind: string) =>
    readdirSync(join(root, "test", kind))
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => [`test/${kind}/${name}`]);
  return [
    whole("unit"),
    ...eachFile("chaos-net"),
    whole("integration"),
    ...["sim", "e2e", "interop"].flatMap(eachFile),
  ];
}
