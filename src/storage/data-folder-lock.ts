import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CountersignError } from "../base/index.ts";
import { engineFailure, storageFailed } from "./engine-failure.ts";

const lockFileName = "node.lock";
const busy = 5;
const readersGoneWithinMs = 2_000;

export interface DataFolderLock {
  release(): void;
}

/**
 * Takes the folder for this process. The lock is SQLite's on a file of its own, so the operating system lets go of it
 * when the process dies, however it dies: nothing is left behind to be judged stale, and a re-used pid fools nobody.
 * @throws CountersignError UNAVAILABLE when a live process has it, named by pid; STORAGE_FAILED when the folder cannot be written
 */
export function lockDataFolder(folder: string): DataFolderLock {
  const path = join(folder, lockFileName);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("BEGIN IMMEDIATE");
    // Whoever is refused just now may be reading who holds it; that is over in a moment.
    database.exec(`PRAGMA busy_timeout = ${readersGoneWithinMs}`);
    database.exec("CREATE TABLE IF NOT EXISTS holder (pid INTEGER NOT NULL)");
    database.exec("DELETE FROM holder");
    database.prepare("INSERT INTO holder (pid) VALUES (?)").run(process.pid);
    database.exec("COMMIT");
    database.exec("PRAGMA busy_timeout = 0");
    // Held for the process' life: it keeps others from writing while they can still read who holds it.
    database.exec("BEGIN IMMEDIATE");
  } catch (error) {
    const failure = engineFailure(error);
    const holder = failure.code === busy && database !== undefined ? readHolder(database) : undefined;
    database?.close();
    if (failure.code !== busy) throw storageFailed(path, failure);
    throw new CountersignError(
      "UNAVAILABLE",
      `data folder ${folder} is in use by process ${holder ?? "that is just starting"}; stop it or choose another folder`,
      { folder, pid: holder },
    );
  }
  const held = database;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}

/** Undefined while the holder is writing its pid. */
function readHolder(database: DatabaseSync): number | undefined {
  try {
    return Number(database.prepare("SELECT pid FROM holder").get()?.["pid"]);
  } catch {
    return undefined;
  }
}
