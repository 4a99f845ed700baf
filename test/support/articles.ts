import type { ArticleSource } from "../../src/roles/indexer/content/package.ts";

/** The start of a PNG, which is all that its size is read from. */
export function pngOf(width: number, height: number, filler = 0): Uint8Array {
  const bytes = new Uint8Array(40).fill(filler);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, width);
  new DataView(bytes.buffer).setUint32(20, height);
  return bytes;
}

export function articleSource(changes: Partial<ArticleSource> = {}): ArticleSource {
  return {
    title: "How bread rises",
    language: "en",
    author: `0x${"a1".repeat(20)}`,
    tags: ["bread", "yeast"],
    createdAt: 1_700_000_000,
    markdown: "# How bread rises\n\nYeast eats *sugar* and breathes out gas.\n",
    images: [],
    ...changes,
  };
}
