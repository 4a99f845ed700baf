import type { Genesis } from "../base/index.ts";
import type { ChainValidator, ValidatorSet } from "./chain.ts";

/** The validators as of one block, kept in memory; replaced whole when a log says that something changed. */
export class ValidatorList {
  readonly #cosign: Genesis["cosign"];
  #validators = new Map<string, ChainValidator>();
  #set: ValidatorSet;
  /** Its block was reorganized away: what it says holds until it is read again. */
  isOutdated = false;

  constructor(cosign: Genesis["cosign"]) {
    this.#cosign = cosign;
    this.#set = this.#makeSet(undefined);
  }

  get set(): ValidatorSet {
    return this.#set;
  }

  get(address: string): ChainValidator | undefined {
    return this.#validators.get(address.toLowerCase());
  }

  all(): ChainValidator[] {
    return [...this.#validators.values()];
  }

  replace(validators: readonly ChainValidator[], blockNumber: number): void {
    this.#validators = new Map(validators.map((validator) => [validator.address, validator]));
    this.#set = this.#makeSet(blockNumber);
    this.isOutdated = false;
  }

  #makeSet(blockNumber: number | undefined): ValidatorSet {
    const entries = this.all()
      .filter((validator) => validator.status === "active")
      .map(({ address, stakeWei }) => ({ address, stakeWei }))
      .sort((a, b) => (a.address < b.address ? -1 : 1));
    return { entries, asked: this.#cosign.asked, required: this.#cosign.required, blockNumber };
  }
}
