import type { Registry } from "prom-client";
import { messageOf } from "./errors.ts";
import type { Logger } from "./logger.ts";

/** A figure, by its label's values where it has one. Undefined when there is none to tell. */
export type Reading = number | undefined | Readonly<Record<string, number>>;

/** One metric: nothing is counted for it, its part is asked when somebody collects. */
export interface Metric {
  /** Prometheus style, without the prefix: snake_case with its unit; a counter ends in `_total`. */
  readonly name: string;
  readonly type: "gauge" | "counter";
  readonly help: string;
  /** Name of the one label that `read` gives values for. */
  readonly label?: string;
  read(): Reading | Promise<Reading>;
}

export const metricPrefix = "countersign_";

/** What a collector asks for. */
export interface MetricsText {
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * The metrics as Prometheus reads them, beside those of the process (memory, CPU, event loop, garbage collection).
 * The library is loaded here, so that a node without metrics does not pay for it.
 */
export async function openMetrics(metrics: readonly Metric[], logger: Logger): Promise<MetricsText> {
  // Its names come by `default` alone where this program is bundled.
  const { Counter, collectDefaultMetrics, Gauge, Registry } = (await import("prom-client")).default;
  const registry: Registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const { name, type, help, label, read } of metrics) {
    const options = {
      name: metricPrefix + name,
      help,
      labelNames: label === undefined ? [] : [label],
      registers: [registry],
      collect: async () => {
        const readings = await settled(read, (error) =>
          logger.debug({ metric: name, error: messageOf(error) }, "metric could not be read"),
        );
        metric.reset();
        if (typeof readings === "number") metric.inc(readings);
        else if (label === undefined) metric.remove();
        else
          for (const [value, figure] of Object.entries(readings ?? {}))
            metric.inc({ [label]: value }, figure);
      },
    };
    const metric = type === "gauge" ? new Gauge(options) : new Counter(options);
  }
  return { contentType: registry.contentType, text: () => registry.metrics() };
}

/** A part that cannot tell its figure must not hide all the others. */
async function settled(read: Metric["read"], onFailure: (error: unknown) => void): Promise<Reading> {
  try {
    return await read();
  } catch (error) {
    onFailure(error);
    return undefined;
  }
}
