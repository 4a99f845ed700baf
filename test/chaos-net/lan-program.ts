import { Lan } from "./lan.ts";

// A run that makes hosts and does not come to its end by itself.

const lan = new Lan(["a", "b"]);
process.send?.({ namespace: lan.on("a").at(-1) });
process.on("message", () => {});
