// Runs a program to its end without ever leaving it behind: signals that reach this process reach the program too.
import { spawn } from "node:child_process";
import { constants } from "node:os";

const passedOn = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Resolves with the exit code a shell would give: the program's own, or 128 and the signal's number.
 * `killAfterMs` is for programs that ignore signals: the program and all that it started are then killed.
 */
export function supervise(command, args, { killAfterMs, ...options } = {}) {
  const isGroup = killAfterMs !== undefined && process.platform !== "win32";
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: "inherit", detached: isGroup, ...options });
    let force;
    const send = (signal) => {
      try {
        if (isGroup) process.kill(-child.pid, signal);
        else child.kill(signal);
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    };
    const passOn = (signal) => {
      send(signal);
      if (isGroup) force ??= setTimeout(() => send("SIGKILL"), killAfterMs);
    };
    const settle = (finish) => {
      clearTimeout(force);
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
