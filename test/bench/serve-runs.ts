/**
 * The life of a benchmark's client process: it makes calls when its parent asks (`{run: {count, inFlight}}`), and answers
 * with each one's latency (`{ran: {wallMs, latenciesMs}}`), until the parent lets go of it.
 */
export function serveRuns(once: () => Promise<void>): void {
  process.on("message", async ({ run }: { run?: { count: number; inFlight: number } }) => {
    if (run === undefined) return;
    const latenciesMs: number[] = [];
    let left = run.count;
    const startedMs = performance.now();
    const worker = async () => {
      while (left-- > 0) {
        const sentMs = performance.now();
        await once();
        latenciesMs.push(performance.now() - sentMs);
      }
    };
    await Promise.all(Array.from({ length: run.inFlight }, worker));
    process.send?.({ ran: { wallMs: performance.now() - startedMs, latenciesMs } });
  });
  process.send?.({ ready: true });
  process.once("disconnect", () => process.exit());
  process.once("SIGTERM", () => process.exit());
}
