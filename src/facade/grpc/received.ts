import { CountersignError, messageOf } from "../../base/index.ts";
import type { Operation } from "../../operations/index.ts";

/** A request with the bytes it came in, which its signature covers. */
export interface Received {
  readonly bytes: Buffer;
  /** The request as decoded. Undefined where `error` says why it is no such message, and where it is large. */
  readonly message: unknown;
  readonly error: string | undefined;
}

/**
 * Two bytes can be a nested message, an object of a hundred; so what could have more of them than any request may is
 * counted before it is decoded. Smaller ones cannot: an element takes a byte at least.
 */
const maxUncountedBytes = 65_536;

/** The method's definition, but with requests that keep their bytes and never fail to decode. */
export function withBytes({ method }: Operation) {
  return {
    ...method,
    requestDeserialize: (bytes: Buffer): Received => {
      if (bytes.length > maxUncountedBytes) return { bytes, message: undefined, error: undefined };
      try {
        return { bytes, message: method.requestDeserialize(bytes), error: undefined };
      } catch (error) {
        return { bytes, message: undefined, error: messageOf(error) };
      }
    },
  };
}

/** @throws CountersignError INVALID_ARGUMENT for bytes that are no such request, TOO_LARGE for one with too many entries */
export async function requestIn({ name }: Operation, { bytes, message, error }: Received): Promise<unknown> {
  if (error !== undefined)
    throw new CountersignError("INVALID_ARGUMENT", `request: not a ${name} request in protobuf (${error})`);
  if (message !== undefined) return message;
  // Loaded by the first large request: most nodes never get one.
  const { decodeMessage, operationNamed } = await import("../messages/index.ts");
  return decodeMessage("protobuf", operationNamed(name).request, bytes);
}
