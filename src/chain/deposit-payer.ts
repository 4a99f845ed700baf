import { CountersignError, equalBytes, toHex } from "../base/index.ts";
import type { Domain } from "../proof/signer.ts";
import { preprocessingMessage } from "../proof/typed-messages.ts";
import type { Abis } from "./abis.ts";
import { abortable } from "./abortable.ts";
import type { DepositPayment, Escrow } from "./chain.ts";
import { revertName } from "./contract-errors.ts";
import type { TransactionQueue } from "./transactions.ts";

/** How often a payment that lost a race against another transaction looks again. */
const payTries = 4;

/** Opens escrows from clients' deposits. Reads first, so that repeating a call, also after a crash, pays no task twice. */
export class DepositPayer {
  readonly #queue: TransactionQueue;
  readonly #abis: Abis;
  readonly #domain: Domain;
  readonly #read: (requestId: string) => Promise<Escrow>;

  constructor(
    queue: TransactionQueue,
    abis: Abis,
    domain: Domain,
    read: (requestId: string) => Promise<Escrow>,
  ) {
    this.#queue = queue;
    this.#abis = abis;
    this.#domain = domain;
    this.#read = read;
  }

  pay(payment: DepositPayment, signal: AbortSignal): Promise<string> {
    return abortable(this.#pay(payment), signal);
  }

  async #pay({ terms, signatures }: DepositPayment): Promise<string> {
    const data = this.#abis.payment.encodeFunctionData("initiateFromDeposit", [terms, signatures.map(toHex)]);
    const { digest } = preprocessingMessage(this.#domain, terms);
    for (let tried = 1; ; tried++) {
      const escrow = await this.#read(terms.requestId);
      if (escrow.state !== "none") {
        if (equalBytes(escrow.validationDigest, digest)) return escrow.paymentTx;
        throw new CountersignError(
          "PAYMENT_INVALID",
          `request id "${terms.requestId}" was paid for another task; submit again with a new id`,
        );
      }
      try {
        return (await this.#queue.send({ to: this.#domain.verifyingContract, data })).hash;
      } catch (error) {
        if (revertName(error) !== "RequestIdUsed" || tried >= payTries) throw error;
      }
    }
  }
}
