import { primaryLanguage } from "../content/language.ts";
import { stemmerOf, stopWordsOf } from "./stemmers.ts";

/** One language's words: how a text is cut into terms, and which terms say nothing. */
export interface WordRules {
  /** Terms in the order of the text: letters, digits and marks only, so that an index can join them with spaces. */
  terms(text: string): string[];
  /** Each word of the text as its terms; a word such as `3.14` has two. */
  words(text: string): string[][];
  isStopTerm(term: string): boolean;
}

/** Longer ones are no words: keys, hashes, base64. Their starts are still found. */
const termCharacters = 64;
/** Texts repeat their words; stemming one costs ten times a look-up. */
const termsRemembered = 100_000;
/** The segmenter copies what it is handed; pieces keep a long text from costing more than its length. */
const pieceCharacters = 4_096;

/** Loads the rules of a language; one without stemmer or stop words still has words. */
export async function wordRules(language: string): Promise<WordRules> {
  const primary = primaryLanguage(language);
  const [stem, stopWords] = await Promise.all([stemmerOf(primary), stopWordsOf(primary)]);
  const segmenter = new Intl.Segmenter(primary, { granularity: "word" });
  const known = new Map<string, readonly string[]>();

  const termsOfWord = (word: string): readonly string[] => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const terms = folded(word, primary)
      .split(notInTerms)
      .filter((term) => term !== "")
      .map((term) => cut(folded(stem(cut(term)), primary).replace(notInTermsAll, "") || cut(term)));
    if (known.size >= termsRemembered) known.clear();
    if (word.length <= termCharacters) known.set(word, terms);
    return terms;
  };

  const words = (text: string): string[][] => {
    const found: string[][] = [];
    for (const piece of piecesOf(text.toWellFormed())) {
      for (const { segment, isWordLike } of segmenter.segment(piece)) {
        if (isWordLike !== true) continue;
        const terms = termsOfWord(segment);
        if (terms.length > 0) found.push([...terms]);
      }
    }
    return found;
  };
  const terms = (text: string) => words(text).flat();
  const stopTerms = new Set(stopWords.flatMap(terms));
  return { words, terms, isStopTerm: (term) => stopTerms.has(term) };
}

/** Everything but letters, digits and marks ends a term. */
const notInTerms = /[^\p{L}\p{N}\p{M}]+/u;
const notInTermsAll = /[^\p{L}\p{N}\p{M}]+/gu;
/** Apostrophes inside a word, and characters that only shape it (joiners, soft hyphens). */
const dropped = /['\u2018\u2019\u02bc\u02b9\uff07\p{Cf}]/gu;

/** NFKC and case folding: upper case first, so that ß and SS are one. */
function folded(word: string, language: string): string {
  const compatible = word.normalize("NFKC");
  return compatible
    .toLocaleUpperCase(language)
    .toLocaleLowerCase(language)
    .normalize("NFKC")
    .replace(dropped, "");
}

function cut(term: string): string {
  return term.length <= termCharacters
    ? term
    : [...term.slice(0, termCharacters)].join("").toWellFormed().replace("\ufffd", "");
}

/** Pieces that end at white space where there is some. */
function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + pieceCharacters, text.length);
    if (end < text.length) {
      const space = Math.max(text.lastIndexOf(" ", end), text.lastIndexOf("\n", end));
      if (space > at) end = space + 1;
      // Not between the halves of a character.
      else if ((text.charCodeAt(end) & 0xfc00) === 0xdc00) end += 1;
    }
    yield text.slice(at, end);
    at = end;
  }
}
