/** True for what a plain field has when it is unset: set to this or not set, it is the same message in every format. */
export function isEmpty(value: unknown): boolean {
  if (typeof value === "object") return value instanceof Uint8Array && value.length === 0;
  return value === "" || value === 0 || value === false || value === 0n;
}
