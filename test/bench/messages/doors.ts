// Two HTTP servers in a process of their own: a bare handler of the library, and the message gateway's door.
import fastify from "fastify";
import { silentLogger, systemClock } from "../../../src/base/index.ts";
import { AccessPermissions, CallerIdentity } from "../../../src/facade/auth/index.ts";
import { Front, Limits, limitsConfigSchema } from "../../../src/facade/front/index.ts";
import { startHttpServer } from "../../../src/facade/http/index.ts";
import { encodeMessage, messageGateway } from "../../../src/facade/messages/index.ts";
import { operation, requestChecks } from "../../../src/operations/index.ts";
import { gatewayClientService as rpc } from "../../../src/wire/index.ts";
import { anyone } from "../../support/open-front.ts";
import { typicalMessages } from "./typical.ts";

const typical = typicalMessages().find(({ message }) => message.name === "InferenceTaskStatus");
if (typical === undefined) throw new Error("no status among the typical messages");
const rules = { access: "open", group: "inference", limit: "read" } as const;
/** Counted as in a node, and never reached. */
const limits = new Limits(limitsConfigSchema.parse({ http: { read: 100_000_000 } }));

const front = new Front({
  identity: new CallerIdentity({
    wallets: { identify: async () => anyone },
    access: undefined,
    clock: systemClock,
    mode: "optional",
  }),
  permissions: new AccessPermissions(undefined),
  limits,
  clock: systemClock,
  logger: silentLogger,
});
const operations = [
  operation(rpc.SubmitInferenceTask, rules, requestChecks.SubmitInferenceTask, async () => typical.value),
  operation(rpc.GetTaskStatus, rules, requestChecks.GetTaskStatus, async () => typical.value),
];
const door = await startHttpServer({
  listen: "127.0.0.1:0",
  mounts: [
    messageGateway({
      front,
      operations: new Map(operations.map((one) => [one.name, one])),
      clock: systemClock,
      logger: silentLogger,
    }),
  ],
  logger: silentLogger,
});

const bare = fastify();
// The same answer as the gateway's, byte for byte but for the time.
const answer = JSON.parse(Buffer.from(encodeMessage("json", typical.message, typical.value)).toString());
bare.post("/api/v2/:name", (_request, reply) => {
  reply.send({ time: Date.now(), message_type: "InferenceTaskStatus", message: answer });
});
await bare.listen({ host: "127.0.0.1", port: 0 });

process.on("message", (asked) => {
  if (asked === "cpu") {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuUs: user + system });
  }
});
process.on("disconnect", () => process.exit());
const port = (address: string) => Number(address.split(":").at(-1));
process.send?.({
  ready: { door: port(door.address), bare: (bare.server.address() as { port: number }).port },
});
