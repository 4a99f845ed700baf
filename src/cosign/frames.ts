import { countersign } from "../wire/index.ts";
import { protobuf } from "../wire/uint64.ts";

// Channel frames and topic messages of co-sign rounds. A channel frame is one byte of kind and a bundle; a topic
// message is a bare bundle, since its topic says the kind. Bundles go out encoded item by item, because one
// request goes to many validators and one verdict to a channel and a topic.

type CosignRequest = countersign.v1.CosignRequest.$Properties;
type CosignVerdict = countersign.v1.CosignVerdict.$Properties;

export const frameKinds = { requests: 1, verdicts: 2, records: 3 } as const;
export type FrameKind = keyof typeof frameKinds;

export type Frame =
  | { readonly kind: "requests"; readonly requests: CosignRequest[] }
  | { readonly kind: "verdicts"; readonly verdicts: CosignVerdict[] }
  | { readonly kind: "records"; readonly records: Uint8Array[] };

/** A few milliseconds of the busiest gateway. Also bounds the work that one frame may cause. */
export const maxBundleItems = 256;
/** A frame must hold one request with its input and output; the mesh closes channels past 4 MiB a frame. */
export const maxFrameBytes = 4 * 1024 * 1024 - 1024;
/** Below the mesh's own limit for the smaller of the two topics. */
export const maxTopicMessageBytes = 128 * 1024;
/**
 * A request without input and output: a subnet of 256 models is the largest. Bounds what decoding can allocate: the
 * least a nested message takes is two bytes, an object of it a hundred.
 */
const maxRequestStructureBytes = 128 * 1024;
const maxVerdictBytes = 1024;
const maxRecordBytes = 128 * 1024;

export const encodeRequest = (request: CosignRequest): Uint8Array =>
  countersign.v1.CosignRequest.encode(request).finish();

export const encodeVerdict = (verdict: CosignVerdict): Uint8Array =>
  countersign.v1.CosignVerdict.encode(verdict).finish();

/** Frames for a channel, as few as the bounds allow. An item too large for any frame is left out. */
export function encodeFrames(kind: FrameKind, items: readonly Uint8Array[]): Uint8Array[] {
  return bundles(items, maxFrameBytes - 1).map((bundle) => {
    const frame = new Uint8Array(bundle.length + 1);
    frame[0] = frameKinds[kind];
    frame.set(bundle, 1);
    return frame;
  });
}

/** Messages for a topic, as few as the bounds allow. */
export function encodeTopicMessages(items: readonly Uint8Array[]): Uint8Array[] {
  return bundles(items, maxTopicMessageBytes);
}

const maxItemOverheadBytes = 6;
/** Tag of field 1, length-delimited: the one field of every bundle. */
const itemTag = 10;

function bundles(items: readonly Uint8Array[], maxBytes: number): Uint8Array[] {
  const made: Uint8Array[] = [];
  let writer = protobuf.Writer.create();
  let count = 0;
  let sizeBytes = 0;
  const close = () => {
    if (count > 0) made.push(writer.finish());
    writer = protobuf.Writer.create();
    count = 0;
    sizeBytes = 0;
  };
  for (const item of items) {
    const itemBytes = item.length + maxItemOverheadBytes;
    if (itemBytes > maxBytes) continue;
    if (count === maxBundleItems || sizeBytes + itemBytes > maxBytes) close();
    writer.uint32(itemTag).bytes(item);
    count++;
    sizeBytes += itemBytes;
  }
  close();
  return made;
}

/** The frame, or undefined when it is malformed or over a bound. Never throws. */
export function decodeFrame(frame: Uint8Array): Frame | undefined {
  if (frame.length > maxFrameBytes) return undefined;
  const body = frame.subarray(1);
  switch (frame[0]) {
    case frameKinds.requests: {
      const requests = decodeRequests(body);
      return requests && { kind: "requests", requests };
    }
    case frameKinds.verdicts: {
      const verdicts = decodeVerdicts(body);
      return verdicts && { kind: "verdicts", verdicts };
    }
    case frameKinds.records: {
      const records = itemsOf(body, maxRecordBytes);
      return records && { kind: "records", records };
    }
    default:
      return undefined;
  }
}

/** A CosignBundle's requests, or undefined as `decodeFrame`. */
export function decodeRequests(bundle: Uint8Array): CosignRequest[] | undefined {
  const items = itemsOf(bundle, maxFrameBytes);
  if (items === undefined) return undefined;
  return orUndefined(() => {
    const requests: CosignRequest[] = [];
    for (const item of items) {
      if (structureBytes(item) > maxRequestStructureBytes) return undefined;
      requests.push(countersign.v1.CosignRequest.decode(item));
    }
    return requests;
  });
}

/** A VerdictBundle's verdicts, or undefined as `decodeFrame`. */
export function decodeVerdicts(bundle: Uint8Array): CosignVerdict[] | undefined {
  const items = itemsOf(bundle, maxVerdictBytes);
  return items && orUndefined(() => items.map((item) => countersign.v1.CosignVerdict.decode(item)));
}

/** The encoded items of a bundle, or undefined when there are too many, one is too large, or it is no bundle. */
function itemsOf(bundle: Uint8Array, maxItemBytes: number): Uint8Array[] | undefined {
  return orUndefined(() => {
    const reader = protobuf.Reader.create(bundle);
    const items: Uint8Array[] = [];
    while (reader.pos < reader.len) {
      if (reader.uint32() !== itemTag || items.length === maxBundleItems) return undefined;
      const item = reader.bytes();
      if (item.length > maxItemBytes) return undefined;
      items.push(item);
    }
    return items;
  });
}

const completionField = 11;
const outputField = 7;
const inputField = 8;

/** Bytes of an encoded request but for the input and output of a completion, which decode to plain text. */
function structureBytes(item: Uint8Array): number {
  let sizeBytes = item.length;
  eachDelimited(item, completionField, (proposal) => {
    eachDelimited(proposal, outputField, (text) => {
      sizeBytes -= text.length;
    });
    eachDelimited(proposal, inputField, (text) => {
      sizeBytes -= text.length;
    });
  });
  return sizeBytes;
}

function eachDelimited(message: Uint8Array, field: number, visit: (bytes: Uint8Array) => void): void {
  const reader = protobuf.Reader.create(message);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === ((field << 3) | 2)) visit(reader.bytes());
    else reader.skipType(tag & 7);
  }
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    // What a stranger sent does not decode; the caller tells them so.
    return undefined;
  }
}
