import { CountersignError } from "../../base/index.ts";
import type { countersign } from "../../wire/index.ts";

/** Who calls, as the facade's authentication found out. */
export interface Caller {
  /** Lower-case address whose signature over the call was checked; undefined when the call is unsigned. */
  readonly wallet: string | undefined;
  /** The signed call itself, to be put into records so that everyone can check that the wallet asked for them. */
  readonly proof: countersign.v1.RegistrationProof.$Properties | undefined;
  /** The node calls its own registry, in process: it acts for its own wallet without a signature. */
  readonly isLocal: boolean;
}

/**
 * Lets a call pass only when it comes from the wallet that the field names.
 * @throws CountersignError UNAUTHENTICATED when nobody signed, ACCESS_DENIED when somebody else did
 */
export function requireWallet(caller: Caller, ownWallet: string, field: string, wallet: string): void {
  const acting = caller.wallet ?? (caller.isLocal ? ownWallet : undefined);
  if (acting === wallet) return;
  if (acting === undefined) {
    throw new CountersignError(
      "UNAUTHENTICATED",
      `${field}: only ${wallet} may ask this; sign the call with its key`,
      {
        field,
      },
    );
  }
  throw new CountersignError(
    "ACCESS_DENIED",
    `${field}: only ${wallet} may ask this; the call is signed by ${acting}`,
    {
      field,
    },
  );
}
