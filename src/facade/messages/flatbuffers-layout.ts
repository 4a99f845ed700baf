import type { FieldType } from "./descriptors.ts";

// Where proto/countersign.fbs puts what.

/** What a value takes where it stands; those of strings, bytes and messages are offsets. */
export const inlineBytes: Readonly<Record<FieldType, 1 | 4 | 8>> = {
  bool: 1,
  int32: 4,
  uint32: 4,
  enum: 4,
  string: 4,
  bytes: 4,
  message: 4,
  int64: 8,
  uint64: 8,
  bigint: 8,
  double: 8,
};

/** A field's place in the vtable. */
export const slotOf = (id: number): number => 4 + 2 * id;

export const envelopeIds = {
  time: 0,
  credentials: 1,
  correlation_id: 2,
  message_type: 3,
  message: 4,
} as const;
/** Ids that the envelope has. */
export const envelopeFields = 5;
