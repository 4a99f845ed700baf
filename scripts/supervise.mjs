// Runs a program to its end without ever leaving it behind: signals that reach this process reach the program too.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const passedOn = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Resolves with the exit code a shell would give: the program's own, or 128 and the signal's number. */
export function supervise(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", ...options });
    const passOn = (signal) => child.kill(signal);
    const settle = (finish) => {
      for (const signal of passedOn) process.off(signal, passOn);
      finish();
    };
    for (const signal of passedOn) process.on(signal, passOn);
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) =>
      settle(() => resolve(signal === null ? (code ?? 1) : 128 + (constants.signals[signal] ?? 0))),
    );
  });
}
