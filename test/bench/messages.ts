import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  decodeMessage,
  encodeMessage,
  type Format,
  type MessageDescriptor,
  mediaTypes,
} from "../../src/facade/messages/index.ts";
import { tempFolder } from "../support/temp-folder.ts";
import type { Bench, Figures, Measured } from "./bench.ts";
import { HttpLoad, postOf } from "./messages/http-load.ts";
import { typicalMessages } from "./messages/typical.ts";
import { type Running, start, told } from "./processes.ts";

const formats: readonly Format[] = ["json", "protobuf", "flatbuffers"];
const ways = formats.flatMap((from) => formats.filter((to) => to !== from).map((to): Way => ({ from, to })));
/** Rounds between the ways and the baseline, so that what else the machine does meets all alike. */
const rounds = 20;

interface Way {
  readonly from: Format;
  readonly to: Format;
}

interface Sample {
  readonly message: MessageDescriptor;
  readonly bodies: Readonly<Record<Format, Uint8Array>>;
  readonly text: string;
}

const nameOf = ({ from, to }: Way): string => `${from}To${to[0]?.toUpperCase()}${to.slice(1)}`;

export const messages: Bench = {
  measures: "message gateway, by processor time: a body from one format to another; a whole call over HTTP",
  params: {
    count: { value: 200_000, what: "messages each way" },
    calls: { value: 60_000, what: "calls over HTTP" },
    connections: { value: 32, what: "connections for them" },
  },
  reach: {
    ...Object.fromEntries(ways.map((way) => [nameOf(way), { atLeast: 0.3 }])),
    jsonCallToBareCall: { atLeast: 0.5 },
  },
  async run({ count = 1, calls = 1, connections = 1 }, signal, say) {
    const [codecs, http] = [translate(count, signal, say), await call({ calls, connections }, signal, say)];
    return {
      metrics: { ...codecs.metrics, ...http.metrics },
      baseline: { ...codecs.baseline, ...http.baseline },
      ratios: { ...codecs.ratios, ...http.ratios },
    };
  },
};

function translate(count: number, signal: AbortSignal, say: (text: string) => void): Measured {
  const samples = typicalMessages().map(({ message, value }): Sample => {
    const [json, protobuf, flatbuffers] = formats.map((format) => encodeMessage(format, message, value));
    if (json === undefined || protobuf === undefined || flatbuffers === undefined) throw new Error("no body");
    return { message, bodies: { json, protobuf, flatbuffers }, text: Buffer.from(json).toString() };
  });
  const perRound = Math.ceil(count / rounds);
  const cpuUs: Figures = {};
  const timed = (name: string, one: (sample: Sample) => unknown) => {
    const before = process.cpuUsage();
    for (let i = 0; i < perRound; i++) one(samples[i % samples.length] as Sample);
    const { user, system } = process.cpuUsage(before);
    cpuUs[name] = (cpuUs[name] ?? 0) + user + system;
  };
  for (let round = -1; round < rounds && !signal.aborted; round++) {
    timed("parseAndStringify", ({ text }) => JSON.stringify(JSON.parse(text)));
    for (const way of ways) {
      timed(nameOf(way), ({ message, bodies }) =>
        encodeMessage(way.to, message, decodeMessage(way.from, message, bodies[way.from])),
      );
    }
    if (round < 0) for (const name of Object.keys(cpuUs)) delete cpuUs[name];
    else if (round % 5 === 4) say(`${round + 1} of ${rounds} rounds`);
  }
  signal.throwIfAborted();
  const perSec = (name: string) => (perRound * rounds * 1e6) / (cpuUs[name] ?? Number.NaN);
  const baseline = perSec("parseAndStringify");
  return {
    metrics: Object.fromEntries(ways.map((way) => [`${nameOf(way)}PerCpuSec`, perSec(nameOf(way))])),
    baseline: { parseAndStringifyPerCpuSec: baseline },
    ratios: Object.fromEntries(ways.map((way) => [nameOf(way), perSec(nameOf(way)) / baseline])),
  };
}

type Kind = "bare" | Format;
const kinds: readonly Kind[] = ["bare", ...formats];

/** The same calls to a bare handler of the HTTP library and to the gateway, in each format, in turns. */
async function call(
  { calls, connections }: { readonly calls: number; readonly connections: number },
  signal: AbortSignal,
  say: (text: string) => void,
): Promise<Measured> {
  const folder = tempFolder();
  const file = fileURLToPath(new URL("messages/doors.ts", import.meta.url));
  const server = await start<{ bare: number; door: number }>({
    file,
    logFile: join(folder.path, "log"),
    signal,
  });
  const load = {
    bare: await HttpLoad.open(server.ready.bare, connections),
    door: await HttpLoad.open(server.ready.door, connections),
  };
  const cpuUs: Record<string, number> = {};
  const wallMs: Record<string, number> = {};
  const perRound = Math.ceil(calls / rounds);
  try {
    for (let round = -1; round < rounds && !signal.aborted; round++) {
      for (const kind of kinds) {
        const [cpuBefore, before] = [await serverCpuUs(server), performance.now()];
        await load[kind === "bare" ? "bare" : "door"].run(
          requestsIn(kind === "bare" ? "json" : kind),
          perRound,
        );
        // The first round warms up.
        if (round < 0) continue;
        wallMs[kind] = (wallMs[kind] ?? 0) + performance.now() - before;
        cpuUs[kind] = (cpuUs[kind] ?? 0) + (await serverCpuUs(server)) - cpuBefore;
      }
      if (round % 5 === 4) say(`HTTP: ${round + 1} of ${rounds} rounds`);
    }
    signal.throwIfAborted();
  } finally {
    load.bare.close();
    load.door.close();
    await server.stop();
    folder.remove();
  }
  const made = perRound * rounds;
  const figures = (kind: Kind): Figures => ({
    [`${kind}CallsPerSec`]: (made * 1000) / (wallMs[kind] ?? Number.NaN),
    [`${kind}CallCpuUs`]: (cpuUs[kind] ?? Number.NaN) / made,
  });
  const toBare = (kind: Kind) => (cpuUs["bare"] ?? Number.NaN) / (cpuUs[kind] ?? Number.NaN);
  return {
    metrics: Object.assign({}, ...formats.map(figures)),
    baseline: figures("bare"),
    ratios: Object.fromEntries(formats.map((format) => [`${format}CallToBareCall`, toBare(format)])),
  };
}

async function serverCpuUs(server: Running<unknown>): Promise<number> {
  const answer = told<number>(server, "cpuUs");
  server.child.send("cpu");
  return await answer;
}

/** A task submitted and its status asked for. */
function requestsIn(format: Format): readonly Buffer[] {
  return typicalMessages().flatMap(({ message, value }) => {
    const operation = { InferenceRequest: "SubmitInferenceTask", TaskID: "GetTaskStatus" }[message.name];
    const body = encodeMessage(format, message, value);
    return operation === undefined ? [] : postOf(`/api/v2/${operation}`, mediaTypes[format], body);
  });
}
