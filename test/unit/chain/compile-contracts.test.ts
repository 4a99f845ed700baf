import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileContracts } from "../../../scripts/compile-contracts.ts";

describe("Compiling contracts", () => {
  let folder: string;
  const source = (name: string, body = "") =>
    writeFileSync(
      join(folder, `${name}.sol`),
      `// SPDX-License-Identifier: MIT\npragma solidity ^0.8.28;\ncontract ${name} { ${body} }\n`,
    );
  const compile = () => compileContracts({ sourceFolder: folder, artifactFolder: join(folder, "artifacts") });
  const artifact = (name: string) => join(folder, "artifacts", `${name}.json`);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "countersign-contracts-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("runs when a source changed and only then, and forgets contracts that are gone", () => {
    source("One");
    source("Two");
    assert.equal(compile(), true);
    assert.match(JSON.parse(readFileSync(artifact("One"), "utf8")).bytecode, /^0x[0-9a-f]+$/);
    assert.equal(compile(), false);
    source("One", "uint256 public value;");
    rmSync(join(folder, "Two.sol"));
    assert.equal(compile(), true);
    assert.equal(JSON.parse(readFileSync(artifact("One"), "utf8")).abi.length, 1);
    assert.equal(existsSync(artifact("Two")), false);
  });

  it("says where a source is wrong and leaves the artifacts as they were", () => {
    source("One");
    compile();
    const before = readFileSync(artifact("One"), "utf8");
    source("One", "nonsense");
    assert.throws(compile, /One\.sol:3/);
    assert.equal(readFileSync(artifact("One"), "utf8"), before);
  });
});
