import type { CallHeaders } from "../wire/grpc-client.ts";

/** An API key for nodes that want one. Not an option: command lines can be seen by others. */
export const apiKeyVariable = "COUNTERSIGN_API_KEY";

/** What a call shows, besides a signature where it has one. */
export function keyHeaders(signed?: CallHeaders): { headers?: CallHeaders } {
  const key = process.env[apiKeyVariable];
  if (!key) return signed === undefined ? {} : { headers: signed };
  return {
    headers: async (operation, body) => ({
      authorization: `Bearer ${key}`,
      ...(await signed?.(operation, body)),
    }),
  };
}
