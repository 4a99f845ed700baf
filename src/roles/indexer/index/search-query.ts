import type { ArticleStatus } from "../score/status.ts";

/** `relevance` is ours beside the reference's three: it depends on the corpus, so indexers need not agree on it. */
export type SortOrder = "top" | "trending" | "new" | "relevance";

export interface SearchRequest {
  /** The user's text; without it, everything that passes the filters. */
  readonly q?: string;
  /** A canonical BCP-47 range: `en` takes `en-US` too. Without it, all languages. */
  readonly lang?: string;
  readonly sort: SortOrder;
  readonly from: number;
  readonly size: number;
  /** `0x` and hex digits. */
  readonly author?: string;
  /** An article must have all of them. */
  readonly tags?: readonly string[];
  readonly status?: ArticleStatus;
  /** Unix seconds, both included. */
  readonly fromTime?: number;
  readonly toTime?: number;
}

export interface FoundArticle {
  readonly cid: string;
  readonly title: string;
  readonly excerpt: string;
  readonly author: string;
  readonly lang: string;
  readonly tags: readonly string[];
  readonly createdAt: number;
  readonly scoreNet: number;
  readonly status: ArticleStatus;
  readonly disputeCount: number;
  /** How well the words match (BM25), more is better; 0 without words. */
  readonly rank: number;
}

export interface SearchPage {
  readonly total: number;
  readonly items: readonly FoundArticle[];
}
