import { isDeepStrictEqual } from "node:util";
import { CountersignError } from "../base/index.ts";
import type { AnyMethod } from "../wire/index.ts";
import type { CallContext } from "./operation.ts";

/**
 * For what is stated to the network with the signed call as its proof: every node decodes the bytes that the wallet
 * signed, so they must be this very message in Protobuf, whatever facade it came by.
 * @throws CountersignError UNAUTHENTICATED where the wallet signed another form of it
 */
export function provable<Request, Answer>(
  method: AnyMethod,
  check: (message: unknown) => Request,
  run: (request: Request, context: CallContext) => Answer,
): (request: Request, context: CallContext) => Answer {
  return (request, context) => {
    const body = context.caller.proof?.body;
    if (body != null && !isFormOf(method, check, body, request)) {
      throw new CountersignError(
        "UNAUTHENTICATED",
        "body: other nodes check the wallet's signature over the message in Protobuf; send it as application/x-protobuf, or over gRPC",
        { field: "body", allowed: "the signed message in Protobuf" },
      );
    }
    return run(request, context);
  };
}

function isFormOf<Request>(
  method: AnyMethod,
  check: (message: unknown) => Request,
  body: Uint8Array,
  request: Request,
): boolean {
  try {
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
    return isDeepStrictEqual(check(method.requestDeserialize(bytes)), request);
  } catch {
    // No Protobuf, or a message that would have been refused.
    return false;
  }
}
