import { createHash } from "node:crypto";
import type { Genesis } from "../base/index.ts";
import type { ValidatorEntry, ValidatorSet } from "../chain/index.ts";
import type { RoundName } from "./round.ts";

// Weighted rendezvous: each validator draws −ln(u)/stake, u from the hash of round id and address, and the lowest
// draws are asked. Everyone can recompute it, the share of rounds follows the stake, and one validator that comes
// or goes moves nobody else. (Schindelhauer and Schomaker, "Weighted distributed hash tables", SPAA 2005.)

/** Names a round for everyone: hex SHA-256 of network, round and subject. */
export function roundIdOf(network: string, round: RoundName, subject: string): string {
  return createHash("sha256").update(`${network}|${round}|${subject}`).digest("hex");
}

const twoTo52 = 2 ** 52;

function draw(roundId: string, { address, stakeWei }: ValidatorEntry): number {
  const hash = createHash("sha256").update(roundId).update(address).digest();
  const first52Bits = hash.readUInt32BE(0) * 2 ** 20 + (hash.readUInt32BE(4) >>> 12);
  // In the middle of its interval, so that it is never 0 or 1.
  const uniform = (first52Bits + 0.5) / twoTo52;
  return -Math.log(uniform) / Number(stakeWei);
}

/** All validators in the order in which a round asks them. Those without stake come last, by address. */
export function rankValidators(roundId: string, entries: readonly ValidatorEntry[]): ValidatorEntry[] {
  return entries
    .map((entry) => ({ entry, key: draw(roundId, entry) }))
    .sort((a, b) => (a.key === b.key ? compareText(a.entry.address, b.entry.address) : a.key - b.key))
    .map(({ entry }) => entry);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The set of a network that has no chain: as its genesis lists it. */
export function genesisValidatorSet(genesis: Genesis): ValidatorSet {
  return {
    entries: genesis.validators
      .map(({ address, stake_wei }) => ({ address, stakeWei: BigInt(stake_wei) }))
      .sort((a, b) => compareText(a.address, b.address)),
    asked: genesis.cosign.asked,
    required: genesis.cosign.required,
    blockNumber: undefined,
  };
}
