/** The three forms of every message. */
export type Format = "json" | "protobuf" | "flatbuffers";

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: "application/json",
  protobuf: "application/x-protobuf",
  flatbuffers: "application/x-flatbuffers",
};

const formats = new Map(Object.entries(mediaTypes).map(([format, type]) => [type, format as Format]));

/** Headers longer than this are not looked at further. */
const maxHeaderCharacters = 1_024;

/** The format that a `Content-Type` names; JSON where there is none, undefined where it is none of ours. */
export function formatOf(contentType: string | undefined): Format | undefined {
  if (contentType === undefined || contentType.trim() === "") return "json";
  return formats.get(typeIn(contentType.slice(0, maxHeaderCharacters)));
}

/**
 * The best of ours that an `Accept` header takes, by its weights and then by its order.
 * @param preferred where the header is missing or takes anything
 * @returns undefined where it takes none of ours
 */
export function acceptedFormat(accept: string | undefined, preferred: Format): Format | undefined {
  if (accept === undefined || accept.trim() === "") return preferred;
  let best: { readonly format: Format; readonly weight: number } | undefined;
  for (const range of accept.slice(0, maxHeaderCharacters).split(",")) {
    const type = typeIn(range);
    const isAny = type === "*/*" || type === "application/*";
    const format = isAny ? preferred : formats.get(type);
    const weight = weightOf(range);
    if (format !== undefined && weight > (best?.weight ?? 0)) best = { format, weight };
  }
  return best?.format;
}

const typeIn = (value: string): string => (value.split(";")[0] ?? "").trim().toLowerCase();

/** RFC 9110, 12.4.2. */
function weightOf(range: string): number {
  const weight = /;\s*q=([01](?:\.\d{0,3})?)\s*(?:;|$)/i.exec(range)?.[1];
  return weight === undefined ? 1 : Math.min(1, Number(weight));
}
