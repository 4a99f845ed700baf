import type { Allowances } from "./invariants.ts";
import type { Simulation, Topology } from "./simulation.ts";

/** A network, what is done to it, and what may be different afterwards. The common invariants are checked at the end. */
export interface Scenario {
  readonly name: string;
  /** One line. */
  readonly about: string;
  /** For so many nodes on the mesh. */
  topology(nodes: number): Topology;
  /** From a warm network to the end of the last fault. */
  play(sim: Simulation): Promise<void>;
  readonly allowances?: Allowances;
}

/** Until the nodes have found each other and know the compute nodes. */
export const warmUpMs = 10_000;

const gateways = 2;

/** Two gateways with compute nodes and clients; all other nodes are validators. */
export function network(nodes: number): Topology {
  return { gateways, validators: nodes - gateways, computePerGateway: 2, clients: 2 };
}
