import assert from "node:assert/strict";
import { revertName } from "../../../src/chain/index.ts";

/** Passes when the contract refuses with this error. */
export async function refused(call: Promise<unknown>, error: string): Promise<void> {
  await assert.rejects(call, (thrown) => {
    assert.equal(revertName(thrown), error, thrown instanceof Error ? thrown.message : String(thrown));
    return true;
  });
}
