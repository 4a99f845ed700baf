import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { InterfaceAbi } from "ethers/abi";
import { CountersignError } from "../base/index.ts";

export type ContractName = "NCNToken" | "ValidatorRegistry" | "InferencePayment";

export interface Artifact {
  readonly abi: InterfaceAbi;
  /** Creation code, 0x hex. */
  readonly bytecode: string;
}

const loaded = new Map<ContractName, Artifact>();

/**
 * A compiled contract. Looked for upwards from this file, so that it is found from a checkout as well as from
 * dist/, where the build puts a copy. @throws CountersignError CONFIG_INVALID when nothing was compiled.
 */
export function loadArtifact(name: ContractName): Artifact {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const artifact = JSON.parse(readFileSync(findArtifact(name), "utf8")) as Artifact;
  loaded.set(name, artifact);
  return artifact;
}

function findArtifact(name: ContractName): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, "contracts/artifacts", `${name}.json`);
    if (existsSync(file)) return file;
    const parent = dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  throw new CountersignError(
    "CONFIG_INVALID",
    `contracts/artifacts/${name}.json is missing; "npm run contracts" makes it`,
    { contract: name },
  );
}
