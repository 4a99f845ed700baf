// What one article may cost an indexer. Everything below is checked before memory is taken.

/** All files of a package together, manifest included. */
export const packageBytes = 4_000_000;
/** A package as CAR: its files, the nodes that tie them together and each block's CID. */
export const carBytes = packageBytes + 256 * 1024;
/** What IPFS nodes send each other at most as one block. */
export const blockBytes = 2 * 1024 * 1024;
/** 4 MB in chunks of 4 KiB, the smallest that anyone uses, with their nodes. */
export const blocksPerPackage = 1_200;
/** Steps of the walk from the root; a block that is linked many times costs each time. */
export const visitsPerPackage = 2 * blocksPerPackage;
/** Directory, media directory, file, two levels of chunks: five are enough for any package. */
export const dagDepth = 8;
export const manifestBytes = 64 * 1024;
/** A Markdown parser's worst case on this much is under a second. */
export const bodyBytes = 256 * 1024;
export const previewBytes = 2 * 1024 * 1024;
export const imagesPerPackage = 10;
export const imageEdgePixels = 2_560;
export const titleCharacters = 200;
export const altCharacters = 500;
export const tagsPerArticle = 10;
export const tagCharacters = 40;
