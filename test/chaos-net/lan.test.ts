import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { namespaces } from "./ip.ts";
import { Lan, whyNoLan } from "./lan.ts";

const missing = whyNoLan();

describe(`hosts of a test${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  before(function () {
    if (missing !== undefined) this.skip();
  });

  /** A run with hosts of its own: it, and one of its namespaces. */
  const startRun = async (...args: string[]): Promise<{ run: ChildProcess; namespace: string }> => {
    const run = fork(fileURLToPath(new URL("lan-program.ts", import.meta.url)), args, {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    const [{ namespace }] = (await once(run, "message")) as [{ namespace: string }];
    return { run, namespace };
  };

  const endBy = async (run: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    const gone = once(run, "exit");
    run.kill(signal);
    await gone;
  };

  it("are gone when their run is told to end", async () => {
    const { run, namespace } = await startRun();
    assert.ok(namespaces().includes(namespace));
    await endBy(run, "SIGTERM");
    assert.ok(!namespaces().includes(namespace));
  });

  it("do not swallow a signal that comes while they are made or taken away", async () => {
    const { run } = await startRun("passing");
    const force = setTimeout(() => run.kill("SIGKILL"), 20_000);
    const [code] = await once(run, "exit");
    clearTimeout(force);
    assert.equal(code, 143);
  });

  it("are swept by the next run when theirs was killed, and only then", async () => {
    const [killed, living] = [await startRun(), await startRun()];
    await endBy(killed.run, "SIGKILL");
    new Lan(["a"]).remove();
    assert.ok(!namespaces().includes(killed.namespace));
    assert.ok(namespaces().includes(living.namespace));
    await endBy(living.run, "SIGTERM");
  });
});
