import { parseArgs } from "node:util";
import { type Bench, describeMachine, type Figures, type Machine, type Measured, rounded } from "./bench.ts";

// npm run bench -- NAME [--json] [--PARAMETER N]

const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  "catch-up": async () => (await import("./catch-up.ts")).catchUp,
  cosign: async () => (await import("./cosign.ts")).cosign,
  events: async () => (await import("./events.ts")).events,
  gateway: async () => (await import("./gateway.ts")).gateway,
  gossip: async () => (await import("./gossip.ts")).gossip,
  heal: async () => (await import("./heal.ts")).heal,
  join: async () => (await import("./join.ts")).join,
  messages: async () => (await import("./messages.ts")).messages,
  rest: async () => (await import("./rest.ts")).rest,
  scale: async () => (await import("./scale.ts")).scale,
  soak: async () => (await import("./soak.ts")).soak,
  startup: async () => (await import("./startup.ts")).startup,
};

async function main(args: readonly string[]): Promise<void> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h") return help();
  const load = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (load === undefined) {
    throw new UsageError(`no benchmark "${name}"; there are: ${Object.keys(benches).join(", ")}`);
  }
  const bench = await load();
  const { params, asJson } = read(bench, rest);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => stop.abort(new DOMException("interrupted", "AbortError")));
  }
  const machine = describeMachine();
  const say = (text: string) => process.stderr.write(`${text}\n`);
  const measured = await bench.run(params, stop.signal, say);
  if (asJson) process.stdout.write(`${JSON.stringify({ name, machine, params, ...tidy(measured) })}\n`);
  else print(name, bench, machine, params, tidy(measured));
}

class UsageError extends Error {}

function read(bench: Bench, args: readonly string[]): { params: Figures; asJson: boolean } {
  const known = Object.keys(bench.params);
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean" },
      ...Object.fromEntries(known.map((name) => [name, { type: "string" as const }])),
    },
  });
  const given = values as Readonly<Record<string, string | boolean | undefined>>;
  const params = known.map((name): [string, number] => {
    const text = given[name];
    if (typeof text !== "string") return [name, bench.params[name]?.value ?? 0];
    if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name}: "${text}" is no whole number`);
    return [name, Number(text)];
  });
  return { params: Object.fromEntries(params), asJson: given["json"] === true };
}

async function help(): Promise<void> {
  const lines = ["npm run bench -- NAME [--json] [--PARAMETER N]", ""];
  for (const [name, load] of Object.entries(benches)) {
    const { measures, params } = await load();
    lines.push(`${name.padEnd(10)} ${measures}`);
    for (const [param, { value, what }] of Object.entries(params))
      lines.push(`           --${param} ${value}  ${what}`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

function tidy({ metrics, baseline, ratios }: Measured): Measured {
  const all = (figures: Figures) =>
    Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, rounded(value)]));
  return { metrics: all(metrics), baseline: all(baseline), ratios: all(ratios) };
}

function print(name: string, bench: Bench, machine: Machine, params: Figures, measured: Measured): void {
  const figures = (of: object) =>
    Object.entries(of)
      .map(([key, value]) => `${key} ${value}`)
      .join(", ");
  const rows = Object.entries(measured).flatMap(([kind, of]: [string, Figures]) =>
    Object.entries(of).map(([key, value]) => {
      const reach = bench.reach[key];
      if (reach === undefined) return [kind, key, String(value), ""];
      const isKept = "atMost" in reach ? value <= reach.atMost : value >= reach.atLeast;
      const bound = "atMost" in reach ? `≤ ${reach.atMost}` : `≥ ${reach.atLeast}`;
      return [kind, key, String(value), `${bound} ${isKept ? "reached" : "not reached"}`];
    }),
  );
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const table = rows.map(([kind = "", key = "", value = "", reach = ""]) =>
    `${kind.padEnd(widths[0] ?? 0)}  ${key.padEnd(widths[1] ?? 0)}  ${value.padStart(widths[2] ?? 0)}  ${reach}`.trimEnd(),
  );
  process.stdout.write(
    `${name}: ${bench.measures}\nmachine: ${figures(machine)}\nparams: ${figures(params)}\n\n${table.join("\n")}\n`,
  );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isUsage =
    error instanceof UsageError || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  process.stderr.write(`${isUsage ? (error as Error).message : ((error as Error).stack ?? String(error))}\n`);
  process.exitCode = isUsage ? 2 : 1;
}
