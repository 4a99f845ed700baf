/** Why an article is not taken. Recorded and shown as they are; the codes are public. */
export type RefusalCode =
  /** Bytes that do not hash to what names them. */
  | "BAD_HASH"
  /** A block that a link names is not in the package. */
  | "MISSING_BLOCK"
  /** More bytes, files, images or pixels than an article may have. */
  | "OVER_LIMITS"
  /** Few bytes that would unfold into many, by number, depth or repetition of blocks. */
  | "BLOCK_BOMB"
  /** A CID that is no hash (identity), or another hash or format than packages use. */
  | "CID_NOT_ALLOWED"
  | "MALFORMED_CAR"
  | "MALFORMED_DAG"
  | "MALFORMED_MANIFEST"
  /** A file name that leads elsewhere: separators, dots, control characters. */
  | "PATH_TRICK"
  | "DUPLICATE_NAME"
  /** A file that packages do not have. */
  | "UNKNOWN_FILE"
  | "MISSING_FILE"
  /** The manifest's size or SHA-256 of a file is not the file's. */
  | "MANIFEST_MISMATCH"
  | "LANGUAGE_MISMATCH"
  | "AUTHOR_MISMATCH"
  /** Published on chain under another time than the manifest's. */
  | "TIME_MISMATCH"
  | "BAD_IMAGE"
  /** Text that is no UTF-8, or empty. */
  | "BAD_TEXT"
  | "FORBIDDEN_MARKUP"
  /** Markup nested deeper than a reader would ever need. */
  | "MARKUP_TOO_DEEP";

export interface Refusal {
  readonly code: RefusalCode;
  /** One sentence: what was found, and what is allowed. */
  readonly message: string;
  /** The file inside the package, where one is to blame. */
  readonly path?: string;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

/** Carries a refusal to the nearest `checked`; nothing outside this folder sees it. */
class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export function refuse(code: RefusalCode, message: string, path?: string): never {
  throw new Refused(path === undefined ? { code, message } : { code, message, path });
}

/** Runs `work`; a refusal inside it is its value. Any other error is a defect and goes on. */
export function checked<T>(work: () => T): Checked<T> {
  try {
    return { ok: true, value: work() };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, refusal: error.refusal };
    throw error;
  }
}

/** The value of a check inside another one. */
export function accepted<T>(result: Checked<T>): T {
  if (!result.ok) throw new Refused(result.refusal);
  return result.value;
}

/** What a decoder of foreign bytes makes of them; whatever it throws is a refusal with `code`. */
export function decoded<T>(code: RefusalCode, what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof Refused) throw error;
    return refuse(code, `${what}: ${error instanceof Error ? error.message.slice(0, 120) : "not readable"}`);
  }
}
