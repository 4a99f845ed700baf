// What one message may cost, whatever its format.

/** The largest prompt or result is 2 MiB; as JSON inside JSON its quotes double, and receipts and models come on top. */
export const maxBodyBytes = 8 << 20;
/** Lists' entries and nested messages together: 256 models or 4,096 request ids are the most that an operation takes. */
export const maxElements = 65_536;
/** Messages nest 4 deep; what is deeper can only be passed over. */
export const maxDepth = 32;
/** An API key or a wallet's signature. */
export const maxCredentialsCharacters = 4_096;
/** "An arbitrary string", which every answer repeats. */
export const maxCorrelationIdCharacters = 1_024;
/** How much of a caller's own text an error message repeats. */
export const maxShownCharacters = 80;
