import { decode, encode } from "@ipld/dag-cbor";
import { z } from "zod";
import { addressPattern, equalBytes } from "../../../base/index.ts";
import { canonicalLanguage } from "./language.ts";
import { altCharacters, manifestBytes, tagCharacters, tagsPerArticle, titleCharacters } from "./limits.ts";
import { isPlainLine } from "./plain-text.ts";
import { decoded, refuse } from "./refusal.ts";

export const manifestPath = "crumpet.json";
export const bodyPath = "body.md";
export const previewPath = "preview.html";
export const mediaFolder = "media";
/** Named by its content, so that one image has one name. */
export const mediaPattern = /^media\/([0-9a-f]{64})\.(png|jpg|jpeg|gif|webp)$/;

const line = (most: number) =>
  z
    .string()
    .max(most)
    .refine(
      (text) => text.trim() !== "" && isPlainLine(text),
      "is one line of text without control characters",
    );

/** One form per tag, so that filters need no guessing. */
export const normalTag = (tag: string): string => tag.normalize("NFKC").toLowerCase().normalize("NFKC");

const tag = line(tagCharacters).refine(
  (text) => normalTag(text) === text && !/[\s,"]/.test(text),
  "is lower case, without spaces, commas and quotes",
);

const fileEntry = z.strictObject({
  sha256: z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.length === 32, "has 32 bytes"),
  sizeBytes: z.int().min(0),
  /** What an image shows, for those who do not see it. */
  alt: line(altCharacters).optional(),
});

const manifestSchema = z.strictObject({
  version: z.literal(1),
  title: line(titleCharacters),
  language: z.string().refine((text) => canonicalLanguage(text) === text, "is a canonical BCP-47 tag"),
  author: z
    .string()
    .refine(
      (text) => addressPattern.test(text) && text === text.toLowerCase(),
      "is 0x and 40 lower-case hex digits",
    ),
  tags: z
    .array(tag)
    .max(tagsPerArticle)
    .refine((tags) => new Set(tags).size === tags.length, "are all different"),
  /** Unix seconds. */
  createdAt: z
    .int()
    .min(0)
    .max(2 ** 40),
  /** Every other file of the package by path. */
  files: z.record(z.string().max(128), fileEntry),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type FileEntry = Manifest["files"][string];

/** DAG-CBOR has one encoding per value, so equal manifests have equal bytes. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  return encode(validManifest(manifest));
}

/** Refuses anything but the canonical encoding of a manifest of version 1. */
export function decodeManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > manifestBytes)
    refuse("OVER_LIMITS", `the manifest has more than ${manifestBytes} bytes`, manifestPath);
  const value = decoded("MALFORMED_MANIFEST", "the manifest is no DAG-CBOR", () => decode(bytes));
  const manifest = validManifest(value);
  if (!equalBytes(encode(manifest), bytes))
    refuse("MALFORMED_MANIFEST", "the manifest is not in DAG-CBOR's canonical form", manifestPath);
  return manifest;
}

function validManifest(value: unknown): Manifest {
  const { success, data, error } = manifestSchema.safeParse(value);
  if (success) return data;
  const [issue] = error.issues;
  const field = issue === undefined || issue.path.length === 0 ? "the manifest" : issue.path.join(".");
  return refuse(
    "MALFORMED_MANIFEST",
    `${field.slice(0, 160)}: ${issue?.message ?? "not valid"}`,
    manifestPath,
  );
}
