import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { SnapshotLeaf } from "../../../proof/snapshots/leaves.ts";
import { primaryLanguage } from "../content/language.ts";
import { matchExpression } from "./match.ts";
import { parseQuery } from "./query.ts";
import { relevance, statusNames, wordTable } from "./schema.ts";
import type { FoundArticle, SearchPage, SearchRequest } from "./search-query.ts";
import { candidatesSql, countSql, filterSql, orderBy, type Sql } from "./search-sql.ts";
import { type WordRules, wordRules } from "./words.ts";

/** Shapes of statements kept compiled: languages, orders and sets of filters. */
const statementsKept = 256;
/** Pages read from the file come from the system's cache without being copied. */
const mappedBytes = 1024 * 1024 * 1024;
const cacheKibibytes = 32 * 1024;

const nothing: SearchPage = { total: 0, items: [] };

/** Answers searches from a read-only connection; each call sees one state of the index. */
export class IndexReader {
  readonly #database: DatabaseSync;
  readonly #languages: ReadonlyMap<string, WordRules>;
  readonly #compiled = new Map<string, StatementSync>();

  private constructor(database: DatabaseSync, languages: ReadonlyMap<string, WordRules>) {
    this.#database = database;
    this.#languages = languages;
  }

  /** Opens the index that an `IndexWriter` has made for these languages, or more. */
  static async open(path: string, languages: readonly string[]): Promise<IndexReader> {
    const rules = await Promise.all(
      languages.map(async (language) => [language, await wordRules(language)] as const),
    );
    const database = new DatabaseSync(path, { readOnly: true });
    database.exec(`PRAGMA mmap_size = ${mappedBytes}`);
    database.exec(`PRAGMA cache_size = -${cacheKibibytes}`);
    return new IndexReader(database, new Map(rules));
  }

  /** Whatever `q` holds, this is an answer. `from` and `size` are whole numbers that the caller has bounded. */
  search(request: SearchRequest): SearchPage {
    const parsed = parseQuery(request.q ?? "");
    const hasWords = parsed.texts.length > 0 || parsed.phrases.length > 0;
    const filter = filterSql(request, parsed);
    const parts = this.#languagesFor(request.lang).flatMap(([language, rules]) => {
      const match = matchExpression(parsed, rules);
      return hasWords && match === undefined ? [] : [{ language, match }];
    });
    // A text of which nothing is left finds nothing, rather than everything.
    const isEmpty = request.q !== undefined && !hasWords && parsed.tags.length + parsed.authors.length === 0;
    if (parts.length === 0 || isEmpty) return nothing;
    return this.#inOneState(() => {
      const counts = parts.map(({ language, match }) => countSql(language, match, filter));
      const total = counts.reduce((sum, sql) => sum + Number(this.#get(sql)?.["count"] ?? 0), 0);
      if (total <= request.from) return { total, items: [] };
      const candidates = parts.map(({ language, match }) =>
        candidatesSql(language, match, filter, request.sort),
      );
      const ids = this.#all({
        text: `${candidates.map(({ text }) => text).join(" UNION ALL ")} ORDER BY ${orderBy[request.sort]} LIMIT ? OFFSET ?`,
        values: [...candidates.flatMap(({ values }) => values), request.size, request.from],
      }).map((row) => Number(row["id"]));
      const ranks = new Map(parts.flatMap(({ language, match }) => this.#ranks(language, match, ids)));
      return { total, items: ids.map((id) => this.#found(id, ranks.get(id) ?? 0)) };
    });
  }

  /** One article as a search would show it; undefined where it is not indexed. */
  article(cid: string): FoundArticle | undefined {
    const row = this.#get({ text: "SELECT id FROM articles WHERE cid = ?", values: [cid] });
    return row === undefined ? undefined : this.#found(Number(row["id"]), 0);
  }

  /** Everything that a snapshot of the language says, in no order. */
  leaves(language: string): SnapshotLeaf[] {
    const text = "SELECT cid, author, lang, created_at, score_net, status FROM articles WHERE language = ?";
    return this.#all({ text, values: [language] }).map((row) => ({
      cid: String(row["cid"]),
      author: String(row["author"]),
      lang: String(row["lang"]),
      createdAt: Number(row["created_at"]),
      scoreNet: Number(row["score_net"]),
      status: statusNames[Number(row["status"])] ?? "normal",
    }));
  }

  close(): void {
    this.#database.close();
  }

  #languagesFor(range: string | undefined): [string, WordRules][] {
    if (range === undefined) return [...this.#languages];
    const language = primaryLanguage(range);
    const rules = this.#languages.get(language);
    return rules === undefined ? [] : [[language, rules]];
  }

  /** BM25 of the rows shown. The `+` keeps SQLite from running the match once for each of them. */
  #ranks(language: string, match: string | undefined, ids: readonly number[]): [number, number][] {
    if (match === undefined) return [];
    const table = wordTable(language);
    const places = ids.map(() => "?").join(",");
    const text = `SELECT rowid AS id, -${relevance(language)} AS rank FROM ${table} WHERE ${table} MATCH ? AND +rowid IN (${places})`;
    return this.#all({ text, values: [match, ...ids] }).map((row) => [
      Number(row["id"]),
      Number(row["rank"]),
    ]);
  }

  #found(id: number, rank: number): FoundArticle {
    const row = this.#get({
      text: "SELECT * FROM articles a JOIN texts t ON t.id = a.id WHERE a.id = ?",
      values: [id],
    });
    if (row === undefined) throw new Error(`article ${id} left the index while it was read`);
    return {
      cid: String(row["cid"]),
      title: String(row["title"]),
      excerpt: String(row["excerpt"]),
      author: String(row["author"]),
      lang: String(row["lang"]),
      tags: JSON.parse(String(row["tags"])),
      createdAt: Number(row["created_at"]),
      scoreNet: Number(row["score_net"]),
      status: statusNames[Number(row["status"])] ?? "normal",
      disputeCount: Number(row["dispute_count"]),
      rank,
    };
  }

  /** A read transaction: the writer goes on, and this sees none of it until it is done. */
  #inOneState<T>(work: () => T): T {
    this.#database.exec("BEGIN");
    try {
      return work();
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  #get(sql: Sql) {
    return this.#statement(sql.text).get(...sql.values);
  }

  #all(sql: Sql) {
    return this.#statement(sql.text).all(...sql.values);
  }

  #statement(text: string): StatementSync {
    let statement = this.#compiled.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      if (this.#compiled.size >= statementsKept) this.#compiled.clear();
      this.#compiled.set(text, statement);
    }
    return statement;
  }
}
