import type { LiveRecord } from "../../records/record.ts";
import type { countersign, SubnetMetadata } from "../../wire/index.ts";
import type { RegistryContext } from "./collaborators.ts";
import { activationMessage, configHash } from "./subnet-config.ts";
import { isQuorum } from "./validator-set.ts";

export type SubnetRecord = LiveRecord<countersign.v1.SubnetRecord.$Properties>;

/**
 * Subnets as the records of all registries give them together. A record that calls its subnet active counts as
 * pending unless M active validators signed exactly what it says, whoever published it.
 */
export class SubnetView {
  readonly #context: RegistryContext;
  /** Recovering signers is slow, records are immutable: each is checked once. */
  readonly #signed = new WeakMap<SubnetRecord, boolean>();

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  /** In order of creation. */
  list(): SubnetMetadata.$Properties[] {
    const best = new Map<bigint, SubnetMetadata.$Properties>();
    for (const record of this.records()) {
      const metadata = this.metadataOf(record);
      const id = metadata.subnet_id ?? 0n;
      const rival = best.get(id);
      if (rival === undefined || rankOf(metadata) > rankOf(rival)) best.set(id, metadata);
    }
    return [...best.values()].sort(
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
    if (metadata.status === "pending" || this.#isSigned(record, metadata)) return metadata;
    return { ...metadata, status: "pending", validated_by: [] };
  }

  #isSigned(record: SubnetRecord, metadata: SubnetMetadata.$Properties): boolean {
    const known = this.#signed.get(record);
    if (known !== undefined) return known;
    const { genesis, chain } = this.#context;
    const hash = configHash(metadata.gateway_address ?? "", metadata.models ?? []);
    // The signed hash must be that of the models which the record shows.
    const signed =
      Buffer.compare(hash, metadata.config_hash ?? new Uint8Array()) === 0 &&
      isQuorum(genesis, chain, activationMessage(genesis, metadata).digest, metadata.validated_by ?? []);
    if (signed) this.#signed.set(record, true);
    return signed;
  }
}

/** A subnet that is over stays over; one that is active in one record is active. */
function rankOf(metadata: SubnetMetadata.$Properties): number {
  return metadata.status === "deprecated" ? 2 : metadata.status === "active" ? 1 : 0;
}
