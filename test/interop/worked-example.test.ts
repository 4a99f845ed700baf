import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { verifyTypedData } from "ethers";
import {
  canonicalJson,
  fromHex,
  genesisSchema,
  networkId,
  sha256,
  signingDomain,
  toHex,
} from "../../src/base/index.ts";
import {
  clientRequestMessage,
  computeCompletionMessage,
  createLocalSigner,
  signedHeaders,
} from "../../src/chain/index.ts";
import { TaskID } from "../../src/wire/index.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { generateReference, runPython, whyNoPython } from "./python.ts";

// The worked example of docs/interop.md: computed here, computed in Python, and printed in the page.

const page = readFileSync(fileURLToPath(new URL("../../docs/interop.md", import.meta.url)), "utf8");
const missing = whyNoPython();

const fenced = (language: string): string[] =>
  [...page.matchAll(/^```(\w+)[^\n]*\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , text = ""]) => text);

const genesis = genesisSchema.parse(JSON.parse(fenced("json")[0] ?? ""));
const privateKey = `0x${"11".repeat(32)}`;
const timestamp = 1_700_000_000;
const nonce = Uint8Array.from({ length: 32 }, (_, index) => index);
const output = '{"text":"HELLO"}';

async function workedExample() {
  const signer = createLocalSigner(fromHex(privateKey));
  const domain = signingDomain(genesis, true);
  const body = TaskID.encode({ id: "task-1" }).finish();
  const call = clientRequestMessage(domain, {
    network: networkId(genesis),
    operation: "GetTask",
    bodyHash: sha256(body),
    timestamp,
    nonce,
  });
  const headers = signedHeaders({
    signer,
    genesis,
    clock: new ManualClock(timestamp * 1000),
    random: () => nonce,
  });
  const completion = computeCompletionMessage(domain, {
    requestId: "task-1",
    modelUuid: "capitals",
    resultHash: sha256(output),
    completionTimestamp: timestamp,
    computationTimeMs: 1234,
  });
  return {
    private_key: privateKey,
    address: signer.address,
    network: networkId(genesis),
    call: {
      body: toHex(body),
      body_hash: toHex(sha256(body)),
      digest: toHex(call.digest),
      headers: await headers("GetTask", body),
    },
    completion: {
      output_data: output,
      result_hash: toHex(sha256(output)),
      digest: toHex(completion.digest),
      signature: toHex(await signer.signTyped(completion)),
    },
  };
}

function leaves(value: object): string[] {
  return Object.values(value).flatMap((one) =>
    typeof one === "object" && one !== null ? leaves(one) : [String(one)],
  );
}

describe("the worked example of docs/interop.md", function () {
  this.timeout(60_000);

  it("prints what the product computes", async () => {
    for (const value of leaves(await workedExample())) assert.ok(page.includes(value), `lacks ${value}`);
  });

  it("prints a genesis with every default in it, so that its hash is the network's", () => {
    assert.equal(canonicalJson(JSON.parse(fenced("json")[0] ?? "")), canonicalJson(genesis));
  });

  it("prints typed data that another library verifies", async () => {
    const example = await workedExample();
    const signatures = [example.call.headers["x-countersign-signature"], example.completion.signature];
    const typed = fenced("json")
      .slice(1)
      .map((text) => JSON.parse(text));
    assert.equal(typed.length, signatures.length);
    for (const [index, { domain, types, message }] of typed.entries())
      assert.equal(
        verifyTypedData(domain, types, message, signatures[index] ?? "").toLowerCase(),
        example.address,
      );
  });

  it("shows Python that is in the programs of test/interop", () => {
    const blocks = fenced("python");
    assert.ok(blocks.length > 0);
    for (const block of blocks) {
      const [comment = "", ...lines] = block.trimEnd().split("\n");
      const name = comment.replace("# test/interop/", "");
      const program = readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
      assert.ok(
        program.includes(lines.join("\n")),
        `${name} does not hold the block that begins ${lines[0]}`,
      );
    }
  });

  it("comes out the same in Python", async function () {
    if (missing !== undefined) {
      process.stderr.write(`      skipped: ${missing}\n`);
      this.skip();
    }
    const scratch = tempFolder();
    try {
      generateReference(scratch.path);
      const { genesis: theirs, ...example } = (await runPython("worked_example.py", scratch.path)) as {
        genesis: object;
      };
      assert.deepEqual(theirs, genesis);
      for (const value of leaves(example)) assert.ok(page.includes(value), `the page lacks ${value}`);
      const own = await workedExample();
      const { domain_separator, call, ...rest } = example as Record<string, object>;
      const { struct_hash, ...theirCall } = call as Record<string, object>;
      assert.deepEqual({ call: theirCall, ...rest }, own);
    } finally {
      scratch.remove();
    }
  });
});
