import { type Policy, startVerdictService, type VerdictServiceOptions } from "../../../src/cosign/index.ts";
import type { NodeOptions } from "../node.ts";
import { network, type Scenario, warmUpMs } from "../scenario.ts";

type Misconduct = NonNullable<NodeOptions["instead"]>;

const signsAll: Policy = { judge: async () => ({ outcome: "sign", alsoClaims: [] }) };
const refusesAll: Policy = {
  judge: async () => ({ outcome: "refuse", reason: "PRICE_MISMATCH", mayChange: false }),
};
const forgetful: VerdictServiceOptions["guard"] = {
  waitsUntilMs: 0,
  admit: async () => true,
  signedDigest: async () => undefined,
};

const verdicts = (
  { genesis, mesh, signer, clock, logger, replica }: Parameters<Misconduct>[1],
  rest: Pick<VerdictServiceOptions, "policy"> & Partial<VerdictServiceOptions>,
) =>
  startVerdictService({
    genesis,
    mesh,
    signer,
    guard: forgetful,
    clock,
    logger,
    clockOffsetMs: () => 0,
    isPeerOf: () => true,
    mergeRecords: (records) => replica.merge(records),
    onKnowledge: () => () => {},
    ...rest,
  });

/** Signs by channel what it refuses by gossip, and remembers nothing. */
const equivocates: Misconduct = (_node, services, stops) => {
  const { mesh } = services;
  const publish = mesh.publish.bind(mesh);
  const yes = verdicts(services, {
    policy: signsAll,
    mesh: { acceptChannels: mesh.acceptChannels.bind(mesh), publish, subscribe: () => {} },
  });
  const no = verdicts(services, {
    policy: refusesAll,
    mesh: { acceptChannels: () => {}, publish, subscribe: mesh.subscribe.bind(mesh) },
  });
  stops.add("yes", () => yes.stop());
  stops.add("no", () => no.stop());
};

const signsGarbage: Misconduct = (node, services, stops) => {
  const { random } = node.host.realm;
  const service = verdicts(services, {
    policy: signsAll,
    signer: {
      address: services.signer.address,
      signHash: async () => random.bytes(65),
      signTyped: async () => random.bytes(65),
    },
  });
  stops.add("garbage", () => service.stop());
};

const staysSilent: Misconduct = () => {};

const misconducts = [undefined, equivocates, signsGarbage, staysSilent];

export const badValidators: Scenario = {
  name: "bad-validators",
  about: "of the validators one equivocates, one signs garbage and one stays silent; the others suffice",
  // Three of the five who are asked may be bad ones, so all are asked.
  topology: (nodes) => ({
    ...network(nodes),
    instead: (validator) => misconducts[validator],
    cosign: { asked: nodes - 2, required: Math.max(1, nodes - 2 - 3) },
  }),
  allowances: { completedShare: 0.9 },
  async play(sim) {
    await sim.run(warmUpMs);
    sim.load(3_000);
    sim.phase("under load");
    await sim.run(60_000);
  },
};
