import protobuf, { type Reader, type Writer } from "protobufjs/minimal.js";

// Every 64-bit field but subnet ids is a time, a count or a size and fits a double, so the generated code is
// made to read plain numbers, not `Long` objects. This must run before the generated code does.
protobuf.util.Long = undefined as never;
protobuf.configure();

export { protobuf };

/** The next varint of the reader as an exact integer; protobufjs itself would round it to a double. */
export function readUint64(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.buf[reader.pos];
    if (byte === undefined || reader.pos >= reader.len) throw new RangeError("index out of range");
    reader.pos++;
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return BigInt.asUintN(64, value);
  }
  throw new RangeError("invalid varint encoding");
}

/** Appends a packed field's integers to `values`. */
export function readUint64s(reader: Reader, values: bigint[]): void {
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError("index out of range");
  while (reader.pos < end) values.push(readUint64(reader));
}

/** The form in which a protobufjs writer takes a 64-bit integer without rounding. */
export function uint64Bits(value: bigint | number): { low: number; high: number; unsigned: boolean } {
  const exact = BigInt(value);
  return { low: Number(exact & 0xffff_ffffn), high: Number((exact >> 32n) & 0xffff_ffffn), unsigned: true };
}

/** Writes a packed field; its tag is written already. */
export function writeUint64s(writer: Writer, values: readonly bigint[]): Writer {
  writer.fork();
  for (const value of values) writer.uint64(uint64Bits(value) as never);
  return writer.ldelim();
}
