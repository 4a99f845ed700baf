import type { ArticleId } from "./article-id.ts";
import {
  type ArticlePackage,
  type ArticleSource,
  type BuiltPackage,
  buildPackage,
  type Published,
  readPackageCar,
} from "./package.ts";
import type { Checked } from "./refusal.ts";
import { type Rendering, type RenderNote, renderMarkdown } from "./render.ts";

export interface Rendered extends Omit<Rendering, "notes"> {
  /** The first words, on one line. */
  readonly excerpt: string;
  readonly notes: readonly (RenderNote | "PREVIEW_IGNORED")[];
}

/** A checked package and what readers see of it. */
export type Article<Package extends ArticlePackage = ArticlePackage> = Package & Rendered;

/** Reads, checks and renders an article from a CAR; without `id`, the CAR's only root is the article. */
export async function readArticle(
  car: Uint8Array,
  id?: ArticleId,
  published: Published = {},
): Promise<Checked<Article>> {
  return rendered(await readPackageCar(car, id, published));
}

/** Builds a package, and nothing that `readArticle` would refuse. */
export function buildArticle(source: ArticleSource): Checked<Article<BuiltPackage>> {
  return rendered(buildPackage(source));
}

function rendered<Package extends ArticlePackage>(read: Checked<Package>): Checked<Article<Package>> {
  if (!read.ok) return read;
  const { markdown, media, preview } = read.value;
  const rendering = renderMarkdown(markdown, new Map(media.map(({ path, alt }) => [path, alt])));
  if (!rendering.ok) return rendering;
  const { html, text } = rendering.value;
  const isIgnored = preview !== undefined && preview !== html;
  const notes = [...rendering.value.notes, ...(isIgnored ? (["PREVIEW_IGNORED"] as const) : [])];
  return { ok: true, value: { ...read.value, html, text, excerpt: excerptOf(text), notes } };
}

const excerptCharacters = 240;

/** Whole words where the language has spaces; never half a character. */
export function excerptOf(text: string): string {
  // The start holds more than enough; a whole article need not be gone through.
  const line = text
    .slice(0, 8 * excerptCharacters)
    .replace(/\s+/g, " ")
    .trim();
  const characters = [...line];
  if (characters.length <= excerptCharacters) return line;
  const cut = characters.slice(0, excerptCharacters).join("");
  const space = cut.lastIndexOf(" ");
  return `${space > cut.length / 2 ? cut.slice(0, space) : cut}…`;
}
