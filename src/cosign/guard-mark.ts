import { open, readFile, rename } from "node:fs/promises";
import { z } from "zod";

// The guard's high-water mark lives beside the database, so that a database restored from an older copy shows.

export interface MarkFile {
  /** The mark, or undefined when there is no readable file. */
  read(): Promise<number | undefined>;
  /** Resolves once the mark is on disk. */
  write(mark: number): Promise<void>;
}

const markSchema = z.strictObject({ mark: z.int().min(0) });

export function markFile(path: string): MarkFile {
  return {
    async read() {
      try {
        return markSchema.parse(JSON.parse(await readFile(path, "utf8"))).mark;
      } catch {
        // Missing or damaged is one to the guard: it cannot know what it signed, so it waits.
        return undefined;
      }
    },
    async write(mark) {
      const draft = `${path}.new`;
      const file = await open(draft, "w", 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ mark })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, path);
    },
  };
}
