import protobuf from "protobufjs/minimal.js";

// Records travel as the bytes their owners signed. RecordBundle and SyncPage are taken apart and put together here
// without decoding what is in them: field 1 is a record, field 2 of a page its next key.

export const maxBundleRecords = 256;
/** Half of what the topic takes, so that one more record than expected does not break a bundle. */
export const maxBundleBytes = 256 * 1024;

const recordTag = (1 << 3) | 2;
const nextKeyTag = (2 << 3) | 2;

/** @throws when the bytes are no bundle, or hold more than `maxBundleRecords` */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  return decodePage(bytes).records;
}

export function encodeBundle(records: readonly Uint8Array[]): Uint8Array {
  return encodePage({ records, nextKey: "" });
}

export interface RecordPage {
  readonly records: readonly Uint8Array[];
  /** Where the next page goes on; empty on the last one. */
  readonly nextKey: string;
}

/** @throws when the bytes are no page, or hold more than `maxBundleRecords` */
export function decodePage(bytes: Uint8Array): { records: Uint8Array[]; nextKey: string } {
  const reader = protobuf.Reader.create(bytes);
  const records: Uint8Array[] = [];
  let nextKey = "";
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag === recordTag) {
      if (records.length >= maxBundleRecords) throw new RangeError(`more than ${maxBundleRecords} records`);
      records.push(reader.bytes());
    } else if (tag === nextKeyTag) {
      nextKey = reader.string();
    } else {
      throw new RangeError(`unexpected tag ${tag}`);
    }
  }
  return { records, nextKey };
}

export function encodePage({ records, nextKey }: RecordPage): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const record of records) writer.uint32(recordTag).bytes(record);
  if (nextKey !== "") writer.uint32(nextKeyTag).string(nextKey);
  return writer.finish();
}

/** Cuts records into bundles of bounded count and size, in order. */
export function bundlesOf(records: readonly Uint8Array[]): Uint8Array[] {
  const bundles: Uint8Array[] = [];
  let bundle: Uint8Array[] = [];
  let bundleBytes = 0;
  for (const record of records) {
    const isFull = bundle.length >= maxBundleRecords || bundleBytes + record.length > maxBundleBytes;
    if (bundle.length > 0 && isFull) {
      bundles.push(encodeBundle(bundle));
      bundle = [];
      bundleBytes = 0;
    }
    bundle.push(record);
    bundleBytes += record.length;
  }
  if (bundle.length > 0) bundles.push(encodeBundle(bundle));
  return bundles;
}
