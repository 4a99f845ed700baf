import { copyFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { type Genesis, networkId, sha256 } from "../../../src/base/index.ts";
import { createLocalSigner } from "../../../src/chain/index.ts";
import { createCoreKinds, recordMigrations } from "../../../src/records/index.ts";
import { expiryOf } from "../../../src/records/lifetimes.ts";
import { encodeRecord, recordKey, signedHash } from "../../../src/records/record-codec.ts";
import { storeRecord } from "../../../src/records/record-table.ts";
import { openStore } from "../../../src/storage/index.ts";

/** Rows in one transaction. */
const rowsAtOnce = 2_000;

/** A database with so many node records as their owner signed them. Resolves with their bytes in all. */
export async function makeDatabase(path: string, genesis: Genesis, count: number): Promise<number> {
  const store = await openStore({ path, migrations: recordMigrations });
  const { node: kind } = createCoreKinds(genesis);
  const network = networkId(genesis);
  const signer = createLocalSigner(sha256("owner of the benchmark's nodes"));
  const owner = signer.address;
  let bytes = 0;
  for (let from = 0; from < count; from += rowsAtOnce) {
    const rows = [];
    for (let index = from; index < Math.min(count, from + rowsAtOnce); index++) {
      const id = `node-${index}`;
      const payload = kind.encode({
        info: {
          node_id: id,
          node_type: "compute",
          wallet_address: owner,
          capabilities: ["gpu", "cuda"],
          max_tasks: 4,
          supported_models: [
            { model_uuid: "model-1", name: "A model", price_wei: "1000000000000000", max_tokens: 4_096 },
          ],
        },
        roles: ["compute"],
      });
      // Published over some hours, as nodes come and go.
      const version = Date.now() - 3_600_000 + Math.floor((index * 3_000_000) / count);
      const expiresAtMs = expiryOf(kind, version, false);
      const fields = { network, kind: kind.name, owner, id, version, expiresAtMs, deleted: false, payload };
      const encoded = encodeRecord(fields, await signer.signHash(signedHash(fields)));
      bytes += encoded.length;
      const live = { ...fields, payload: undefined, encoded };
      rows.push(storeRecord({ key: recordKey(fields), version, digest: sha256(encoded), live }));
    }
    await store.transact(rows);
  }
  await store.close();
  return bytes;
}

/** A copy without a share of the records, spread over all of them. Returns how many those are, and their bytes. */
export function copyLacking(from: string, to: string, share: number): { count: number; bytes: number } {
  copyFileSync(from, to);
  const database = new DatabaseSync(to);
  const every = Math.round(1 / share);
  const chosen = `rowid % ${every} = ${Math.floor(every / 2)}`;
  const row = database
    .prepare(`SELECT COUNT(*) AS count, SUM(LENGTH(encoded)) AS bytes FROM records WHERE ${chosen}`)
    .get();
  database.exec(`DELETE FROM records WHERE ${chosen}`);
  database.close();
  return { count: Number(row?.["count"]), bytes: Number(row?.["bytes"]) };
}
