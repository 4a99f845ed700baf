import { messageOf } from "../../src/base/index.ts";
import { openChain } from "./chain.ts";
import { checkInvariants, type Figures } from "./invariants.ts";
import type { Scenario } from "./scenario.ts";
import { InvariantError, Simulation, startMs } from "./simulation.ts";

export interface Outcome {
  readonly scenario: string;
  readonly seed: number;
  readonly nodes: number;
  /** Simulated time, and the processor time that it took. */
  readonly virtualSec: number;
  readonly cpuSec: number;
  readonly figures: Figures | undefined;
  /** Of every event in order; the same for the same seed. */
  readonly trace: { readonly events: number; readonly digest: string };
  readonly failure:
    | { readonly invariant: string; readonly message: string; readonly events: readonly string[] }
    | undefined;
}

export async function runScenario(
  scenario: Scenario,
  options: {
    readonly seed: number;
    readonly nodes: number;
    readonly say?: ((line: string) => void) | undefined;
  },
): Promise<Outcome> {
  const { seed, nodes, say } = options;
  const before = process.cpuUsage();
  const topology = scenario.topology(nodes);
  const anvil = topology.priceWei === undefined ? undefined : await openChain(startMs);
  const sim = new Simulation(`${scenario.name} ${nodes} ${seed}`, anvil);
  const fromMs = sim.time.nowMs();
  const elapsedSec = () => Math.round((sim.time.nowMs() - fromMs) / 100) / 10;
  sim.onPhase = (phase) => say?.(`${elapsedSec().toFixed(1).padStart(7)} s  ${phase}`);
  const onRejection = (error: unknown) => sim.fail(error);
  process.on("unhandledRejection", onRejection);
  let figures: Figures | undefined;
  let failure: Outcome["failure"];
  try {
    await sim.build(topology);
    await scenario.play(sim);
    sim.phase("the faults are over");
    figures = await checkInvariants(sim, scenario.allowances);
    sim.phase("all invariants hold");
  } catch (error) {
    const invariant = error instanceof InvariantError ? error.invariant : "the scenario runs to its end";
    const message =
      error instanceof InvariantError ? error.message : ((error as Error)?.stack ?? messageOf(error));
    failure = { invariant, message, events: sim.trace.last() };
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  const trace = { events: sim.trace.count, digest: sim.trace.digest() };
  const virtualSec = elapsedSec();
  await sim.remove();
  const { user, system } = process.cpuUsage(before);
  const cpuSec = Math.round((user + system) / 100_000) / 10;
  return { scenario: scenario.name, seed, nodes, virtualSec, cpuSec, figures, trace, failure };
}
