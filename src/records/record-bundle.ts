import protobuf from "protobufjs/minimal.js";

// Records travel as the bytes their owners signed. A RecordBundle is taken apart and put together here without
// decoding what is in it: field 1 is a record.

export const maxBundleRecords = 256;
/** Half of what the topic takes, so that one more record than expected does not break a bundle. */
export const maxBundleBytes = 256 * 1024;

const recordTag = (1 << 3) | 2;

/** @throws when the bytes are no bundle, or hold more than `maxBundleRecords` */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  const reader = protobuf.Reader.create(bytes);
  const records: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    if (tag !== recordTag) throw new RangeError(`unexpected tag ${tag}`);
    if (records.length >= maxBundleRecords) throw new RangeError(`more than ${maxBundleRecords} records`);
    records.push(reader.bytes());
  }
  return records;
}

export function encodeBundle(records: readonly Uint8Array[]): Uint8Array {
  const writer = protobuf.Writer.create();
  for (const record of records) writer.uint32(recordTag).bytes(record);
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
