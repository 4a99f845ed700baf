/** Wei as whole tokens with up to 6 decimals: 1500000000000000000 → 1.5. */
export function tokens(wei: string | bigint): string {
  const amount = BigInt(wei || "0");
  const digits = amount.toString().padStart(19, "0");
  const fraction = digits.slice(-18, -12).replace(/0+$/, "");
  return `${digits.slice(0, -18)}${fraction === "" ? "" : `.${fraction}`}`;
}

/** Whole tokens with up to 18 decimals as wei: 1.5 → 1500000000000000000. Undefined for what is no such number. */
export function weiOf(text: string): bigint | undefined {
  const match = /^(\d{1,30})(?:\.(\d{1,18}))?$/.exec(text);
  return match === null ? undefined : BigInt(`${match[1]}${(match[2] ?? "").padEnd(18, "0")}`);
}

/** Unix milliseconds as local date and time. */
export function moment(ms: number): string {
  return ms === 0 ? "–" : new Date(ms).toISOString().replace("T", " ").slice(0, 19);
}

export function short(text: string, characters = 24): string {
  return text.length <= characters ? text : `${text.slice(0, characters - 1)}…`;
}
