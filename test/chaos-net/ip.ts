import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

// The programs `ip` and `tc`, and the names that network namespaces of one process have.

const ownPrefix = "countersign";

/** Runs lines as `ip -batch` or `tc -batch` does, inside a namespace or, without one, outside. @throws Error with its words */
export function batch(program: "ip" | "tc", namespace: string | undefined, lines: readonly string[]): void {
  const inside = namespace === undefined ? [] : ["-n", namespace];
  const ran = spawnSync(program, [...inside, "-batch", "-"], {
    input: `${lines.join("\n")}\n`,
    encoding: "utf8",
  });
  if (ran.error !== undefined) throw new Error(`${program}: ${ran.error.message}`, { cause: ran.error });
  if (ran.status !== 0) throw new Error(`${program}: ${ran.stderr.trim().replaceAll("\n", "; ")}`);
}

/** The command in front of another that runs it in a namespace. The process stays the same one. */
export function within(namespace: string): readonly string[] {
  return ["ip", "netns", "exec", namespace];
}

/** A name that no other run has: a process id comes again, but not with the same start. */
export function namespaceName(serial: number, name: string): string {
  return `${ownPrefix}-${process.pid}-${startOf(process.pid)}-${serial}-${name}`;
}

/** Removes what runs left behind that could not clean up: killed ones. */
export function sweepDeadRuns(): void {
  removeNamespaces(
    namespaces().filter((name) => {
      const [prefix, pid = "", start] = name.split("-");
      return prefix === ownPrefix && /^\d+$/.test(pid) && startOf(Number(pid)) !== start;
    }),
  );
}

/** Removes namespaces with all that runs there. Those that are gone already do not matter. */
export function removeNamespaces(names: readonly string[]): void {
  const present = new Set(namespaces());
  for (const name of names) {
    if (!present.has(name)) continue;
    for (const pid of textOf("ip", ["netns", "pids", name]).split("\n").filter(Boolean)) killNow(Number(pid));
    spawnSync("ip", ["netns", "del", name]);
  }
}

/** Names of all there are. */
export function namespaces(): string[] {
  return textOf("ip", ["netns", "list"])
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter(Boolean);
}

function killNow(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function textOf(program: string, args: readonly string[]): string {
  return spawnSync(program, args, { encoding: "utf8" }).stdout ?? "";
}

/** When a process started, in ticks since boot; empty when there is none. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
