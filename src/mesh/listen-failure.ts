import { CountersignError, messageOf } from "../base/index.ts";

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "the address is in use by another process",
  EACCES: "this user may not bind it",
  EADDRNOTAVAIL: "this machine has no such address",
};

/** libp2p tells of addresses that it cannot listen on with a stack trace each; here it is one line. Other errors stay as they are. */
export function listenFailure(error: unknown): unknown {
  const found = [...messageOf(error).matchAll(/^\s*(\/\S+): .*?\b(E[A-Z]{3,})\b/gm)];
  if (found.length === 0) return error;
  const problems = found.map(([, address, code = ""]) => `${address}: ${reasons[code] ?? code}`);
  return new CountersignError(
    "UNAVAILABLE",
    `cannot listen for the mesh on ${problems.join("; ")}`,
    {},
    error,
  );
}
