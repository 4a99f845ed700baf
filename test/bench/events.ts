import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { systemClock } from "../../src/base/index.ts";
import { LiveDoor } from "../support/live-door.ts";
import { nodeEvent, TestLog } from "../support/live-topics.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { type Bench, percentile } from "./bench.ts";
import { start, told } from "./processes.ts";

const subscribersFile = fileURLToPath(new URL("./events/subscribers.ts", import.meta.url));
/** Events are written as they come up in this time, as a busy gateway's transitions are. */
const tickMs = 5;
/** About what a node's record takes. */
const nodeId = "n".repeat(64);

interface Counted {
  readonly received: number;
  readonly faults: number;
}

interface Load {
  readonly rate: number;
  readonly seconds: number;
  readonly subscribers: number;
  readonly signal: AbortSignal;
}

/** One way to serve: where subscribers connect, and how `count` events go out. */
interface Server {
  readonly url: string;
  send(count: number): Promise<void>;
  stop(): Promise<void>;
}

export const events: Bench = {
  measures: "live topics: events out of the durable log to many WebSocket subscribers, and their resumption",
  params: {
    rate: { value: 5_000, what: "events a second" },
    subscribers: { value: 100, what: "WebSockets, all in one other process" },
    seconds: { value: 10, what: "of sending" },
  },
  reach: { eventsPerSec: { atLeast: 5_000 }, faults: { atMost: 0 }, deliveriesToBaseline: { atLeast: 1 } },
  async run({ rate = 1, subscribers = 1, seconds = 1 }, signal, say) {
    const load = { rate, subscribers, seconds, signal };
    say("the log's topic");
    const topic = await measure(await logServer(subscribers), load, 0);
    say("the same with every subscriber breaking off and resuming");
    const resumed = await measure(await logServer(subscribers), load, Math.ceil((rate * seconds) / 2));
    say("ws broadcasting the same bytes");
    const plain = await measure(await plainServer(), load, 0);
    return {
      metrics: {
        eventsPerSec: topic.eventsPerSec,
        deliveriesPerSec: topic.eventsPerSec * subscribers,
        serverCpuUsPerDelivery: topic.cpuUs,
        resumedEventsPerSec: resumed.eventsPerSec,
        faults: topic.faults + resumed.faults,
        appendP99Ms: topic.sendP99Ms,
      },
      baseline: {
        eventsPerSec: plain.eventsPerSec,
        deliveriesPerSec: plain.eventsPerSec * subscribers,
        serverCpuUsPerDelivery: plain.cpuUs,
      },
      ratios: {
        deliveriesToBaseline: topic.eventsPerSec / plain.eventsPerSec,
        cpuToBaseline: topic.cpuUs / plain.cpuUs,
      },
    };
  },
};

/** Sends at the rate, or as fast as it goes where that is less, until every subscriber has everything. */
async function measure(server: Server, { rate, seconds, subscribers, signal }: Load, resumeAfter: number) {
  const folder = tempFolder();
  const count = Math.round(rate * seconds);
  try {
    const running = await start<true>({
      file: subscribersFile,
      args: [server.url, String(subscribers), String(count), String(resumeAfter)],
      logFile: join(folder.path, "subscribers.log"),
      signal,
    });
    const counted = told<Counted>(running, "done");
    const before = process.cpuUsage();
    const startedMs = performance.now();
    const tookMs: number[] = [];
    const pending: Promise<void>[] = [];
    for (let sent = 0; sent < count; ) {
      const due = Math.min(count, Math.floor(((performance.now() - startedMs) / 1000) * rate));
      if (due > sent) {
        const beganMs = performance.now();
        pending.push(server.send(due - sent).then(() => void tookMs.push(performance.now() - beganMs)));
        sent = due;
      }
      await wait(tickMs, undefined, { signal });
    }
    await Promise.all(pending);
    const { received, faults } = await counted;
    await running.stop();
    const elapsedSec = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(before);
    const missing = count * subscribers - received;
    return {
      eventsPerSec: count / elapsedSec,
      cpuUs: (user + system) / (count * subscribers),
      faults: faults + Math.abs(missing),
      sendP99Ms: percentile(tookMs, 0.99),
    };
  } finally {
    await server.stop();
    folder.remove();
  }
}

async function logServer(subscribers: number): Promise<Server> {
  const log = new TestLog(systemClock, { isInline: false });
  const door = await LiveDoor.open({ events: await log.open(), maxConnectionsPerIp: 2 * subscribers });
  return {
    url: door.url,
    async send(count) {
      await log.log.append(Array.from({ length: count }, () => nodeEvent(nodeId)));
    },
    async stop() {
      await door.stop(AbortSignal.abort());
      await log.remove();
    },
  };
}

async function plainServer(): Promise<Server> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  let seq = 0;
  const message = JSON.stringify({ node_id: nodeId, ...emptyNode });
  server.on("connection", (ws) => {
    ws.once("message", () => ws.send("{}"));
  });
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    url: `ws://127.0.0.1:${port}`,
    async send(count) {
      for (let index = 0; index < count; index++) {
        const text = Buffer.from(`{"topic":"node","time":${Date.now()},"seq":${++seq},"message":${message}}`);
        for (const ws of server.clients) ws.send(text, { binary: false });
      }
    },
    async stop() {
      for (const ws of server.clients) ws.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the topic's messages say besides. */
const emptyNode = {
  node_type: "",
  ip_address: "",
  port: 0,
  capabilities: [],
  wallet_address: "",
  last_heartbeat: "0",
  supported_models: [],
  multiaddrs: [],
};
