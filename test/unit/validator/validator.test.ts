import assert from "node:assert/strict";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { silentLogger } from "../../../src/base/index.ts";
import type { Signer } from "../../../src/chain/index.ts";
import { genesisValidatorSet, markFile, roundIdOf } from "../../../src/cosign/index.ts";
import {
  guardMarkFileName,
  startValidator,
  type Validator,
  validatorConfigSchema,
  validatorMigrations,
} from "../../../src/roles/validator/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import type { countersign } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import {
  gateway,
  genesisOf,
  networkOf,
  preprocessingOf,
  roundOf,
  signerOf,
  validators,
  zeroRandom,
} from "../cosign/builders.ts";
import { LoopbackNetwork } from "../cosign/loopback-mesh.ts";

const genesis = genesisOf();
const first = validators[0] as Signer;

describe("the validator role", () => {
  let folder: ReturnType<typeof tempFolder>;
  let clock: ManualClock;
  let started: { validator: Validator; store: Store } | undefined;
  let published: countersign.v1.ValidatorRecord.$Properties[];

  beforeEach(() => {
    folder = tempFolder();
    clock = new ManualClock();
    published = [];
  });

  afterEach(async () => {
    await stop();
    folder.remove();
  });

  async function start(signer = first): Promise<Validator> {
    const store = await openStore({ path: join(folder.path, "node.db"), migrations: validatorMigrations });
    const validator = await startValidator({
      config: validatorConfigSchema.parse({}),
      genesis,
      mesh: new LoopbackNetwork().join("self"),
      store,
      markFile: markFile(join(folder.path, guardMarkFileName)),
      signer,
      clock,
      random: zeroRandom,
      logger: silentLogger,
      nodeId: "validator-1",
      nodes: {
        byWallet: (wallet) => [
          {
            info: {
              node_id: wallet === gateway.address ? "gateway-1" : "node-1",
              supported_models: [{ model_uuid: "model-1", price_wei: "1000" }],
            },
            roles: ["gateway"],
            status: "alive",
            peerId: undefined,
          },
        ],
      },
      subnets: {
        subnetIdOf: () => 0n,
        configHash: () => new Uint8Array(32),
        subnetFeeWei: () => 0n,
        readQuote: () => undefined,
      },
      payments: undefined,
      recheck: undefined,
      validatorSet: () => genesisValidatorSet(genesis),
      clockOffsetMs: () => undefined,
      mergeRecords: async () => {},
      onKnowledge: () => () => {},
      publishRecord: async (record) => published.push(record),
    });
    started = { validator, store };
    return validator;
  }

  async function stop(): Promise<void> {
    await started?.validator.stop();
    await started?.store.close();
    started = undefined;
  }

  /** The refusal's reason, empty when it signed. */
  async function ask(validator: Validator, requestId: string, totalWei = 1_000n): Promise<string> {
    const nowMs = clock.nowMs();
    const asked = roundOf(
      preprocessingOf(genesis, nowMs, { request_id: requestId }, totalWei),
      genesis,
      nowMs + 3_000,
    );
    const verdict = await validator.ask({
      round_id: roundIdOf(networkOf(genesis), asked.round, asked.subject),
      initiator: gateway.address,
      deadline_ms: asked.deadlineMs,
      digest: asked.typed.digest,
      asked: [validator.address],
      ...asked.proposal,
    });
    return verdict.reason ?? "";
  }

  it("announces itself: active when it is in the set, inactive otherwise", async () => {
    await start();
    assert.deepEqual(
      [published[0]?.status, published[0]?.stake_wei, published[0]?.node_id],
      ["active", "1000", "validator-1"],
    );
    await stop();
    await start(signerOf("nobody"));
    assert.deepEqual([published[1]?.status, published[1]?.stake_wei], ["inactive", "0"]);
  });

  it("counts its verdicts and refusals, across restarts", async () => {
    const validator = await start();
    assert.equal(await ask(validator, "a"), "");
    assert.equal(await ask(validator, "b"), "");
    assert.equal(await ask(validator, "c", 1_001n), "PRICE_MISMATCH");
    assert.equal(await ask(validator, "a", 900n), "CONFLICTS_WITH_SIGNED");
    assert.deepEqual(validator.statistics(), { validationsTotal: 4, validationsFailed: 2 });
    await stop();
    const again = await start();
    assert.deepEqual(again.statistics(), { validationsTotal: 4, validationsFailed: 2 });
  });

  it("refuses OVERLOADED while an earlier signature may be forgotten, until every such task is over", async () => {
    assert.equal(await ask(await start(), "a"), "");
    await stop();
    await unlink(join(folder.path, guardMarkFileName));
    const validator = await start();
    assert.equal(await ask(validator, "b"), "OVERLOADED");
    clock.set(clock.nowMs() + 303_000);
    assert.equal(await ask(validator, "b"), "OVERLOADED");
    clock.set(clock.nowMs() + 1_000);
    assert.equal(await ask(validator, "b"), "");
  });
});
