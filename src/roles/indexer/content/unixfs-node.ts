import { refuse } from "./refusal.ts";

// The protobuf message inside a UnixFS node, https://specs.ipfs.tech/unixfs/ ; few fields, so own code bounds them all.

export const unixfsType = { raw: 0, directory: 1, file: 2 } as const;

export interface UnixfsNode {
  readonly type: number;
  readonly data: Uint8Array;
  readonly fileSize: number | undefined;
  readonly blockSizes: readonly number[];
}

const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
/** Numbers up to 2^49: no size here comes near. */
const varintBytes = 7;

export function encodeUnixfs(node: {
  type: number;
  fileSize?: number;
  blockSizes?: readonly number[];
}): Uint8Array {
  const bytes: number[] = [0x08, node.type];
  const put = (field: number, value: number) => {
    bytes.push(field << 3);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    bytes.push(rest);
  };
  if (node.fileSize !== undefined) put(3, node.fileSize);
  for (const size of node.blockSizes ?? []) put(4, size);
  return Uint8Array.from(bytes);
}

/** Refuses whatever is no UnixFS message. Mode, time and other unknown fields are skipped. */
export function decodeUnixfs(bytes: Uint8Array): UnixfsNode {
  let at = 0;
  const malformed = (what: string): never => refuse("MALFORMED_DAG", `UnixFS node: ${what}`);
  const readVarint = (): number => {
    let value = 0;
    for (let index = 0; index < varintBytes; index++) {
      const byte = bytes[at++];
      if (byte === undefined) return malformed("it ends inside a number");
      value += (byte & 0x7f) * 128 ** index;
      if (byte < 0x80) return value;
    }
    return malformed("a number is too large");
  };
  const take = (count: number): Uint8Array => {
    if (count > bytes.length - at) return malformed("it ends inside a field");
    at += count;
    return bytes.subarray(at - count, at);
  };
  let type: number | undefined;
  let data: Uint8Array = new Uint8Array();
  let fileSize: number | undefined;
  const blockSizes: number[] = [];
  while (at < bytes.length) {
    const key = readVarint();
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case wire.varint: {
        const value = readVarint();
        if (field === 1) type = value;
        else if (field === 3) fileSize = value;
        else if (field === 4) blockSizes.push(value);
        break;
      }
      case wire.bytes: {
        const value = take(readVarint());
        if (field === 2) data = value;
        break;
      }
      case wire.fixed32:
        take(4);
        break;
      case wire.fixed64:
        take(8);
        break;
      default:
        malformed("a field has an unknown form");
    }
  }
  return { type: type ?? malformed("it has no type"), data, fileSize, blockSizes };
}
