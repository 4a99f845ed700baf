import { sha256, toHex } from "../../src/base/index.ts";
import { verifyReceipt } from "../../src/cosign/index.ts";
import type { RememberedTask } from "./client.ts";
import { outputOf } from "./compute.ts";
import type { SimulatedNode } from "./node.ts";
import { InvariantError, type Simulation } from "./simulation.ts";

/** From calm to this long after it every node has its peers again, and every replica is equal. */
const backWithinMs = 120_000;
/** A gateway that was down past a task's deadline ends the task soon after its return. */
const endsAfterReturnMs = 60_000;
const slackMs = 60_000;
/** A failed task's payment comes back at the latest when its quote has expired. */
const escrowClosedWithinMs = 600_000;
const lookAgainMs = 5_000;
const comparedPeers = 3;
/** Records that are published while nodes compare make them differ for a moment. */
const syncTries = 12;

export interface Figures {
  readonly tasks: number;
  readonly completed: number;
  readonly failed: number;
  readonly refused: number;
  readonly signatures: number;
  /** From the end of the faults until every node had its peers and no topic was deaf. */
  readonly peersAfterMs: number;
  /** From the end of the faults until all replicas were equal. */
  readonly equalAfterMs: number;
}

export interface Allowances {
  /** Tasks at these gateways may be lost: their disks were. */
  readonly lostDisks?: readonly string[];
  /** Results need not be the honest ones: nobody can tell without running the model again. */
  readonly anyOutput?: boolean;
  /** At least this share of the acknowledged tasks is completed. */
  readonly completedShare?: number;
}

/** What must hold after every scenario, once its faults are over. @throws InvariantError */
export async function checkInvariants(sim: Simulation, allowances: Allowances = {}): Promise<Figures> {
  const calmMs = sim.time.nowMs();
  for (const client of sim.clients) client.rest();
  // In one loop, since each is looked at while the others still settle.
  let peersAfterMs = -1;
  let equalAfterMs = -1;
  await sim.until(() => {
    const sinceMs = sim.time.nowMs() - calmMs;
    if (peersAfterMs < 0 && sim.alive.every((node) => connectionTrouble(sim, node) === undefined))
      peersAfterMs = sinceMs;
    if (equalAfterMs < 0 && sinceMs % 100 === 0 && replicaTrouble(sim) === undefined) equalAfterMs = sinceMs;
    return peersAfterMs >= 0 && equalAfterMs >= 0;
  }, backWithinMs);
  const lonely = sim.alive.flatMap((node) => connectionTrouble(sim, node) ?? []);
  if (peersAfterMs < 0) throw new InvariantError("every node finds its way back", lonely.join("; "));
  if (equalAfterMs < 0) throw new InvariantError("replicas are equal", replicaTrouble(sim) ?? "");
  await checkTasks(sim, allowances);
  await checkOwnWord(sim);
  checkSignatures(sim);
  await checkMoney(sim);
  const tasks = sim.tasks();
  const count = (isSo: (task: RememberedTask) => boolean) => tasks.filter(isSo).length;
  return {
    tasks: tasks.length,
    completed: count(({ status }) => status?.status === "completed"),
    failed: count(({ status }) => status?.status === "failed"),
    refused: count(({ acknowledgedMs }) => acknowledgedMs === undefined),
    signatures: sim.signatures.length,
    peersAfterMs,
    equalAfterMs,
  };
}

function connectionTrouble(sim: Simulation, node: SimulatedNode): string | undefined {
  const mesh = node.services?.mesh;
  if (mesh === undefined) return `${node.name} is not up`;
  const wanted = Math.min(node.options.wantedPeers, sim.alive.length - 1);
  const peers = mesh.peers().length;
  if (peers < wanted) return `${node.name} has ${peers} of ${wanted} peers`;
  // Dishonest nodes listen to what they like.
  if (node.options.instead !== undefined) return undefined;
  const listens = node.options.roles.includes("validator")
    ? ["heartbeat", "records", "signatures", "cosign"]
    : ["heartbeat", "records", "signatures"];
  const deaf = mesh.topics().find((view) => listens.includes(view.topic) && view.mesh === 0);
  if (deaf === undefined || deaf.subscribers === 0) return undefined;
  return `${node.name} is deaf on ${deaf.topic}`;
}

/** Digest of everything live, by kind. */
function digestsOf(node: SimulatedNode): Record<string, string> {
  const { replica, kinds } = node.services ?? {};
  if (replica === undefined || kinds === undefined) return {};
  return Object.fromEntries(
    Object.values(kinds).map((kind) => {
      const records = replica.list<unknown>(kind).map(({ encoded }) => toHex(sha256(encoded)));
      return [kind.name, `${records.length} ${toHex(sha256(records.sort().join(""))).slice(0, 18)}`];
    }),
  );
}

function replicaTrouble(sim: Simulation): string | undefined {
  const [first, ...others] = sim.alive;
  if (first === undefined) return undefined;
  const wanted = JSON.stringify(digestsOf(first));
  const differing = others.filter((node) => JSON.stringify(digestsOf(node)) !== wanted);
  if (differing.length === 0) return undefined;
  const views = [first, ...differing].map((node) => `${node.name} ${JSON.stringify(digestsOf(node))}`);
  return views.join("; ");
}

/** Every honest node finds that it is in sync with its peers: deletions count here too. */
async function checkOwnWord(sim: Simulation): Promise<void> {
  const honest = sim.alive.filter(({ options }) => options.instead === undefined);
  let behind: readonly SimulatedNode[] = honest;
  for (let tried = 0; behind.length > 0 && tried < syncTries; tried++) {
    if (tried > 0) await sim.run(lookAgainMs);
    const looks = behind.map(async (node) => {
      const look = () => node.services?.replica.compare(comparedPeers, AbortSignal.timeout(slackMs));
      const answer = await sim.time.inside(node.host.realm, look);
      return answer?.isInSync === true ? [] : [node];
    });
    behind = (await sim.during(Promise.all(looks), slackMs, "comparing replicas")).flat();
  }
  if (behind.length === 0 || sim.alive.length < 2) return;
  const names = behind.map(({ name }) => name).join(", ");
  throw new InvariantError("every node says that it is in sync", `not so at ${names}`);
}

async function checkTasks(sim: Simulation, allowances: Allowances): Promise<void> {
  const { payment, execution, validation } = sim.genesis.deadlines_sec;
  const lifeMs = (payment + execution + validation) * 1_000 + slackMs;
  const tasks = sim.tasks();
  const isOpen = (task: RememberedTask) =>
    task.acknowledgedMs !== undefined && task.endedMs === undefined && !task.lost;
  await sim.until(() => !tasks.some(isOpen), lifeMs);
  const acknowledged = tasks.filter((task) => task.acknowledgedMs !== undefined);
  for (const task of acknowledged) {
    const mayBeLost = allowances.lostDisks?.includes(task.gateway.name) === true;
    if (task.lost && !mayBeLost)
      throw new InvariantError("no acknowledged task is lost", `${task.gateway.name} lost ${task.id}`);
    if (task.lost) continue;
    if (task.endedMs === undefined || task.endedMs > latestEndMs(task, lifeMs)) {
      throw new InvariantError(
        "every acknowledged task ends within its deadlines",
        `${task.id} at ${task.gateway.name} is ${task.status?.status}`,
      );
    }
    const trouble = resultTrouble(task, allowances);
    if (trouble !== undefined) throw new InvariantError("what ends is proven", `${task.id}: ${trouble}`);
  }
  const completed = acknowledged.filter(({ status }) => status?.status === "completed").length;
  const wanted = Math.ceil((allowances.completedShare ?? 0) * acknowledged.length);
  if (completed < wanted || (acknowledged.length === 0 && tasks.length > 0)) {
    throw new InvariantError(
      "the network goes on working",
      `${completed} of ${acknowledged.length} acknowledged tasks are completed, ${wanted} were expected`,
    );
  }
}

function latestEndMs(task: RememberedTask, lifeMs: number): number {
  return Math.max(task.submittedMs + lifeMs, task.gateway.startedMs + endsAfterReturnMs);
}

function resultTrouble({ status, input }: RememberedTask, allowances: Allowances): string | undefined {
  if (status?.status === "failed")
    return /^[A-Z_]+: /.test(status.error_message ?? "") ? undefined : "it failed without a reason";
  const check = verifyReceipt(status?.receipt_json ?? "");
  if (!check.ok)
    return `its receipt: ${check.problems.map((one) => `${one.field} ${one.problem}`).join(", ")}`;
  if (allowances.anyOutput === true) return undefined;
  const hash = toHex(sha256(outputOf(input)));
  return check.summary?.result_hash === hash ? undefined : "another result than the compute node's";
}

/** The sum over all accounts is what was issued, and no ended task leaves anything in escrow. */
async function checkMoney(sim: Simulation): Promise<void> {
  const { chain } = sim;
  if (chain === undefined) return;
  const look = () => sim.during(chain.balances(), slackMs, "reading the balances");
  let balances = await look();
  for (
    let waitedMs = 0;
    balances.escrowWei > 0n && waitedMs < escrowClosedWithinMs;
    waitedMs += lookAgainMs
  ) {
    await sim.run(lookAgainMs);
    balances = await look();
  }
  if (balances.missingWei !== 0n)
    throw new InvariantError("no token is made or lost", `${balances.missingWei} wei are missing`);
  if (balances.escrowWei !== 0n)
    throw new InvariantError("every escrow is closed", `${balances.escrowWei} wei stay in escrow`);
}

/** Over all lives of every honest validator: one digest a subject. */
function checkSignatures(sim: Simulation): void {
  const signed = new Map<string, string>();
  for (const { validator, subject, digest } of sim.signatures) {
    const key = `${validator} ${subject}`;
    const known = signed.get(key);
    if (known !== undefined && known !== digest)
      throw new InvariantError("no conflicting signatures", `${validator} signed two of ${subject}`);
    signed.set(key, digest);
  }
}
