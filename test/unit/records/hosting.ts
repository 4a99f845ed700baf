import type { LiveRecord, NodeRecord, RecordKind, Replica } from "../../../src/records/index.ts";
import type { ManualClock } from "../../support/manual-clock.ts";
import { kinds, nodeInfo, wallet } from "./network.ts";

/** Node records that all nodes of a test share, unsigned: for what is about who hears whom. */
export class SharedRecords {
  readonly #clock: ManualClock;
  readonly #records = new Map<string, LiveRecord<NodeRecord>>();
  readonly #listeners = new Set<(record: LiveRecord<NodeRecord>) => void>();
  published = 0;

  constructor(clock: ManualClock) {
    this.#clock = clock;
  }

  put(owner: string, id: string, payload: NodeRecord, deleted = false): LiveRecord<NodeRecord> {
    this.published++;
    const key = `${owner}/${id}`;
    const version = Math.max(this.#clock.nowMs(), (this.#records.get(key)?.version ?? 0) + 1);
    const record = {
      kind: kinds.node.name,
      owner,
      id,
      version,
      expiresAtMs: version + kinds.node.lifeMs,
      deleted,
      payload,
      encoded: new Uint8Array(0),
    };
    this.#records.set(key, record);
    for (const listener of [...this.#listeners]) listener(record);
    return record;
  }

  /** A host's own record; its peer id is the name. */
  host(name: string, roles: readonly string[] = ["gateway"]): LiveRecord<NodeRecord> {
    const info = nodeInfo(wallet(name), { node_id: name, node_type: roles[0] ?? "", peer_id: name });
    return this.put(wallet(name).address, name, { info, roles: [...roles] });
  }

  /** A host's record of a node that is not on the mesh. */
  vouch(host: string, worker: string): LiveRecord<NodeRecord> {
    const info = nodeInfo(wallet(worker), { node_id: worker });
    return this.put(wallet(host).address, worker, { info, roles: ["compute"] });
  }

  as(name: string): Replica {
    const owner = wallet(name).address;
    const live = (record: LiveRecord | undefined) =>
      record !== undefined && !record.deleted && record.expiresAtMs > this.#clock.nowMs();
    return {
      publish: async (_kind, id, payload) => this.put(owner, id, payload as NodeRecord) as LiveRecord<never>,
      remove: async (_kind, id) => {
        const known = live(this.#records.get(`${owner}/${id}`));
        if (known) this.put(owner, id, {}, true);
        return known;
      },
      get: <T>(_kind: RecordKind<T>, of: string, id: string) => {
        const record = this.#records.get(`${of}/${id}`);
        return live(record) ? (record as LiveRecord<T>) : undefined;
      },
      list: <T>() => [...this.#records.values()].filter(live) as LiveRecord[] as LiveRecord<T>[],
      onChange: (_kind, listener) => {
        this.#listeners.add(listener as (record: LiveRecord<NodeRecord>) => void);
        return () => this.#listeners.delete(listener as (record: LiveRecord<NodeRecord>) => void);
      },
      merge: () => Promise.reject(new Error("these are merged already")),
      counts: () => ({}),
    };
  }
}
