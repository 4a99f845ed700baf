import type { ParsedQuery } from "./query.ts";
import type { WordRules } from "./words.ts";

/** A query has at most 256 characters, so this many only if each is a word. */
const phrasesPerMatch = 128;

/**
 * The FTS5 expression of a query's words in one language: strings of terms in quotes, and nothing else, so that no text can
 * be an operator or a syntax error. Undefined where no words are left. Stop words are dropped outside phrases, unless
 * there is nothing else.
 */
export function matchExpression({ texts, phrases }: ParsedQuery, rules: WordRules): string | undefined {
  const words = texts.flatMap((text) => rules.words(text));
  const exact = phrases.map((phrase) => rules.terms(phrase)).filter((terms) => terms.length > 0);
  const telling = words.filter((terms) => !terms.every(rules.isStopTerm));
  const chosen = telling.length > 0 || exact.length > 0 ? [...telling, ...exact] : words;
  const strings = new Set(chosen.map((terms) => `"${terms.join(" ")}"`));
  return strings.size === 0 ? undefined : [...strings].slice(0, phrasesPerMatch).join(" AND ");
}
