import type { ArticleStatus } from "../score/status.ts";

export interface ArticleEntry {
  readonly cid: string;
  /** Canonical BCP-47. */
  readonly lang: string;
  /** `0x` and hex digits. */
  readonly author: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** The article's words without markup. */
  readonly text: string;
  readonly excerpt: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly standing: Standing;
}

/** What changes about an article after it was published. */
export interface Standing {
  /** Whole tokens. */
  readonly scoreNet: number;
  readonly status: ArticleStatus;
  readonly disputeCount: number;
}

export type IndexChange =
  /** Adds the article, or replaces all that is known of it. */
  | { readonly type: "put"; readonly article: ArticleEntry }
  | { readonly type: "standing"; readonly cid: string; readonly standing: Standing }
  /** As if it had never been there: its block is no longer part of the chain. */
  | { readonly type: "remove"; readonly cid: string };

export interface Applied {
  readonly changed: number;
  /** Articles in languages that are not indexed here, and changes of articles that are not there. */
  readonly ignored: number;
}
