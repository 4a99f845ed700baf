import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

// What a benchmark is, and what it leaves behind.

/** Numbers by name; the unit is in the name. */
export type Figures = Record<string, number>;

export interface Measured {
  readonly metrics: Figures;
  /** What the same machine did in the same run without the product. */
  readonly baseline: Figures;
  /** Metrics against baseline: what can be compared between machines. */
  readonly ratios: Figures;
}

/** A bound that a metric or ratio is meant to keep. */
export type Reach = { readonly atMost: number } | { readonly atLeast: number };

export interface Bench {
  readonly measures: string;
  readonly params: Readonly<Record<string, { readonly value: number; readonly what: string }>>;
  readonly reach: Readonly<Record<string, Reach>>;
  /** @param say tells people how far it is */
  run(params: Figures, signal: AbortSignal, say: (text: string) => void): Promise<Measured>;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGib: number;
  readonly platform: string;
  readonly node: string;
  /** Processes that ran or wanted to when the benchmark began; above a few tenths the machine was not its own. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadBefore: rounded(loadavg()[0] ?? 0),
  };
}

/** The value below which the given share of all values lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Three digits are more than any benchmark can promise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(Math.abs(value) >= 100 ? 4 : 3));
}
