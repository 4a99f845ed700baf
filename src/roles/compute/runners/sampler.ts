/** Numbers from 0 to 1 that follow from the seed alone (mulberry32, public domain, by Tommy Ettinger). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chooses the next token. Temperature 0 takes the likeliest, the first of equals. */
export function sample(logits: Float32Array, temperature: number, random: () => number): number {
  let best = 0;
  for (let token = 1; token < logits.length; token++)
    if ((logits[token] ?? 0) > (logits[best] ?? 0)) best = token;
  if (temperature === 0) return best;
  const highest = logits[best] ?? 0;
  const weights = Float64Array.from(logits, (logit) => Math.exp((logit - highest) / temperature));
  let total = 0;
  for (const weight of weights) total += weight;
  let left = random() * total;
  for (const [token, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return token;
  }
  return best;
}
