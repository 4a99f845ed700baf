import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

// What a piece of work costs this process: processor time and memory, not the clock's time.

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Processor time of the whole process, in microseconds. */
export function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Of one call, after so many to warm up. */
export async function cpuUsPerCall(
  calls: number,
  call: (index: number) => unknown,
  warmUp = Math.ceil(calls / 4),
): Promise<number> {
  for (let index = 0; index < warmUp; index++) await call(index);
  const beforeUs = cpuUs();
  for (let index = 0; index < calls; index++) await call(warmUp + index);
  return (cpuUs() - beforeUs) / calls;
}

/** Bytes that are in use after garbage collection: the heap and what lies beside it. */
export async function usedBytes(): Promise<number> {
  // What buffers hold outside of the heap is let go a turn after the collection that found it.
  for (let pass = 0; pass < 3; pass++) {
    collectGarbage();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
