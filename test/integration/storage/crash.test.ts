import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { isCode } from "../../../src/base/index.ts";
import { lockDataFolder, openStore } from "../../../src/storage/index.ts";
import { tempFolder } from "../../support/temp-folder.ts";

function startChild(name: string, argument: string): ChildProcess {
  const script = fileURLToPath(new URL(name, import.meta.url));
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, argument], {
    stdio: ["ignore", "pipe", "inherit"],
  });
}

describe("after kill -9", () => {
  let folder: ReturnType<typeof tempFolder>;
  let child: ChildProcess | undefined;
  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(() => {
    child?.kill("SIGKILL");
    folder.remove();
  });

  it("everything that a store acknowledged is there", async () => {
    const path = join(folder.path, "node.db");
    child = startChild("writing-child.ts", path);
    assert.ok(child.stdout);
    const acknowledged: number[] = [];
    const exited = once(child, "exit");
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(Number(line));
      if (acknowledged.length === 500) child.kill("SIGKILL");
    }
    await exited;
    const store = await openStore({ path, migrations: [] });
    try {
      const stored = new Set((await store.all<{ n: number }>("SELECT n FROM numbers")).map(({ n }) => n));
      assert.ok(acknowledged.length >= 500);
      assert.deepEqual(
        acknowledged.filter((n) => !stored.has(n)),
        [],
      );
    } finally {
      await store.close();
    }
  });

  it("a data folder can be taken over at once, and never while its process lives", async () => {
    child = startChild("lock-child.ts", folder.path);
    assert.ok(child.stdout);
    await once(child.stdout, "data");
    assert.throws(
      () => lockDataFolder(folder.path),
      (error) => {
        assert.ok(isCode(error, "UNAVAILABLE"));
        assert.equal(
          error.message,
          `data folder ${folder.path} is in use by process ${child?.pid}; stop it or choose another folder`,
        );
        return true;
      },
    );
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
    const lock = lockDataFolder(folder.path);
    lock.release();
  });
});

describe("a data folder", () => {
  it("is refused to a second node of the same process, until the first lets go", () => {
    const folder = tempFolder();
    try {
      const lock = lockDataFolder(folder.path);
      assert.throws(() => lockDataFolder(folder.path), new RegExp(`in use by process ${process.pid}`));
      lock.release();
      lockDataFolder(folder.path).release();
    } finally {
      folder.remove();
    }
  });

  it("that does not exist is named", () => {
    assert.throws(
      () => lockDataFolder("/nonexistent/countersign"),
      /\/nonexistent\/countersign.*cannot be opened/,
    );
  });
});
