import type { Bench, Figures } from "./bench.ts";
import { measureTasks } from "./rest/tasks.ts";

/** Doors of the HTTP port, each beside what answers at once without a network. */
export const rest: Bench = {
  measures: "POST /api/v1/inference to result, unpaid, instant runner, durable, threshold 0",
  params: {
    tasks: { value: 4_000, what: "tasks measured" },
    connections: { value: 64, what: "calls under way at once" },
  },
  reach: { addedCalmP50Ms: { atMost: 2 }, addedCalmP99Ms: { atMost: 15 } },
  async run({ tasks = 1, connections = 1 }, signal, say) {
    const measured = await measureTasks({ tasks, connections }, signal, say);
    const figure = (name: string): number => measured[name] ?? Number.NaN;
    const added = (name: string): number => figure(`task${name}`) - figure(`direct${name}`);
    const ofTasks = pick(measured, /^(task|gateway)/);
    return {
      metrics: {
        ...ofTasks,
        addedP50Ms: added("P50Ms"),
        addedP99Ms: added("P99Ms"),
        addedCalmP50Ms: added("CalmP50Ms"),
        addedCalmP99Ms: added("CalmP99Ms"),
      },
      baseline: pick(measured, /^direct/),
      ratios: { tasksToDirectCalls: figure("tasksPerSec") / figure("directPerSec") },
    };
  },
};

function pick(figures: Figures, names: RegExp): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => names.test(name)));
}
