// Format and size of an image from its header; nothing is decoded, so that no image can be a bomb here.

export const imageTypes = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
} as const;

export type ImageExtension = keyof typeof imageTypes;

export interface ImageHeader {
  readonly mime: (typeof imageTypes)[ImageExtension];
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

/** Undefined for what is none of PNG, JPEG, GIF, WebP, or ends before it says its size. */
export function imageHeader(bytes: Uint8Array): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const header = pngHeader(view) ?? gifHeader(view) ?? webpHeader(view) ?? jpegHeader(view);
    return header !== undefined && header.width > 0 && header.height > 0 ? header : undefined;
  } catch (error) {
    // A DataView throws where the bytes end too early.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const has = (view: DataView, at: number, text: string): boolean =>
  [...text].every((character, index) => view.getUint8(at + index) === character.charCodeAt(0));

/** https://www.w3.org/TR/png-3/#11IHDR */
function pngHeader(view: DataView): ImageHeader | undefined {
  if (!has(view, 0, "\x89PNG\r\n\x1a\n") || !has(view, 12, "IHDR")) return undefined;
  return { mime: "image/png", width: view.getUint32(16), height: view.getUint32(20) };
}

/** https://www.w3.org/Graphics/GIF/spec-gif89a.txt, section 18 */
function gifHeader(view: DataView): ImageHeader | undefined {
  if (!has(view, 0, "GIF87a") && !has(view, 0, "GIF89a")) return undefined;
  return { mime: "image/gif", width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function webpHeader(view: DataView): ImageHeader | undefined {
  if (!has(view, 0, "RIFF") || !has(view, 8, "WEBP")) return undefined;
  const mime = "image/webp";
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (has(view, 12, "VP8X")) return { mime, width: uint24(24) + 1, height: uint24(27) + 1 };
  if (has(view, 12, "VP8L") && view.getUint8(20) === 0x2f) {
    const bits = view.getUint32(21, true);
    return { mime, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (has(view, 12, "VP8 ") && has(view, 23, "\x9d\x01\x2a"))
    return { mime, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  return undefined;
}

/** https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B: segments until a frame header (SOF). */
function jpegHeader(view: DataView): ImageHeader | undefined {
  if (!has(view, 0, "\xff\xd8\xff")) return undefined;
  for (let at = 2; ; ) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { mime: "image/jpeg", height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Pixels or the end before any frame header.
    if (marker === 0xda || marker === 0xd9) return undefined;
    const isAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
    at += isAlone ? 2 : 2 + Math.max(view.getUint16(at + 2), 2);
  }
}
