import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isCode } from "../../../src/base/index.ts";
import { loadOrCreatePeerKey } from "../../../src/mesh/peer-key.ts";

describe("peer key", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-peer-key-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is made once, readable by its owner alone, and then kept", async () => {
    const file = join(folder, "peer.key");
    const made = await loadOrCreatePeerKey(file);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual((await loadOrCreatePeerKey(file)).raw, made.raw);
    assert.deepEqual(await readdir(folder), ["peer.key"]);
  });

  it("is the same for all who make it at once", async () => {
    const file = join(folder, "peer.key");
    const keys = await Promise.all([1, 2, 3, 4].map(() => loadOrCreatePeerKey(file)));
    for (const key of keys) assert.deepEqual(key.raw, keys[0]?.raw);
  });

  it("that is damaged is an error that names the file", async () => {
    const file = join(folder, "peer.key");
    await writeFile(file, "not a key\n");
    await assert.rejects(
      loadOrCreatePeerKey(file),
      (error: unknown) => isCode(error, "CONFIG_INVALID") && error.message.includes(file),
    );
  });
});
