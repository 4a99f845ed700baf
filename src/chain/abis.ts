import type { Interface } from "ethers/abi";
import { loadArtifact } from "./artifacts.ts";

/** The three contracts' interfaces; encode calls, decode answers, events and errors. */
export interface Abis {
  readonly token: Interface;
  readonly registry: Interface;
  readonly payment: Interface;
}

let made: Promise<Abis> | undefined;

/** Loads ethers' ABI coder on first use: it takes a tenth of a second that nodes without a chain need not spend. */
export function loadAbis(): Promise<Abis> {
  made ??= import("ethers/abi").then(({ Interface }) => ({
    token: new Interface(loadArtifact("NCNToken").abi),
    registry: new Interface(loadArtifact("ValidatorRegistry").abi),
    payment: new Interface(loadArtifact("InferencePayment").abi),
  }));
  // A missing artifact may be there at the next call.
  made.catch(() => {
    made = undefined;
  });
  return made;
}
