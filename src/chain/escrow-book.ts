import { BoundedMap } from "../base/index.ts";
import type { Escrow } from "./chain.ts";

/** An escrow without what depends on the chain's head. */
export interface BookedEscrow extends Omit<Escrow, "depth"> {
  readonly closedBlock: number | undefined;
}

/** What one log says about an escrow. */
export type EscrowChange =
  | { readonly kind: "paid"; readonly escrow: BookedEscrow }
  | {
      readonly kind: "closed";
      readonly requestId: string;
      readonly state: "completed" | "refunded";
      readonly closingTx: string;
      readonly block: number;
    };

/** A day of a busy gateway; what is forgotten is read from the contract again. */
const escrowsKept = 50_000;

/** The escrows that this node has seen, as of the block read last. Answers which requests a step touched. */
export class EscrowBook {
  readonly #escrows = new BoundedMap<string, BookedEscrow>(escrowsKept, (id) => this.#shallow.delete(id));
  /** Paid, but not yet as deep as the network asks. */
  readonly #shallow = new Set<string>();

  get(requestId: string): BookedEscrow | undefined {
    return this.#escrows.get(requestId);
  }

  /** Takes what was read from the contract itself. */
  put(escrow: BookedEscrow): void {
    this.#escrows.set(escrow.requestId, escrow);
    this.#shallow.add(escrow.requestId);
  }

  apply(change: EscrowChange): string {
    if (change.kind === "paid") {
      this.put(change.escrow);
      return change.escrow.requestId;
    }
    const { requestId, state, closingTx, block } = change;
    const known = this.#escrows.get(requestId);
    if (known !== undefined) this.#escrows.set(requestId, { ...known, state, closingTx, closedBlock: block });
    return requestId;
  }

  /** Requests whose payment reached the depth with this head. */
  deepened(head: number, confirmations: number): string[] {
    const deep = [...this.#shallow].filter((id) => {
      const escrow = this.#escrows.get(id);
      return escrow === undefined || head - escrow.paidBlock + 1 >= confirmations;
    });
    for (const id of deep) this.#shallow.delete(id);
    return deep;
  }

  /** Forgets what happened above the block; requests that were touched. */
  rollBack(blockNumber: number): string[] {
    const touched: string[] = [];
    for (const [id, escrow] of [...this.#escrows.entries()]) {
      if (escrow.paidBlock > blockNumber) {
        this.#escrows.delete(id);
        this.#shallow.delete(id);
      } else {
        // It may have fewer blocks on top than it had.
        this.#shallow.add(id);
        if ((escrow.closedBlock ?? -1) <= blockNumber) continue;
        this.#escrows.set(id, { ...escrow, state: "paid", closingTx: undefined, closedBlock: undefined });
      }
      touched.push(id);
    }
    return touched;
  }
}
