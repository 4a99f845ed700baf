import type { LiveRecord } from "../../records/record.ts";
import type { countersign, SubnetMetadata } from "../../wire/index.ts";
import type { RegistryContext } from "./collaborators.ts";
import { activationMessage, configHash } from "./subnet-config.ts";
import { isQuorum } from "./validator-set.ts";

/** A validator that joins is seen after so long at the latest. */
const recheckAfterMs = 30_000;

export type SubnetRecord = LiveRecord<countersign.v1.SubnetRecord.$Properties>;

/**
 * Subnets as the records of all registries give them together. A record that calls its subnet active counts as
 * pending unless M active validators signed exactly what it says, whoever published it.
 */
export class SubnetView {
  readonly #context: RegistryContext;
  /**
   * Recovering signers is slow and records are immutable. What is signed stays so; what is not is looked at again after
   * a while, since a validator may have become active, but not for every call, since anyone can publish such records.
   */
  readonly #checked = new WeakMap<SubnetRecord, { readonly signed: boolean; readonly atMs: number }>();

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  /** In order of creation. */
  list(): SubnetMetadata.$Properties[] {
    const best = new Map<bigint, { readonly metadata: SubnetMetadata.$Properties; readonly rank: number }>();
    for (const record of this.records()) {
      const metadata = this.metadataOf(record);
      const id = metadata.subnet_id ?? 0n;
      const rival = best.get(id);
      const rank = this.#rankOf(record, metadata);
      if (rival === undefined || rank > rival.rank) best.set(id, { metadata, rank });
    }
    return [...best.values()]
      .map(({ metadata }) => metadata)
      .sort(
        (a, b) =>
          (a.created_at ?? 0) - (b.created_at ?? 0) || ((a.subnet_id ?? 0n) < (b.subnet_id ?? 0n) ? -1 : 1),
      );
  }

  find(subnetId: bigint): SubnetMetadata.$Properties | undefined {
    return this.list().find((metadata) => metadata.subnet_id === subnetId);
  }

  records(): SubnetRecord[] {
    const { replica, kinds } = this.#context;
    return replica.list(kinds.subnet);
  }

  metadataOf(record: SubnetRecord): SubnetMetadata.$Properties {
    const metadata = record.payload.metadata ?? {};
    if (metadata.status !== "active" || this.#isSigned(record, metadata)) return metadata;
    return { ...metadata, status: "pending", validated_by: [] };
  }

  #isSigned(record: SubnetRecord, metadata: SubnetMetadata.$Properties): boolean {
    const { genesis, chain, clock } = this.#context;
    const known = this.#checked.get(record);
    if (known !== undefined && (known.signed || clock.nowMs() - known.atMs < recheckAfterMs))
      return known.signed;
    const hash = configHash(metadata.gateway_address ?? "", metadata.models ?? []);
    // The signed hash must be that of the models which the record shows.
    const signed =
      Buffer.compare(hash, metadata.config_hash ?? new Uint8Array()) === 0 &&
      isQuorum(genesis, chain, activationMessage(genesis, metadata).digest, metadata.validated_by ?? []);
    this.#checked.set(record, { signed, atMs: clock.nowMs() });
    return signed;
  }

  /** Which of several registries' records counts: a stranger's word neither activates a subnet nor ends it. */
  #rankOf(record: SubnetRecord, metadata: SubnetMetadata.$Properties): number {
    if (metadata.status === "active") return 3;
    if (metadata.status === "pending") return 1;
    return this.#isSigned(record, metadata) ? 2 : 0;
  }
}
