import { Lan } from "./lan.ts";

// A run that makes hosts and does not come to its end by itself; as `passing`, it is told to end while it makes some.

const lan = new Lan(["a", "b"]);
process.send?.({ namespace: lan.on("a").at(-1) });
process.on("message", () => {});
if (process.argv[2] === "passing") {
  const passing = new Lan(["c"]);
  process.kill(process.pid, "SIGTERM");
  passing.remove();
  lan.remove();
}
