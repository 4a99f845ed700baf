import { once } from "node:events";
import { createServer, type Server } from "node:net";

// Ports that stay a process' own. One that the kernel picks, and that is closed again for a node to open, may go to any
// program meanwhile; and again whenever the node restarts. Here devnets of several processes take whole blocks, below what
// kernels pick from, and hold on to the first port of each.

const firstPort = 10_240;
/** Linux's kernels pick ports for connections from here on, others' from higher ones. */
const endPort = 32_768;
const blockSize = 64;
const blocks = (endPort - firstPort) / blockSize;
const host = "127.0.0.1";

/** Of blocks that this process holds, until it ends: whose ports they were may open them again at any time. */
const left: number[] = [];

/** Ports that nobody listens on, and that no other process is given by this function. @throws Error when all are taken */
export async function freePorts(count: number): Promise<number[]> {
  // Starts anywhere, so that processes seldom meet.
  while (left.length < count) left.push(...(await holdBlock(Math.floor(Math.random() * blocks))));
  return left.splice(0, count);
}

/** The free ports of the first block, from this one on, that no process holds; this one holds it then. */
export async function holdBlock(start: number): Promise<number[]> {
  for (let step = 0; step < blocks; step++) {
    const [first, ...rest] = portsOf((start + step) % blocks);
    const holder = await listen(first);
    if (holder === undefined) continue;
    holder.unref();
    const free = await Promise.all(rest.map(async (port) => ((await isFree(port)) ? [port] : [])));
    return free.flat();
  }
  throw new Error(`no ports are free from ${firstPort} to ${endPort - 1}`);
}

function portsOf(block: number): [number, ...number[]] {
  const first = firstPort + block * blockSize;
  return [first, ...Array.from({ length: blockSize - 1 }, (_, index) => first + 1 + index)];
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (server === undefined) return false;
  await once(server.close(), "close");
  return true;
}

/** Undefined where another program listens. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer().listen({ port, host, exclusive: true });
  try {
    await once(server, "listening");
    return server;
  } catch (error) {
    // Ports can be barred, too.
    if (["EADDRINUSE", "EACCES"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
