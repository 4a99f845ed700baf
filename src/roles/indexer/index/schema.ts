import type { Migration } from "../../../storage/index.ts";

// Narrow rows for choosing and ordering, wide ones for showing: a search reads thousands of the first and twenty of the
// second. Texts are not kept: an FTS5 table without content holds their terms only, one table per language.

export const indexMigrations: readonly Migration[] = [
  {
    name: "0001 articles",
    statements: [
      `CREATE TABLE articles (
        id INTEGER PRIMARY KEY,
        score_net INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        trend REAL NOT NULL,
        status INTEGER NOT NULL,
        language TEXT NOT NULL,
        lang TEXT NOT NULL,
        author TEXT NOT NULL,
        cid TEXT NOT NULL UNIQUE
      )`,
      "CREATE INDEX articles_by_trend ON articles (language, trend)",
      "CREATE INDEX articles_by_time ON articles (language, created_at)",
      "CREATE INDEX articles_by_author ON articles (author)",
      `CREATE TABLE texts (
        id INTEGER PRIMARY KEY,
        title TEXT NOT NULL,
        excerpt TEXT NOT NULL,
        tags TEXT NOT NULL,
        dispute_count INTEGER NOT NULL
      )`,
      "CREATE TABLE tags (tag TEXT NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (tag, id)) WITHOUT ROWID",
      "CREATE TABLE positions (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    ],
  },
];

const languagePattern = /^[a-z]{2,3}$/;

/** The FTS5 table of a language; its name is part of SQL, so only a language's code may be in it. */
export function wordTable(language: string): string {
  if (!languagePattern.test(language))
    throw new RangeError(`${language} is no language code of two or three letters`);
  return `words_${language}`;
}

/** Terms come joined by spaces and hold no ASCII but letters and digits, so the simplest tokenizer takes them as they are. */
export function createWordTable(language: string): string {
  return `CREATE VIRTUAL TABLE IF NOT EXISTS ${wordTable(language)} USING fts5(
    title, tags, body, author, content='', contentless_delete=1, tokenize='ascii')`;
}

/** Weights of title, tags, body and author; an author's words say nothing about a match. */
export const relevance = (language: string): string => `bm25(${wordTable(language)}, 5.0, 3.0, 1.0, 0.0)`;

/** Stored as numbers, so that rows stay narrow. */
export const statusNumbers = { normal: 0, under_dispute: 1, action_taken: 2 } as const;
export const statusNames = ["normal", "under_dispute", "action_taken"] as const;
