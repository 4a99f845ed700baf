import { spawn } from "node:child_process";
import { CountersignError, type Logger } from "../../../base/index.ts";
import type { ExecutorConfig } from "../config.ts";

export interface ProgramLimits {
  readonly memoryMb: number;
  readonly cpuSeconds: number;
}

/** How an executor's program is started. */
export interface Sandbox {
  readonly isStrict: boolean;
  /** The command that runs this command within the sandbox. */
  wrap(command: readonly string[], limits: ProgramLimits): string[];
  /** A folder that the program may write to. */
  readonly scratchFolder: string | undefined;
}

/** Open files of a program. */
const maxOpenFiles = 512;
/** Largest file that a program may write, where it may write at all. */
const maxFileBytes = 1024 ** 3;
/** All that a strict program may write: it lies in memory. */
const scratchMb = 64;
/** Folders with sockets of other programs, which a network namespace does not cut off. */
const maskedFolders = ["/tmp", "/var/tmp", "/run"];

/** What runs behind it dies with this process, however this process ends. */
const leash = ["setpriv", "--pdeathsig", "KILL", "--"];

/**
 * Run as root of a new user namespace with its own mounts, processes and network. Every mount becomes read-only, or the
 * script ends; a mount that lies hidden under another one cannot be reached and is passed over. /dev becomes a small
 * tmpfs with the harmless devices and a scratch folder. Then all capabilities are dropped for good.
 * Arguments: folders to mask, `--`, the command.
 */
const strictScript = `
fail() { echo "sandbox: $1" >&2; exit 97; }
mounts=$(cat /proc/self/mountinfo) || fail "cannot read the mounts"
while read -r _ _ _ _ target options _; do
  target=$(printf '%b' "$target")
  mount -n -o "remount,bind,ro,$(printf '%s' "$options" | sed 's/^rw,\\{0,1\\}//')" "$target" 2>/dev/null && continue
  [ "$(stat -c %m "$target" 2>/dev/null)" != "$target" ] || fail "cannot make $target read-only"
done <<END
$mounts
END
mount -n -t tmpfs -o mode=755,size=${scratchMb}m,nosuid tmpfs /tmp || fail "cannot mount a tmpfs"
for device in null zero full random urandom; do
  : > "/tmp/$device" && mount -n --bind "/dev/$device" "/tmp/$device" || fail "cannot pass /dev/$device on"
done
mkdir -m 1777 /tmp/shm && ln -s /proc/self/fd /tmp/fd || fail "cannot fill /dev"
mount -n --move /tmp /dev || fail "cannot replace /dev"
while [ "$1" != -- ]; do
  if [ -d "$1" ] && [ ! -L "$1" ]; then mount -n -t tmpfs -o ro,size=4k tmpfs "$1" || fail "cannot mask $1"; fi
  shift
done
shift
cd "$PWD" || fail "cannot enter $PWD"
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all --ambient-caps=-all -- "$@"
`;

/**
 * Finds out what this machine can do, by trying it.
 * @throws CountersignError CONFIG_INVALID when mode is strict and the machine cannot
 */
export async function openSandbox(
  mode: ExecutorConfig["sandbox"],
  options: { usedPaths: readonly string[]; cwd: string; logger: Logger },
): Promise<Sandbox> {
  if (mode === "disabled")
    return { isStrict: false, scratchFolder: undefined, wrap: (command) => [...command] };
  const strict = strictSandbox(options.usedPaths);
  const problem = await problemWith(strict, options.cwd);
  if (problem === undefined) return strict;
  if (mode === "strict")
    throw new CountersignError(
      "CONFIG_INVALID",
      `executor.sandbox: "strict" is not possible on this machine (${problem}); allow unprivileged user namespaces, or set "permissive"`,
    );
  options.logger.warn({ problem }, "executors run without network and file system isolation");
  const limited: Sandbox = { isStrict: false, scratchFolder: undefined, wrap: limitCommand };
  const limitProblem = await problemWith(limited, options.cwd);
  if (limitProblem === undefined) return limited;
  options.logger.warn({ problem: limitProblem }, "executors run without limits of memory and CPU");
  return { isStrict: false, scratchFolder: undefined, wrap: (command) => [...command] };
}

function strictSandbox(usedPaths: readonly string[]): Sandbox {
  const isUsed = (folder: string) =>
    usedPaths.some((path) => path === folder || path.startsWith(`${folder}/`));
  const masked = maskedFolders.filter((folder) => !isUsed(folder));
  const namespaces =
    "--user --map-root-user --mount --net --pid --ipc --uts --fork --kill-child --mount-proc".split(" ");
  return {
    isStrict: true,
    scratchFolder: "/dev/shm",
    wrap: (command, limits) => [
      ...leash,
      ...["unshare", ...namespaces, "--", "/bin/sh", "-c", strictScript, "sandbox", ...masked, "--"],
      ...limitCommand(command, limits),
    ],
  };
}

function limitCommand(command: readonly string[], { memoryMb, cpuSeconds }: ProgramLimits): string[] {
  // RLIMIT_DATA counts memory that can be written; RLIMIT_AS would also count what runtimes only reserve.
  const limits = [
    `--data=${memoryMb * 1024 * 1024}`,
    `--cpu=${cpuSeconds}`,
    "--core=0",
    `--nofile=${maxOpenFiles}`,
    `--fsize=${maxFileBytes}`,
  ];
  return [...leash, "prlimit", ...limits, "--", ...command];
}

/** Runs a small program in the sandbox; the result says what went wrong. */
function problemWith(sandbox: Sandbox, cwd: string): Promise<string | undefined> {
  const probe = sandbox.isStrict ? "grep -qv -e '^ *lo:' -e '|' /proc/net/dev && exit 96; exit 0" : "exit 0";
  const [program = "", ...args] = sandbox.wrap(["/bin/sh", "-c", probe], { memoryMb: 256, cpuSeconds: 10 });
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ["ignore", "ignore", "pipe"],
      timeout: 10_000,
      killSignal: "SIGKILL",
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(0, 500);
    });
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(undefined);
      else
        resolve(said.trim() || (code === 96 ? "it still sees a network" : `it ended with ${signal ?? code}`));
    });
  });
}
