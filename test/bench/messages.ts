import {
  decodeMessage,
  encodeMessage,
  type Format,
  type MessageDescriptor,
} from "../../src/facade/messages/index.ts";
import type { Bench, Figures } from "./bench.ts";
import { typicalMessages } from "./messages/typical.ts";

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
  measures: "message gateway: a body decoded from one format and encoded in another, by CPU time",
  params: { count: { value: 200_000, what: "messages each way" } },
  reach: Object.fromEntries(ways.map((way) => [nameOf(way), { atLeast: 0.3 }])),
  async run({ count = 1 }, signal, say) {
    const samples = typicalMessages().map(({ message, value }): Sample => {
      const [json, protobuf, flatbuffers] = formats.map((format) => encodeMessage(format, message, value));
      if (json === undefined || protobuf === undefined || flatbuffers === undefined)
        throw new Error("no body");
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
  },
};
