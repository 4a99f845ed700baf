import type { FieldType } from "./descriptors.ts";

/** What fits a field. 64-bit integers but subnet ids are safe numbers everywhere in the node, so more would not be told right. */
export const integerRanges: Readonly<Partial<Record<FieldType, readonly [least: number, most: number]>>> = {
  int32: [-0x8000_0000, 0x7fff_ffff],
  enum: [-0x8000_0000, 0x7fff_ffff],
  uint32: [0, 0xffff_ffff],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

export const maxUint64 = (1n << 64n) - 1n;

/** FlatBuffers' names of the types, for error messages. */
export const typeNames: Readonly<Record<FieldType, string>> = {
  string: "string",
  bytes: "string",
  bool: "bool",
  double: "double",
  int32: "int",
  uint32: "uint",
  int64: "long",
  uint64: "ulong",
  bigint: "ulong",
  enum: "int",
  message: "table",
};
