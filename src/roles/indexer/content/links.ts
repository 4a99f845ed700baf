/** Where a link may lead in a rendered article. */
export type LinkVerdict = "allowed" | "dropped" | "forbidden";

const allowedSchemes = new Set(["http", "https", "mailto", "ipfs"]);
/** They run or carry content of their own; no honest article needs one. */
const forbiddenSchemes = new Set(["javascript", "vbscript", "data"]);
/** What browsers still follow; longer ones are only weight. */
const linkCharacters = 2_048;

/** A scheme that begins later than this is none: such a link is dropped for its form. */
const schemeCharacters = 256;

/** Browsers read a scheme through controls, spaces and line breaks, so they are taken out before it is looked at. */
function schemeOf(href: string): string | undefined {
  const bare = href
    .slice(0, schemeCharacters)
    .replace(/%(?:[01][0-9a-f]|20|7f)/gi, "")
    .replace(/[\p{Cc}\p{Cf}\s]/gu, "");
  return /^([a-z][a-z0-9+.-]*):/i.exec(bare)?.[1]?.toLowerCase();
}

/** Absolute addresses of four schemes, and places inside the page. Relative ones would mean another thing at every reader. */
export function judgeLink(href: string): LinkVerdict {
  const scheme = schemeOf(href);
  if (scheme !== undefined && forbiddenSchemes.has(scheme)) return "forbidden";
  if (href.length > linkCharacters) return "dropped";
  if (href.startsWith("#")) return "allowed";
  return scheme !== undefined && allowedSchemes.has(scheme) && /^[a-z]+:/i.test(href) ? "allowed" : "dropped";
}

// Raw HTML is only ever shown as text; this tells an author who meant it to act from one who writes about HTML.
const activeHtml = [
  /<\s*\/?\s*(?:script|iframe|object|embed)\b/i,
  /[\s"'/<]on[a-z]{3,}\s*=/i,
  /\b(?:javascript|vbscript)\s*:/i,
];

export function isActiveHtml(html: string): boolean {
  return activeHtml.some((pattern) => pattern.test(html));
}
