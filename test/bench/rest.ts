import type { Bench, Figures } from "./bench.ts";
import { measureChat } from "./rest/chat.ts";
import { measureTasks } from "./rest/tasks.ts";

/** Doors of the HTTP port, each beside what answers at once without a network. */
export const rest: Bench = {
  measures:
    "POST /api/v1/inference to result, and OpenAI-style chat; unpaid, answered at once, durable, threshold 0",
  params: {
    tasks: { value: 4_000, what: "tasks measured" },
    chats: { value: 4_000, what: "chats measured" },
    connections: { value: 64, what: "calls under way at once" },
  },
  reach: {
    addedCalmP50Ms: { atMost: 2 },
    addedCalmP99Ms: { atMost: 15 },
    addedChatCalmP50Ms: { atMost: 2 },
    addedChatCalmP99Ms: { atMost: 15 },
  },
  async run({ tasks = 1, chats = 1, connections = 1 }, signal, say) {
    const measured = {
      ...(await measureTasks({ tasks, connections }, signal, say)),
      ...(await measureChat({ chats, connections }, signal, say)),
    };
    const figure = (name: string): number => measured[name] ?? Number.NaN;
    const added = (name: string): number => figure(`task${name}`) - figure(`direct${name}`);
    const addedChat = (name: string): number => figure(`chat${name}`) - figure(`upstream${name}`);
    return {
      metrics: {
        ...pick(measured, /^(task|chat|gateway|compute)/),
        addedP50Ms: added("P50Ms"),
        addedP99Ms: added("P99Ms"),
        addedCalmP50Ms: added("CalmP50Ms"),
        addedCalmP99Ms: added("CalmP99Ms"),
        addedChatP50Ms: addedChat("P50Ms"),
        addedChatP99Ms: addedChat("P99Ms"),
        addedChatCalmP50Ms: addedChat("CalmP50Ms"),
        addedChatCalmP99Ms: addedChat("CalmP99Ms"),
      },
      baseline: pick(measured, /^(direct|upstream)/),
      ratios: {
        tasksToDirectCalls: figure("tasksPerSec") / figure("directPerSec"),
        chatsToUpstreamCalls: figure("chatsPerSec") / figure("upstreamPerSec"),
      },
    };
  },
};

function pick(figures: Figures, names: RegExp): Figures {
  return Object.fromEntries(Object.entries(figures).filter(([name]) => names.test(name)));
}
