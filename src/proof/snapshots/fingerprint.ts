import { canonicalJson, sha256, toHex } from "../../base/bytes.ts";

/** An answer to a search, as far as several indexers must agree on it. */
export interface AnswerToCompare {
  readonly q: string;
  /** Empty for all languages. */
  readonly lang: string;
  readonly sort: string;
  readonly from: number;
  readonly size: number;
  readonly items: readonly { readonly cid: string; readonly scoreNet: number; readonly status: string }[];
}

/** Tokens per bucket: an upvote that one node has seen and another not yet mostly stays inside one. */
const bucketTokens = 5;

/** The quorum fingerprint (reference, appendix B): SHA-256 of canonical JSON, `0x` and hex. */
export function answerFingerprint({ q, lang, sort, from, size, items }: AnswerToCompare): string {
  const buckets = items.map(({ cid, scoreNet, status }) => ({
    cid,
    scoreNetBucket: Math.floor(scoreNet / bucketTokens),
    status,
  }));
  return toHex(sha256(canonicalJson({ q, lang, sort, from, size, items: buckets })));
}
