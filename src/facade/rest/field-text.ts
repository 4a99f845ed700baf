import { invalidField } from "../../base/index.ts";
import { decodeMessage, type FieldDescriptor } from "../messages/index.ts";

// Fields that stand in a path or a query: text, to be read as the field's type.

const whole = /^-?[0-9]{1,20}$/;
const maxUint64 = (1n << 64n) - 1n;

/** @throws CountersignError INVALID_ARGUMENT naming the field and what is allowed */
export function fieldValue(field: FieldDescriptor, text: string): unknown {
  switch (field.type) {
    case "string":
      return text;
    case "bool":
      if (text !== "true" && text !== "false") throw invalidField(field.name, text, "true or false");
      return text === "true";
    case "bytes":
      return Buffer.from(text, "base64");
    case "double": {
      const value = Number(text);
      if (text === "" || !Number.isFinite(value)) throw invalidField(field.name, text, "a number");
      return value;
    }
    case "bigint": {
      const value = whole.test(text) ? BigInt(text) : -1n;
      if (value < 0n || value > maxUint64)
        throw invalidField(field.name, text, `a whole number from 0 to ${maxUint64}`);
      return value;
    }
    case "message":
      if (field.table === undefined) throw invalidField(field.name, text, "nothing");
      return decodeMessage("json", field.table, Buffer.from(text));
    default: {
      const value = whole.test(text) ? Number(text) : Number.NaN;
      if (!Number.isSafeInteger(value)) throw invalidField(field.name, text, "a whole number");
      return value;
    }
  }
}
