import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { browserProblems } from "../../../scripts/browser-imports.ts";
import { tempFolder } from "../../support/temp-folder.ts";

describe("what must run in a browser", () => {
  const folder = tempFolder();
  after(() => folder.remove());

  it("is found out when it reaches Node.js, however far down, but not by types alone", () => {
    const files = {
      "sdk/client.ts": 'import { a } from "../wire/a.ts";\nimport type { Stats } from "node:fs";\n',
      "proof/lazy.ts": 'export const later = () => import("pino");\n',
      "wire/a.ts":
        'import { z } from "zod";\nimport {\n  createHash,\n} from "node:crypto";\nexport const a = 1;\n',
      "node/start.ts": 'import "node:net";\n',
    };
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder.path, name, ".."), { recursive: true });
      writeFileSync(join(folder.path, name), text);
    }
    assert.deepEqual(browserProblems(folder.path).sort(), [
      "src/proof/lazy.ts: imports pino, and must run in a browser",
      "src/wire/a.ts: imports node:crypto, and must run in a browser",
    ]);
  });
});
