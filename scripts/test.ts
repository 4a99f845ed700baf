// The whole check and the whole test suite. Arguments go to mocha: `npm test -- test/unit/base.test.ts`.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { check } from "./check.ts";
import { compileContracts } from "./compile-contracts.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
compileContracts();
const isGreen = check();
const mocha = join(root, "node_modules/mocha/bin/mocha.js");
const everything = ["unit", "integration", "e2e", "interop"].map((kind) => `test/${kind}/**/*.test.ts`);
const asked = process.argv.slice(2);
const tests = spawnSync(process.execPath, [mocha, ...(asked.length > 0 ? asked : everything)], { cwd: root, stdio: "inherit" });
process.exitCode = isGreen && tests.status === 0 ? 0 : 1;
