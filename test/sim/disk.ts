import { EventEmitter } from "node:events";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryDatastore } from "datastore-core";
import type { MarkFile } from "../../src/cosign/index.ts";
import type { MeshOptions } from "../../src/mesh/index.ts";
import { databaseFile } from "../../src/node/index.ts";
import { Engine } from "../../src/storage/engine.ts";
import { engineFailure } from "../../src/storage/engine-failure.ts";
import type { WriterOptions, WriterReply, WriterRequest } from "../../src/storage/group.ts";
import { openStore, type Store, type StoreOptions, type WriterThread } from "../../src/storage/index.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** A group's sync takes this long on the simulated disk. */
const syncMs = { low: 1, high: 6 };
const databaseFiles = [databaseFile, `${databaseFile}-wal`];
const unlimitedPages = 1_073_741_823;

/** A copy of a node's folder, such as a backup is. */
export interface DiskCopy {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly mark: number | undefined;
}

/** One node's disk. It outlives the node's processes, and loses what was not synced when one is killed. */
export class Disk {
  readonly #root: string;
  readonly #random: SeededRandom;
  readonly #peers = new MemoryDatastore();
  #generation = 0;
  #writer: InlineWriter | undefined;
  #mark: number | undefined;
  #isFull = false;

  constructor(root: string, name: string, random: SeededRandom) {
    this.#root = join(root, name);
    this.#random = random;
    mkdirSync(this.folder, { recursive: true });
  }

  /** The data folder of the process that runs now, or ran last. */
  get folder(): string {
    return join(this.#root, String(this.#generation));
  }

  set isFull(isFull: boolean) {
    this.#isFull = isFull;
    this.#writer?.limit(isFull);
  }

  readonly openStore = (options: StoreOptions): Promise<Store> =>
    openStore({
      ...options,
      startWriter: (writer) => {
        this.#writer = new InlineWriter(writer, this.#random, this.#isFull);
        return this.#writer as unknown as WriterThread;
      },
    });

  readonly openDatastore: NonNullable<MeshOptions["openDatastore"]> = async () =>
    Object.assign(this.#peers, { close: async () => {} });

  readonly markFile = (): MarkFile => ({
    read: async () => this.#mark,
    write: async (mark) => {
      await new Promise((resolve) => setTimeout(resolve, syncMs.low));
      if (this.#isFull) throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
      this.#mark = mark;
    },
  });

  /** Leaves the dead process' open files to it; its successor finds what a kill leaves: the file and its log. */
  crash(): void {
    const before = this.folder;
    this.#generation++;
    mkdirSync(this.folder);
    for (const file of databaseFiles) {
      if (existsSync(join(before, file))) copyFileSync(join(before, file), join(this.folder, file));
    }
    this.#writer?.abandon();
    this.#writer = undefined;
    rmSync(before, { recursive: true });
  }

  /** Only while no process runs. */
  copy(): DiskCopy {
    const present = databaseFiles.filter((file) => existsSync(join(this.folder, file)));
    return {
      files: new Map(present.map((file) => [file, readFileSync(join(this.folder, file))])),
      mark: this.#mark,
    };
  }

  /** Puts a copy of the database back; the mark file stays, unless it belongs to the copy. */
  restore(copy: DiskCopy, { withMark = false } = {}): void {
    this.dropDatabase();
    for (const [file, bytes] of copy.files) writeFileSync(join(this.folder, file), bytes);
    if (withMark) this.#mark = copy.mark;
  }

  dropDatabase(): void {
    for (const file of [...databaseFiles, `${databaseFile}-shm`]) {
      rmSync(join(this.folder, file), { force: true });
    }
  }

  /** Cuts the database off in its middle. */
  truncate(): void {
    this.#mergeLog();
    const file = join(this.folder, databaseFile);
    truncateSync(file, Math.floor(readFileSync(file).length * this.#random.between(0.2, 0.8)));
  }

  /** Overwrites some bytes in many pages of the database. */
  corrupt(): void {
    this.#mergeLog();
    const file = join(this.folder, databaseFile);
    const bytes = readFileSync(file);
    for (let page = 0; page * 4096 < bytes.length; page += 2) {
      bytes.set(this.#random.bytes(64), Math.min(page * 4096 + 100, bytes.length - 64));
    }
    writeFileSync(file, bytes);
  }

  /** Without this the log would mend the file. */
  #mergeLog(): void {
    const engine = new Engine({ path: join(this.folder, databaseFile), migrations: [] });
    engine.close();
  }

  remove(): void {
    this.#writer?.abandon();
    rmSync(this.#root, { recursive: true, force: true });
  }
}

/** Simulated disks live in memory where the system has such a folder: what a crash loses is decided here, not by it. */
export function diskRoot(): string {
  const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  const root = mkdtempSync(join(base, "countersign-sim-"));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  return root;
}

/** The storage engine on virtual time instead of in a thread: a group is durable when its time has come, not before. */
class InlineWriter extends EventEmitter {
  readonly #random: SeededRandom;
  #engine: Engine | undefined;

  constructor(options: WriterOptions, random: SeededRandom, isFull: boolean) {
    super();
    this.#random = random;
    this.#later(() => {
      try {
        this.#engine = new Engine(options);
        this.limit(isFull);
        this.#reply({ type: "opened" });
      } catch (error) {
        this.#reply({ type: "open_failed", failure: engineFailure(error) });
      }
    });
  }

  postMessage(request: WriterRequest): void {
    this.#later(() => {
      if (request.type === "group") {
        const results = this.#engine?.commitGroup(request.transacts) ?? [];
        this.#reply({ type: "done", results });
      } else {
        this.abandon();
        this.emit("exit", 0);
      }
    });
  }

  limit(isFull: boolean): void {
    const database = this.#engine?.database;
    if (database === undefined) return;
    const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    database.exec(`PRAGMA max_page_count = ${isFull ? pages : unlimitedPages}`);
  }

  async terminate(): Promise<number> {
    this.abandon();
    return 0;
  }

  abandon(): void {
    if (this.#engine?.database.isOpen) this.#engine.close();
    this.#engine = undefined;
  }

  #reply(reply: WriterReply): void {
    this.emit("message", reply);
  }

  #later(work: () => void): void {
    setTimeout(work, Math.floor(this.#random.between(syncMs.low, syncMs.high)));
  }
}
