import { CountersignError, sha256 } from "../base/index.ts";
import type { Store } from "../storage/store.ts";
import type { HeldRecord } from "./held-records.ts";
import type { RecordKind } from "./record.ts";
import { decodeRecord } from "./record-codec.ts";
import { dropEnded, readRecords } from "./record-table.ts";
import { nextTurn } from "./turn-taker.ts";

/** Rows decoded in one turn of the event loop. */
const loadedAtOnce = 512;

/**
 * What this node has stored and verified before and what had not ended by then, of the kinds that it knows; undefined for what this version cannot read.
 * @throws CountersignError CONFIG_INVALID when the store is another network's
 */
export async function* loadRecords(
  store: Store,
  network: string,
  kinds: ReadonlyMap<string, RecordKind<unknown>>,
  endedByMs: number,
): AsyncGenerator<HeldRecord | undefined> {
  await store.transact([dropEnded(endedByMs)]);
  for (let afterKey = ""; ; ) {
    const rows = await readRecords(store, afterKey, loadedAtOnce);
    for (const { key, encoded } of rows) {
      afterKey = key;
      const record = decodeRecord(encoded);
      if (record !== undefined && record.network !== network) {
        throw new CountersignError(
          "CONFIG_INVALID",
          `the data folder holds records of network ${record.network}, this node is of ${network}; choose another data folder`,
          { stored: record.network, network },
        );
      }
      const kind = record && kinds.get(record.kind);
      // Records of a role that is switched off stay in storage for when it is switched on again.
      if (record !== undefined && kind === undefined) continue;
      yield record && kind && heldRecord(key, kind, record);
    }
    if (rows.length < loadedAtOnce) return;
    await nextTurn();
  }
}

function heldRecord(
  key: string,
  kind: RecordKind<unknown>,
  record: NonNullable<ReturnType<typeof decodeRecord>>,
): HeldRecord | undefined {
  const { owner, id, version, expiresAtMs, deleted, encoded } = record;
  try {
    const payload = kind.decode(record.payload);
    const live = { kind: kind.name, owner, id, version, expiresAtMs, deleted, payload, encoded };
    return { key, version, digest: sha256(encoded), live };
  } catch {
    return undefined;
  }
}
