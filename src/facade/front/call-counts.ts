import type { ErrorCode, Metric } from "../../base/index.ts";

type Counts = Record<string, number>;

/** What became of calls, over all facades, for the metrics. */
export class CallCounts {
  readonly #calls: Counts = {};
  readonly #seconds: Counts = {};
  readonly #facades: Counts = {};
  readonly #errors: Counts = {};
  #open = 0;

  begin(operation: string, facade: string): void {
    this.#open++;
    add(this.#calls, operation, 1);
    add(this.#facades, facade, 1);
  }

  end(operation: string, tookMs: number, error: ErrorCode | undefined): void {
    this.#open--;
    add(this.#seconds, operation, tookMs / 1000);
    if (error !== undefined) add(this.#errors, error, 1);
  }

  metrics(): Metric[] {
    const by = (label: string, name: string, help: string, counts: Counts): Metric => ({
      name,
      type: "counter",
      help,
      label,
      read: () => counts,
    });
    return [
      by("operation", "calls_total", "Calls over all facades", this.#calls),
      by(
        "operation",
        "call_seconds_total",
        "Time that calls took; streams count until they end",
        this.#seconds,
      ),
      by("facade", "facade_calls_total", "Calls by the protocol they came in", this.#facades),
      by("code", "call_errors_total", "Calls that failed", this.#errors),
      {
        name: "calls_open",
        type: "gauge",
        help: "Calls under way, streams among them",
        read: () => this.#open,
      },
    ];
  }
}

function add(counts: Counts, key: string, by: number): void {
  counts[key] = (counts[key] ?? 0) + by;
}
