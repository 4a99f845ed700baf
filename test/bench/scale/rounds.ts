import { randomBytes } from "node:crypto";
import { recoverSigner } from "../../../src/chain/index.ts";
import { roundIdOf } from "../../../src/cosign/choose-validators.ts";
import { encodeRequest, encodeVerdict } from "../../../src/cosign/frames.ts";
import type { Proposal } from "../../../src/cosign/index.ts";
import {
  completionOf,
  genesisOf,
  preprocessingOf,
  roundOf,
  termsOf,
  validators,
} from "../../unit/cosign/builders.ts";
import type { Figures } from "../bench.ts";
import { cpuUsPerCall } from "./costs.ts";
import { clock } from "./network.ts";

const signatures = 300;

/** What the two rounds of a task send, to all and from each validator, and what a signature costs. */
export async function measureRounds(): Promise<Figures> {
  const genesis = genesisOf();
  const nowMs = clock.nowMs();
  const signed = validators.slice(0, 3).map(({ address }) => ({
    validator_address: address,
    signature: `0x${"ab".repeat(65)}`,
    timestamp: Math.floor(nowMs / 1000),
  }));
  const quote = { ...termsOf(genesis, nowMs), validator_signatures: signed };
  const completion = await completionOf(genesis, quote, Math.floor(nowMs / 1000));
  const requestBytes = (proposal: Proposal): number => {
    const { typed, deadlineMs, round, subject } = roundOf(proposal, genesis, nowMs + 3_000);
    return encodeRequest({
      round_id: roundIdOf("scale", round, subject),
      initiator: quote.gateway_wallet ?? "",
      deadline_ms: deadlineMs,
      digest: typed.digest,
      asked: validators.map(({ address }) => address),
      ...proposal,
    }).length;
  };
  const [validator] = validators;
  const { typed } = roundOf(preprocessingOf(genesis, nowMs), genesis, nowMs);
  const signature = await validator?.signTyped(typed);
  return {
    preprocessingBytes: requestBytes(preprocessingOf(genesis, nowMs)),
    completionBytes: requestBytes({ completion }),
    verdictBytes: encodeVerdict({
      round_id: roundIdOf("scale", "preprocessing", "x"),
      validator_address: validator?.address ?? "",
      digest: typed.digest,
      signature: new Uint8Array(randomBytes(65)),
      time_ms: nowMs,
    }).length,
    signUs: await cpuUsPerCall(signatures, () => validator?.signTyped(typed)),
    recoverUs: await cpuUsPerCall(signatures, () =>
      recoverSigner(typed.digest, signature ?? new Uint8Array(65)),
    ),
  };
}
