import { DatabaseSync, type StatementSync } from "node:sqlite";
import { migrate } from "../../../storage/migrate.ts";
import { primaryLanguage } from "../content/language.ts";
import type { Applied, ArticleEntry, IndexChange, Standing } from "./index-changes.ts";
import { createWordTable, indexMigrations, statusNumbers, wordTable } from "./schema.ts";
import { trendKey } from "./trend.ts";
import { type WordRules, wordRules } from "./words.ts";

/** 64 MiB of pages: the upper levels of every tree, and those that a batch changes. */
const cacheKibibytes = 64 * 1024;

interface LanguageWriter {
  readonly rules: WordRules;
  readonly insert: StatementSync;
  readonly remove: StatementSync;
}

/** Changes the index: every batch is one transaction, with the place in the chain up to which it goes. */
export class IndexWriter {
  readonly #database: DatabaseSync;
  readonly #languages = new Map<string, LanguageWriter>();
  readonly #sql: ReturnType<typeof statementsOf>;

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = statementsOf(database);
  }

  /** Opens or makes the index at `path` for languages such as `en` and `zh`; articles in others are ignored. */
  static async open(path: string, languages: readonly string[]): Promise<IndexWriter> {
    const database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = WAL");
    // A power cut may take the last batches, never the order: the position goes back with them and they come again.
    database.exec("PRAGMA synchronous = NORMAL");
    database.exec(`PRAGMA cache_size = -${cacheKibibytes}`);
    migrate(database, indexMigrations);
    const writer = new IndexWriter(database);
    for (const language of languages) {
      database.exec(createWordTable(language));
      const table = wordTable(language);
      writer.#languages.set(language, {
        rules: await wordRules(language),
        insert: database.prepare(
          `INSERT INTO ${table} (rowid, title, tags, body, author) VALUES (?, ?, ?, ?, ?)`,
        ),
        remove: database.prepare(`DELETE FROM ${table} WHERE rowid = ?`),
      });
    }
    return writer;
  }

  /** Applies all changes and remembers `position`, or nothing of it. A batch that comes again changes nothing. */
  apply(changes: readonly IndexChange[], position?: string): Applied {
    let changed = 0;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const change of changes) if (this.#apply(change)) changed += 1;
      if (position !== undefined) this.#sql.setPosition.run(position);
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
    return { changed, ignored: changes.length - changed };
  }

  /** The position of the last batch that is stored. */
  get position(): string | undefined {
    return this.#sql.position.get()?.["value"] as string | undefined;
  }

  /** Joins the pieces that batches leave in the word tables; worth it after a bulk load. */
  optimize(): void {
    for (const language of this.#languages.keys()) {
      const table = wordTable(language);
      this.#database.exec(`INSERT INTO ${table} (${table}) VALUES ('optimize')`);
    }
    this.#database.exec("PRAGMA optimize");
  }

  close(): void {
    this.#database.close();
  }

  #apply(change: IndexChange): boolean {
    switch (change.type) {
      case "put":
        return this.#put(change.article);
      case "standing":
        return this.#setStanding(change.cid, change.standing);
      case "remove":
        return this.#remove(change.cid);
    }
  }

  #put(article: ArticleEntry): boolean {
    const { cid, lang, author, title, tags, text, excerpt, createdAt, standing } = article;
    const language = primaryLanguage(lang);
    const writer = this.#languages.get(language);
    if (writer === undefined) return false;
    this.#remove(cid);
    const { scoreNet, status, disputeCount } = standing;
    const wallet = author.toLowerCase();
    const { lastInsertRowid: id } = this.#sql.insert.run(
      scoreNet,
      createdAt,
      trendKey(scoreNet, createdAt),
      statusNumbers[status],
      language,
      lang,
      wallet,
      cid,
    );
    this.#sql.insertText.run(id, title, excerpt, JSON.stringify(tags), disputeCount);
    for (const tag of new Set(tags)) this.#sql.insertTag.run(tag, id);
    const joined = (words: string) => writer.rules.terms(words).join(" ");
    writer.insert.run(id, joined(title), joined(tags.join("\n")), joined(text), wallet);
    return true;
  }

  #setStanding(cid: string, { scoreNet, status, disputeCount }: Standing): boolean {
    const row = this.#sql.byCid.get(cid);
    if (row === undefined) return false;
    const { id, created_at } = row as { id: number; created_at: number };
    this.#sql.update.run(scoreNet, trendKey(scoreNet, created_at), statusNumbers[status], id);
    this.#sql.updateText.run(disputeCount, id);
    return true;
  }

  #remove(cid: string): boolean {
    const row = this.#sql.byCid.get(cid);
    if (row === undefined) return false;
    const { id, language } = row as { id: number; language: string };
    const { tags } = this.#sql.tagsOf.get(id) as { tags: string };
    for (const tag of new Set(JSON.parse(tags) as string[])) this.#sql.deleteTag.run(tag, id);
    this.#sql.deleteText.run(id);
    this.#sql.delete.run(id);
    this.#languages.get(language)?.remove.run(id);
    return true;
  }
}

const statementsOf = (database: DatabaseSync) => ({
  insert: database.prepare(
    "INSERT INTO articles (score_net, created_at, trend, status, language, lang, author, cid) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  ),
  insertText: database.prepare(
    "INSERT INTO texts (id, title, excerpt, tags, dispute_count) VALUES (?, ?, ?, ?, ?)",
  ),
  insertTag: database.prepare("INSERT INTO tags (tag, id) VALUES (?, ?)"),
  byCid: database.prepare("SELECT id, language, created_at FROM articles WHERE cid = ?"),
  tagsOf: database.prepare("SELECT tags FROM texts WHERE id = ?"),
  update: database.prepare("UPDATE articles SET score_net = ?, trend = ?, status = ? WHERE id = ?"),
  updateText: database.prepare("UPDATE texts SET dispute_count = ? WHERE id = ?"),
  delete: database.prepare("DELETE FROM articles WHERE id = ?"),
  deleteText: database.prepare("DELETE FROM texts WHERE id = ?"),
  deleteTag: database.prepare("DELETE FROM tags WHERE tag = ? AND id = ?"),
  position: database.prepare("SELECT value FROM positions WHERE name = 'chain'"),
  setPosition: database.prepare(
    "INSERT INTO positions (name, value) VALUES ('chain', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  ),
});
