/** What a text cost, as OpenAI-compatible servers count it. */
export interface TokenUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** The usage in a server's answer; zeros where it counts nothing. */
export function tokenUsageOf(value: unknown): TokenUsage {
  const fields = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const count = (name: string): number => {
    const number = fields[name];
    return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : 0;
  };
  const [prompt, completion] = [count("prompt_tokens"), count("completion_tokens")];
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: count("total_tokens") || prompt + completion,
  };
}
