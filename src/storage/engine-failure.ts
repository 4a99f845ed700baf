import { CountersignError, messageOf } from "../base/index.ts";
import type { EngineFailure } from "./group.ts";

// https://www.sqlite.org/rescode.html
const explanations: Readonly<Record<number, string>> = {
  5: "another process is using the database",
  8: "the database or its folder is read-only",
  10: "the disk reported an error",
  11: "the database is damaged: move it away and start again, the node fills a new one from its peers",
  13: "the disk is full",
  14: "the database cannot be opened: check that the folder exists and may be written",
  26: "the file is no database, or is damaged: move it away and start again",
};

const primaryCodeMask = 0xff;

export function engineFailure(error: unknown): EngineFailure {
  const extended =
    error !== null && typeof error === "object" && "errcode" in error && typeof error.errcode === "number"
      ? error.errcode
      : 0;
  return { message: messageOf(error), code: extended & primaryCodeMask };
}

/** One line that names the database, what is wrong and the engine's own words. */
export function storageFailed(path: string, failure: EngineFailure): CountersignError {
  const explanation = explanations[failure.code];
  const message =
    explanation === undefined
      ? `storage: ${failure.message}`
      : `storage ${path}: ${explanation} (${failure.message})`;
  return new CountersignError("STORAGE_FAILED", message, { engineCode: failure.code });
}
