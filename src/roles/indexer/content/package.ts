import { equalBytes, sha256, toHex } from "../../../base/index.ts";
import { type ArticleId, articleIdOfDigest, rootOf } from "./article-id.ts";
import type { Block } from "./block.ts";
import { onlyRoot, readCar, writeCar } from "./car.ts";
import { type ImageHeader, imageHeader, imageTypes } from "./image-size.ts";
import { canonicalLanguage } from "./language.ts";
import { bodyBytes, imageEdgePixels, imagesPerPackage, packageBytes, previewBytes } from "./limits.ts";
import {
  bodyPath,
  decodeManifest,
  encodeManifest,
  type FileEntry,
  type Manifest,
  manifestPath,
  mediaFolder,
  mediaPattern,
  previewPath,
} from "./manifest.ts";
import { accepted, type Checked, checked, decoded, refuse } from "./refusal.ts";
import { buildTree } from "./unixfs-build.ts";
import { type BlockSource, type Layout, readTree } from "./unixfs-read.ts";

export interface Media extends ImageHeader {
  /** `media/<sha256>.<ext>` */
  readonly path: string;
  readonly alt: string;
  readonly bytes: Uint8Array;
}

/** A package whose every byte has been checked. */
export interface ArticlePackage extends ArticleId {
  readonly manifest: Manifest;
  readonly markdown: string;
  readonly preview?: string;
  readonly media: readonly Media[];
}

/** What the chain says about an article; what is given must be so in its manifest. */
export interface Published {
  readonly author?: string;
  readonly language?: string;
  /** Unix seconds. */
  readonly createdAt?: number;
}

export interface ArticleSource {
  readonly title: string;
  readonly language: string;
  readonly author: string;
  readonly tags: readonly string[];
  /** Unix seconds. */
  readonly createdAt: number;
  readonly markdown: string;
  readonly preview?: string;
  readonly images: readonly { readonly bytes: Uint8Array; readonly alt: string }[];
}

export interface BuiltPackage extends ArticlePackage {
  readonly blocks: readonly Block[];
  readonly car: Uint8Array;
}

/** Where an image's file lies in a package, so that Markdown can name it; undefined for what is no image. */
export function mediaPath(bytes: Uint8Array): string | undefined {
  const header = imageHeader(bytes);
  const extension = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
  } as const;
  return header && `${mediaFolder}/${toHex(sha256(bytes)).slice(2)}.${extension[header.mime]}`;
}

/** The same source always gives the same CID. Builds nothing that `readPackage` would refuse. */
export function buildPackage(source: ArticleSource): Checked<BuiltPackage> {
  return checked(() => {
    const files = new Map<string, Uint8Array>([[bodyPath, new TextEncoder().encode(source.markdown)]]);
    if (source.preview !== undefined) files.set(previewPath, new TextEncoder().encode(source.preview));
    const alts = new Map<string, string>();
    for (const { bytes, alt } of source.images) {
      const path = mediaPath(bytes) ?? refuse("BAD_IMAGE", "an image is none of PNG, JPEG, GIF, WebP");
      files.set(path, bytes);
      alts.set(path, alt);
    }
    checkTotal([...files.values()]);
    const entries = [...files].map(([path, bytes]): [string, FileEntry] => {
      const alt = alts.get(path);
      return [
        path,
        { sha256: sha256(bytes), sizeBytes: bytes.length, ...(alt === undefined ? {} : { alt }) },
      ];
    });
    const { title, author, createdAt } = source;
    const language = canonicalLanguage(source.language) ?? source.language;
    const manifest = { version: 1, title, language, author: author.toLowerCase(), createdAt } as const;
    files.set(
      manifestPath,
      encodeManifest({ ...manifest, tags: [...source.tags], files: Object.fromEntries(entries) }),
    );
    const { root, blocks } = buildTree(files);
    const byCid = new Map(blocks.map((block) => [block.cid.toString(), block.bytes]));
    const read = accepted(readPackage(articleIdOfDigest(root.multihash.digest), (cid) => byCid.get(cid)));
    return { ...read, blocks, car: writeCar(root, blocks) };
  });
}

/** Reads a package from a CAR; without `id`, the CAR's only root is the article. */
export async function readPackageCar(
  bytes: Uint8Array,
  id?: ArticleId,
  published: Published = {},
): Promise<Checked<ArticlePackage>> {
  const car = await readCar(bytes);
  if (!car.ok) return car;
  const { blocks } = car.value;
  const named =
    id === undefined ? checked(() => articleOf(onlyRoot(car.value))) : ({ ok: true, value: id } as const);
  return named.ok ? readPackage(named.value, (cid) => blocks.get(cid), published) : named;
}

function articleOf(root: ReturnType<typeof onlyRoot>): ArticleId {
  const id = articleIdOfDigest(root.multihash.digest);
  if (id.cid !== root.toString()) refuse("CID_NOT_ALLOWED", "the CAR's root is no UnixFS directory");
  return id;
}

/** Puts the files together from blocks, which have been checked against their CIDs, and checks all of it. */
export function readPackage(
  id: ArticleId,
  blocks: BlockSource,
  published: Published = {},
): Checked<ArticlePackage> {
  return checked(() => {
    const files = readTree(rootOf(id), blocks, layout);
    const manifest = decodeManifest(fileNamed(files, manifestPath));
    checkPublished(manifest, published);
    checkFiles(manifest, files);
    const preview = files.get(previewPath);
    return {
      ...id,
      manifest,
      markdown: textOf(fileNamed(files, bodyPath), bodyPath, bodyBytes),
      ...(preview === undefined ? {} : { preview: textOf(preview, previewPath, previewBytes) }),
      media: mediaOf(manifest, files),
    };
  });
}

const layout: Layout = {
  isFile: (path) =>
    path === manifestPath || path === bodyPath || path === previewPath || mediaPattern.test(path),
  isFolder: (path) => path === mediaFolder,
};

const fileNamed = (files: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array =>
  files.get(path) ?? refuse("MISSING_FILE", `the package has no ${path}`, path);

function checkPublished({ language, author, createdAt }: Manifest, published: Published): void {
  const wanted = published.language === undefined ? language : canonicalLanguage(published.language);
  if (wanted !== language)
    refuse("LANGUAGE_MISMATCH", `the manifest says ${language}, the chain ${shownTag(published.language)}`);
  if (published.author !== undefined && published.author.toLowerCase() !== author)
    refuse("AUTHOR_MISMATCH", `the manifest says ${author}, the chain ${published.author.toLowerCase()}`);
  if (published.createdAt !== undefined && published.createdAt !== createdAt)
    refuse("TIME_MISMATCH", `the manifest says ${createdAt}, the chain ${published.createdAt}`);
}

const shownTag = (tag = "") => JSON.stringify(tag.slice(0, 40));

function checkFiles(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>): void {
  for (const path of Object.keys(manifest.files))
    if (path === manifestPath || !files.has(path))
      refuse("MISSING_FILE", `the manifest lists ${JSON.stringify(path)}, which the package has not`);
  for (const [path, bytes] of files) {
    if (path === manifestPath) continue;
    const entry = Object.hasOwn(manifest.files, path) ? manifest.files[path] : undefined;
    if (entry === undefined) return refuse("UNKNOWN_FILE", `the manifest does not list ${path}`, path);
    if (entry.sizeBytes !== bytes.length || !equalBytes(entry.sha256, sha256(bytes)))
      refuse("MANIFEST_MISMATCH", `${path} has another size or SHA-256 than the manifest says`, path);
  }
}

function mediaOf(manifest: Manifest, files: ReadonlyMap<string, Uint8Array>): Media[] {
  const paths = [...files.keys()].filter((path) => mediaPattern.test(path)).sort();
  if (paths.length > imagesPerPackage)
    refuse("OVER_LIMITS", `the package has ${paths.length} images, at most ${imagesPerPackage} are allowed`);
  return paths.map((path) => {
    const bytes = fileNamed(files, path);
    const [, name, extension] = mediaPattern.exec(path) ?? [];
    if (`0x${name}` !== toHex(sha256(bytes)))
      refuse("BAD_HASH", `${path}: the name is not the SHA-256 of the bytes`, path);
    const header = imageHeader(bytes);
    if (header === undefined || header.mime !== imageTypes[extension as keyof typeof imageTypes])
      return refuse("BAD_IMAGE", `${path}: its bytes are no such image`, path);
    if (Math.max(header.width, header.height) > imageEdgePixels)
      refuse(
        "OVER_LIMITS",
        `${path} is ${header.width} × ${header.height} pixels; the long edge has at most ${imageEdgePixels}`,
        path,
      );
    const alt =
      manifest.files[path]?.alt ?? refuse("BAD_IMAGE", `${path} has no alt text in the manifest`, path);
    return { path, alt, bytes, ...header };
  });
}

function textOf(bytes: Uint8Array, path: string, most: number): string {
  if (bytes.length > most)
    refuse("OVER_LIMITS", `${path} has ${bytes.length} bytes, at most ${most} are allowed`, path);
  const text = decoded("BAD_TEXT", `${path} is no UTF-8`, () =>
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
  );
  if (text.trim() === "") refuse("BAD_TEXT", `${path} is empty`, path);
  return text;
}

function checkTotal(files: readonly Uint8Array[]): void {
  const total = files.reduce((sum, bytes) => sum + bytes.length, 0);
  if (total > packageBytes)
    refuse("OVER_LIMITS", `the files have ${total} bytes together, at most ${packageBytes} are allowed`);
}
