import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CountersignError, silentLogger, systemClock } from "../../../src/base/index.ts";
import { computeConfigSchema, type ExecutorModelConfig } from "../../../src/roles/compute/config.ts";
import { openExecutorRunner } from "../../../src/roles/compute/runners/executor-runner.ts";
import type { Runner } from "../../../src/roles/compute/runners/runner.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "executor-"));
});
after(() => rm(folder, { recursive: true }));

const say = 'const say = (m) => process.stdout.write(JSON.stringify(m) + "\\n");\n';
// Waits for each write: a program in an endless loop never gets to flush.
const flood = "const flood = (text) => new Promise((done) => process.stdout.write(text, done));\n";
const read = 'let input = ""; for await (const c of process.stdin) input += c; input = JSON.parse(input);\n';

async function runnerOf(code: string, options: { executor?: object; model?: object } = {}): Promise<Runner> {
  const script = join(folder, `${Math.random().toString(36).slice(2)}.mjs`);
  await writeFile(script, say + code);
  await chmod(folder, 0o755);
  const config = computeConfigSchema.parse({
    models: [
      { model_uuid: "m", source: "executor", path: process.execPath, args: [script], ...options.model },
    ],
    executor: { sandbox: "disabled", ...options.executor },
  });
  return openExecutorRunner(config.models[0] as ExecutorModelConfig, {
    configFolder: folder,
    environment: { PATH: process.env["PATH"], SECRET: "hunter2" },
    executor: config.executor,
    clock: systemClock,
    logger: silentLogger,
  });
}

async function run(runner: Runner, input: unknown = { prompt: "hi" }, signal = new AbortController().signal) {
  const pieces: string[] = [];
  const output = await runner.run(JSON.stringify(input), {
    signal,
    onPartial: (piece) => pieces.push(piece),
  });
  return { output: JSON.parse(output), pieces };
}

async function failsWith(promise: Promise<unknown>, pattern: RegExp, code = "COMPUTE_FAILED"): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof CountersignError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, pattern);
    return true;
  });
}

describe("executor runner", () => {
  it("hands the input to the program and its output back", async () => {
    const runner = await runnerOf(`${read} say({ output: { text: input.prompt.toUpperCase() } });`);
    assert.deepEqual((await run(runner)).output, { text: "HI" });
  });

  it("passes partial text on", async () => {
    const runner = await runnerOf(
      'say({ partial: "a" }); say({ partial: "ü" }); say({ output: { text: "aü" } });',
    );
    assert.deepEqual(await run(runner), { output: { text: "aü" }, pieces: ["a", "ü"] });
  });

  it("takes an output without a line's end, and one from a program that does not end", async () => {
    assert.equal((await run(await runnerOf("process.stdout.write('{\"output\":1}')"))).output, 1);
    assert.equal((await run(await runnerOf("say({ output: 2 }); setInterval(() => {}, 1000);"))).output, 2);
  });

  it("gives the program nothing of this process's environment but the path", async () => {
    const runner = await runnerOf("say({ output: Object.keys(process.env).sort() });", {
      model: { env: { MINE: "1" } },
    });
    assert.deepEqual((await run(runner)).output, ["HOME", "LANG", "MINE", "PATH", "TMPDIR"]);
  });

  for (const [name, code, pattern] of [
    ["its own error", 'say({ error: "no such voice" });', /^no such voice$/],
    ["a crash", "throw new Error('private detail');", /ended with code 1 and gave no output/],
    ["a signal", "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);", /by signal SIGTERM/],
    ["silence", "", /ended with code 0 and gave no output/],
    ["garbage", "console.log('starting up');", /no JSON object/],
    ["an unknown line", "say({ progress: 5 });", /without partial, output or error/],
    ["an output bomb", `${flood} for (;;) await flood("x".repeat(65536));`, /more than 65536 bytes/],
    [
      "a bomb of partials",
      `${flood} for (;;) await flood('{"partial":"more and more"}\\n');`,
      /more than 65536 bytes/,
    ],
  ] as const)
    it(`fails on ${name}`, async () => {
      await failsWith(run(await runnerOf(code, { executor: { max_output_bytes: 65_536 } })), pattern);
    });

  it("ends a program that hangs", async () => {
    const runner = await runnerOf("setInterval(() => {}, 1000);", { executor: { timeout_ms: 300 } });
    await failsWith(run(runner), /longer than 300 ms/);
  });

  it("kills the program and its children when the task is aborted", async () => {
    const code = `import { spawn } from "node:child_process";
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      say({ partial: process.pid + " " + child.pid }); setInterval(() => {}, 1000);`;
    const abort = new AbortController();
    const pids: number[] = [];
    const runner = await runnerOf(code);
    const running = runner.run("{}", {
      signal: abort.signal,
      onPartial(piece) {
        pids.push(...piece.split(" ").map(Number));
        abort.abort(new Error("cancelled"));
      },
    });
    await assert.rejects(running, /cancelled/);
    assert.equal(pids.length, 2);
    for (const pid of pids) await gone(pid);
  });

  it("ends running programs when it is closed", async () => {
    const runner = await runnerOf('say({ partial: "up" }); setInterval(() => {}, 1000);');
    const running = runner.run("{}", {
      signal: new AbortController().signal,
      onPartial: () => void runner.close(),
    });
    await failsWith(running, /closed/, "UNAVAILABLE");
  });

  it("refuses input that is no JSON", async () => {
    const runner = await runnerOf("say({ output: 1 });");
    const options = { signal: new AbortController().signal, onPartial: () => {} };
    await failsWith(runner.run("{", options), /input_data/, "INVALID_ARGUMENT");
  });

  it("says so at the start when there is no such program", async () => {
    await writeFile(join(folder, "plain.txt"), "no program");
    for (const path of ["no-such-program-here", "./no-such-program", "./plain.txt", "."])
      await failsWith(runnerOf("", { model: { path } }), /there is no program/, "CONFIG_INVALID");
  });
});

describe("executor runner on Linux", () => {
  before(function () {
    if (process.platform !== "linux") this.skip();
  });

  const limited = { sandbox: "permissive" };

  for (const sandbox of ["strict", "permissive"])
    it(`leaves no program behind when the node is killed (${sandbox})`, async function () {
      // Another process that runs the hanging program by our own code, as a node would.
      const moduleOf = (path: string) =>
        JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);
      const marker = `leash-${sandbox}-${process.pid}`;
      const host = join(folder, `host-${sandbox}.mjs`);
      const program = join(folder, `hang-${sandbox}.mjs`);
      await writeFile(program, `${say} say({ partial: "up" }); setInterval(() => {}, 1000);`);
      await writeFile(
        host,
        `import { computeConfigSchema } from ${moduleOf("roles/compute/config.ts")};
        import { openExecutorRunner } from ${moduleOf("roles/compute/runners/executor-runner.ts")};
        import { silentLogger, systemClock } from ${moduleOf("base/index.ts")};
        const config = computeConfigSchema.parse({ executor: { sandbox: ${JSON.stringify(sandbox)} }, models: [{
          model_uuid: "m", source: "executor", path: process.execPath,
          args: [${JSON.stringify(program)}, ${JSON.stringify(marker)}] }] });
        const runner = await openExecutorRunner(config.models[0], { configFolder: ${JSON.stringify(folder)},
          environment: process.env, executor: config.executor, clock: systemClock, logger: silentLogger })
          .catch((error) => { console.log("impossible"); process.exit(0); });
        await runner.run("{}", { signal: new AbortController().signal, onPartial: () => console.log("up") });`,
      );
      const child = spawn(process.execPath, [host], { stdio: ["ignore", "pipe", "inherit"] });
      const [said] = await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
      if (String(said).includes("impossible")) this.skip();
      const pids = readdirSync("/proc").filter(
        (name) => /^\d+$/.test(name) && commandOf(name).includes(marker),
      );
      assert.ok(pids.length > 0);
      child.kill("SIGKILL");
      for (const pid of pids) await gone(Number(pid));
    });

  it("ends a memory bomb", async () => {
    const bomb = "const kept = []; for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));";
    const runner = await runnerOf(bomb, { executor: { ...limited, memory_mb: 512 } });
    await failsWith(run(runner), /ended .* and gave no output/);
  });

  it("ends a program that uses up its CPU time", async () => {
    const runner = await runnerOf("for (;;);", { executor: { ...limited, cpu_seconds: 1 } });
    await failsWith(run(runner), /ended .* and gave no output/);
  });
});

describe("strict executor", () => {
  let isPossible = true;
  before(async function () {
    const problem = await runnerOf("", { executor: { sandbox: "strict" } }).then(
      () => undefined,
      (error: Error) => error,
    );
    if (problem === undefined) return;
    // Where it is not possible, it must say so; there is nothing else to see.
    assert.match(problem.message, /"strict" is not possible on this machine \(.+\)/);
    isPossible = false;
    this.skip();
  });

  const strict = (code: string, model: object = {}) =>
    runnerOf(code, { executor: { sandbox: "strict" }, model });

  it("runs a program", async () => {
    assert.ok(isPossible);
    const runner = await strict(`${read} say({ partial: "." }); say({ output: input });`);
    assert.deepEqual(await run(runner, { n: 1 }), { output: { n: 1 }, pieces: ["."] });
  });

  it("lets it write to its scratch folder and nowhere else", async () => {
    const places = [
      folder,
      "/",
      "/var",
      "/usr",
      "/etc",
      "/dev",
      "/proc/sys/kernel/hostname",
      "/sys/kernel/mm",
    ];
    const code = `import { writeFileSync, statSync } from "node:fs";
      const canWrite = (place) => { try {
        writeFileSync(statSync(place).isDirectory() ? place + "/escaped" : place, "x"); return true; } catch { return false; } };
      say({ output: { scratch: canWrite(process.env.TMPDIR), elsewhere: ${JSON.stringify(places)}.filter(canWrite) } });`;
    const { output } = await run(await strict(code));
    assert.equal(output.scratch, true);
    // The new /dev is the sandbox's own and vanishes with it.
    assert.deepEqual(
      output.elsewhere.filter((place: string) => place !== "/dev"),
      [],
    );
    assert.ok(!existsSync(join(folder, "escaped")) && !existsSync("/dev/escaped"));
  });

  it("shows it no network, no other process, no disk and no right of root", async () => {
    const code = `import { readdirSync, readFileSync } from "node:fs"; import { networkInterfaces } from "node:os";
      const status = readFileSync("/proc/self/status", "utf8");
      say({ output: {
        interfaces: Object.keys(networkInterfaces()).length,
        processes: readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name)).length,
        devices: readdirSync("/dev").sort(),
        capabilities: /CapEff:\\s*(\\S+)/.exec(status)[1],
        noNewPrivileges: /NoNewPrivs:\\s*(\\S+)/.exec(status)[1] } });`;
    const { output } = await run(await strict(code));
    assert.equal(output.interfaces, 0);
    assert.ok(output.processes <= 2, `${output.processes} processes`);
    assert.deepEqual(output.devices, ["fd", "full", "null", "random", "shm", "urandom", "zero"]);
    assert.match(output.capabilities, /^0+$/);
    assert.equal(output.noNewPrivileges, "1");
  });

  it("kills it when the task is aborted", async () => {
    const abort = new AbortController();
    const runner = await strict('say({ partial: "up" }); setInterval(() => {}, 1000);');
    const running = runner.run("{}", {
      signal: abort.signal,
      onPartial: () => abort.abort(new Error("cancelled")),
    });
    await assert.rejects(running, /cancelled/);
  });
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

const patienceMs = 20_000;

/** Resolves once the process is no more than an entry that its parent or init has not looked at yet. */
async function gone(pid: number): Promise<void> {
  const isRunning = () => {
    try {
      process.kill(pid, 0);
      return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
      return false;
    }
  };
  // A program that stays must fail its test, not keep the whole run from ending.
  const giveUpAtMs = Date.now() + patienceMs;
  while (isRunning()) {
    if (Date.now() > giveUpAtMs) {
      process.kill(pid, "SIGKILL");
      assert.fail(`process ${pid} is still there`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
