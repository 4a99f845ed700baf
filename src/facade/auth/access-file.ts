import { readFile, stat } from "node:fs/promises";
import {
  type Cancel,
  type Clock,
  CountersignError,
  isCode,
  type Logger,
  messageOf,
} from "../../base/index.ts";
import { AccessRules, parseAccess } from "./access-rules.ts";

/** Edits are picked up within this time. A look costs one `stat`; the system's own notices get lost on some file systems. */
export const lookEveryMs = 1_000;
/** Room for every user with several keys. */
const maxFileBytes = 4 * 1024 * 1024;

export interface AccessFileOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The rules in force: those of the file, as last found without a mistake in it. */
export class AccessFile {
  readonly #o: AccessFileOptions;
  #rules: AccessRules;
  /** What the file looked like when it was last read. */
  #mark: string;
  #isValid = true;
  #isLooking = false;
  readonly #counts = { applied: 0, refused: 0 };
  readonly #stopLooking: Cancel;

  /** @throws CountersignError CONFIG_INVALID when the file cannot be read, or has a mistake */
  static async open(options: AccessFileOptions): Promise<AccessFile> {
    const mark = await markOf(options.file);
    return new AccessFile(options, await rulesOf(options.file), mark);
  }

  private constructor(options: AccessFileOptions, rules: AccessRules, mark: string) {
    this.#o = options;
    this.#rules = rules;
    this.#mark = mark;
    this.#stopLooking = options.clock.every(lookEveryMs, () => void this.look());
  }

  get rules(): AccessRules {
    return this.#rules;
  }

  /** Takes over the file's rules where it has changed. Where it has a mistake the rules stay, and the log says so. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const mark = await markOf(this.#o.file);
      if (mark !== this.#mark) await this.#takeOver(mark);
    } finally {
      this.#isLooking = false;
    }
  }

  stop(): void {
    this.#stopLooking();
  }

  /** False while the file has a mistake and older rules hold. */
  get isValid(): boolean {
    return this.#isValid;
  }

  get editCounts(): { readonly applied: number; readonly refused: number } {
    return { ...this.#counts };
  }

  async #takeOver(mark: string): Promise<void> {
    const { file, logger } = this.#o;
    try {
      const rules = await rulesOf(file);
      // Still being written: the next look reads it whole.
      if ((await markOf(file)) !== mark) return;
      this.#rules = rules;
      this.#isValid = true;
      this.#counts.applied++;
      logger.info({ file, users: rules.userCount }, "access file read again");
    } catch (error) {
      if ((await markOf(file)) !== mark) return;
      this.#isValid = false;
      this.#counts.refused++;
      logger.error({ file, error: messageOf(error) }, "access file cannot be used; the rules before stay");
    }
    this.#mark = mark;
  }
}

async function markOf(file: string): Promise<string> {
  try {
    const { mtimeNs, ctimeNs, size, ino } = await stat(file, { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${size} ${ino}`;
  } catch (error) {
    return messageOf(error);
  }
}

async function rulesOf(file: string): Promise<AccessRules> {
  return new AccessRules(parseAccess(file, await readAccess(file)));
}

/** @throws CountersignError CONFIG_INVALID */
export async function readAccess(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > maxFileBytes) throw unreadable(file, `it has ${size} bytes; at most ${maxFileBytes} are read`);
    return await readFile(file, "utf8");
  } catch (error) {
    if (isCode(error, "CONFIG_INVALID")) throw error;
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw unreadable(
      file,
      isMissing
        ? `there is no such file; \`countersign keys add NAME --access ${file}\` makes one`
        : messageOf(error),
    );
  }
}

const unreadable = (file: string, reason: string) =>
  new CountersignError("CONFIG_INVALID", `cannot read the access file ${file}: ${reason}`);
