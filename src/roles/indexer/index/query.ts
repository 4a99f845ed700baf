import { addressPattern } from "../../../base/index.ts";
import { normalTag } from "../content/manifest.ts";

/** What a user asked for. Every text is a query: what fits no rule is words. */
export interface ParsedQuery {
  /** Texts whose words must all be there. */
  readonly texts: readonly string[];
  /** Texts whose words must be there in this order, side by side. */
  readonly phrases: readonly string[];
  /** In the form that manifests have. */
  readonly tags: readonly string[];
  /** Lower case. */
  readonly authors: readonly string[];
}

/** words, `"exact phrase"`, `tag:foo`, `author:0x…` (reference, appendix A). A quote without a second one is text. */
export function parseQuery(q: string): ParsedQuery {
  const texts: string[] = [];
  const phrases: string[] = [];
  const tags: string[] = [];
  const authors: string[] = [];
  const parts = q.split('"');
  for (const [index, part] of parts.entries()) {
    // Odd parts lie between two quotes, but for a last one that was never closed.
    if (index % 2 === 1 && index < parts.length - 1) {
      phrases.push(part);
      continue;
    }
    for (const word of part.split(/\s+/u)) {
      const [, field, value = ""] = /^(tag|author):(.+)$/iu.exec(word) ?? [];
      const kind = field?.toLowerCase();
      if (kind === "tag") tags.push(normalTag(value));
      else if (kind === "author" && addressPattern.test(value)) authors.push(value.toLowerCase());
      else if (word !== "") texts.push(word);
    }
  }
  return { texts, phrases, tags: [...new Set(tags)], authors: [...new Set(authors)] };
}
