// Language tags, BCP 47 (https://www.rfc-editor.org/info/bcp47), in the canonical form that ICU gives them.

/** RFC 5646 asks readers for at least 35; longer ones name nothing. */
const tagCharacters = 35;
/** Languages proper; `und`, `mul` and private ones say nothing about words. */
const languagePattern = /^[a-z]{2,3}$/;
const unspecific = new Set(["und", "mul", "mis", "zxx"]);

/** `EN-us` → `en-US`; undefined for what is no tag of one language. */
export function canonicalLanguage(tag: string): string | undefined {
  if (tag.length === 0 || tag.length > tagCharacters) return undefined;
  try {
    const [canonical] = Intl.getCanonicalLocales(tag);
    if (canonical === undefined || canonical.length > tagCharacters) return undefined;
    const primary = primaryLanguage(canonical);
    return languagePattern.test(primary) && !unspecific.has(primary) ? canonical : undefined;
  } catch {
    // Not swallowed: ICU throws for text that is no tag, and undefined says so.
    return undefined;
  }
}

/** `zh-Hant-TW` → `zh`. */
export function primaryLanguage(canonical: string): string {
  return canonical.split("-", 1)[0] ?? "";
}

/** Basic filtering (RFC 4647, section 3.3.1): `en` takes `en` and `en-US`, `en-US` not `en`. Both are canonical. */
export function languageMatches(range: string, tag: string): boolean {
  return tag === range || tag.startsWith(`${range}-`);
}
