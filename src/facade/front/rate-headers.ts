import type { RateState } from "../../base/index.ts";

/**
 * What a limited answer tells, by lower-case header or metadata name: `RateLimit-Policy` and `RateLimit` as
 * draft-ietf-httpapi-ratelimit-headers has them, and the `x-rate-limit-*` of the reference, whose reset is in epoch seconds.
 */
export function rateHeaders(
  { limit, remaining, resetMs, retryMs }: RateState,
  nowMs: number,
): Record<string, string> {
  const resetSec = Math.ceil(resetMs / 1000);
  return {
    "ratelimit-policy": `"default";q=${limit.calls};w=${limit.windowMs / 1000}`,
    ratelimit: `"default";r=${remaining};t=${resetSec}`,
    "x-rate-limit-limit": String(limit.calls),
    "x-rate-limit-remaining": String(remaining),
    "x-rate-limit-reset": String(Math.ceil((nowMs + resetMs) / 1000)),
    ...(retryMs > 0 ? { "retry-after": String(Math.ceil(retryMs / 1000)) } : {}),
  };
}
