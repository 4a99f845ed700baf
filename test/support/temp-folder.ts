import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for one test; `remove` takes it away with all that is in it. */
export function tempFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "countersign-test-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
