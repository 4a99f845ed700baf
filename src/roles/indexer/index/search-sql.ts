import { normalTag } from "../content/manifest.ts";
import { relevance, statusNumbers, wordTable } from "./schema.ts";
import type { SearchRequest, SortOrder } from "./search-query.ts";

export type SqlValue = string | number;

/** A part of a statement with the values of its parameters. */
export interface Sql {
  readonly text: string;
  readonly values: readonly SqlValue[];
}

/** Every order is total, so that pages never overlap: ties go by time, then by CID. */
export const orderBy: Readonly<Record<SortOrder, string>> = {
  top: "score_net DESC, created_at DESC, cid",
  trending: "trend DESC, created_at DESC, cid",
  new: "created_at DESC, cid",
  relevance: "rank DESC, created_at DESC, cid",
};

/** The columns by which an order compares, beside `id`. */
const orderColumns: Readonly<Record<SortOrder, string>> = {
  top: "a.score_net, a.created_at, a.cid",
  trending: "a.trend, a.created_at, a.cid",
  new: "a.created_at, a.cid",
  relevance: "a.created_at, a.cid",
};

/** What the request asks of an article beside its words, without language. Authors and tags of the query count too. */
export function filterSql(
  request: SearchRequest,
  { authors, tags }: { authors: readonly string[]; tags: readonly string[] },
): Sql {
  const parts: string[] = [];
  const values: SqlValue[] = [];
  const add = (text: string, ...more: SqlValue[]) => {
    parts.push(text);
    values.push(...more);
  };
  const wallets = new Set([
    ...authors,
    ...(request.author === undefined ? [] : [request.author.toLowerCase()]),
  ]);
  for (const author of wallets) add("a.author = ?", author);
  for (const tag of new Set([...tags, ...(request.tags ?? []).map(normalTag)]))
    add("a.id IN (SELECT id FROM tags WHERE tag = ?)", tag);
  if (request.status !== undefined) add("a.status = ?", statusNumbers[request.status]);
  if (request.fromTime !== undefined) add("a.created_at >= ?", request.fromTime);
  if (request.toTime !== undefined) add("a.created_at <= ?", request.toTime);
  if (request.lang?.includes("-")) add("(a.lang = ? OR a.lang GLOB ?)", request.lang, `${request.lang}-*`);
  return { text: parts.map((part) => ` AND ${part}`).join(""), values };
}

/** Ids and order columns of one language's articles that have the words and pass the filters. */
export function candidatesSql(
  language: string,
  match: string | undefined,
  filter: Sql,
  sort: SortOrder,
): Sql {
  if (match === undefined) {
    const rank = sort === "relevance" ? ", 0.0 AS rank" : "";
    return {
      text: `SELECT a.id, ${orderColumns[sort]}${rank} FROM articles a WHERE a.language = ?${filter.text}`,
      values: [language, ...filter.values],
    };
  }
  const table = wordTable(language);
  const rank = sort === "relevance" ? `, -${relevance(language)} AS rank` : "";
  return {
    text: `SELECT a.id, ${orderColumns[sort]}${rank} FROM ${table} w CROSS JOIN articles a ON a.id = w.rowid WHERE ${table} MATCH ?${filter.text}`,
    values: [match, ...filter.values],
  };
}

/** How many there are; without filters the word table alone knows. */
export function countSql(language: string, match: string | undefined, filter: Sql): Sql {
  if (match === undefined)
    return {
      text: `SELECT count(*) AS count FROM articles a WHERE a.language = ?${filter.text}`,
      values: [language, ...filter.values],
    };
  const table = wordTable(language);
  if (filter.text === "")
    return { text: `SELECT count(*) AS count FROM ${table} WHERE ${table} MATCH ?`, values: [match] };
  return {
    text: `SELECT count(*) AS count FROM ${table} w CROSS JOIN articles a ON a.id = w.rowid WHERE ${table} MATCH ?${filter.text}`,
    values: [match, ...filter.values],
  };
}
