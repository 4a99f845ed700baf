import { type Clock, sha256, silentLogger } from "../../../../src/base/index.ts";
import { HeldRecords } from "../../../../src/records/held-records.ts";
import type { RecordKind } from "../../../../src/records/index.ts";
import { decodeRecord, recordKey } from "../../../../src/records/record-codec.ts";
import { SyncServer, type SyncServerOptions } from "../../../../src/records/sync/sync-server.ts";
import { kinds, noteKind } from "../network.ts";

/** The answering side with these records, whatever they are worth. */
export function servingPeer(
  clock: Clock,
  records: readonly Uint8Array[],
  changes: Partial<SyncServerOptions> = {},
  more: readonly RecordKind<string>[] = [],
): SyncServer {
  const known = new Map<string, RecordKind<never>>(
    [...Object.values(kinds), noteKind, ...more].map((kind) => [kind.name, kind as RecordKind<never>]),
  );
  const held = new HeldRecords([...known.values()] as never);
  for (const encoded of records) {
    const record = decodeRecord(encoded);
    if (record === undefined) throw new Error("no record");
    const live = { ...record, payload: undefined };
    held.put({ key: recordKey(record), version: record.version, digest: sha256(encoded), live });
  }
  return new SyncServer({
    sets: held.sets,
    clock,
    logger: silentLogger,
    mergePushed: async (pushed) => pushed.map(() => "applied"),
    onPushed: () => {},
    onInvited: () => {},
    ...changes,
  });
}
