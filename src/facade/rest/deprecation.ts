import type { Deprecation } from "./routes.ts";

/** Headers of an answer that will not be given for ever: `Deprecation` (RFC 9745) and `Sunset` (RFC 8594). */
export function deprecationHeaders(deprecation: Deprecation | undefined): Record<string, string> {
  if (deprecation === undefined) return {};
  return {
    deprecation: `@${Math.floor(deprecation.since.getTime() / 1_000)}`,
    sunset: deprecation.sunset.toUTCString(),
  };
}
