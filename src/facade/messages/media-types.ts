/** The three forms of every message. */
export type Format = "json" | "protobuf" | "flatbuffers";

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: "application/json",
  protobuf: "application/x-protobuf",
  flatbuffers: "application/x-flatbuffers",
};

/** How an answer goes out. */
export interface AnswerForm {
  readonly format: Format;
  /** `Content-Type` of one envelope. */
  readonly type: string;
  /** `Content-Type` of a stream of them. */
  readonly streamType: string;
  /** True: also a single envelope is a line. */
  readonly isLine: boolean;
}

/** JSON lines; the first is written unless the other is asked for. */
export const lineTypes = ["application/jsonl", "application/x-ndjson"] as const;

const lines = (type: string): AnswerForm => ({ format: "json", type, streamType: type, isLine: true });

/** What an answer's form is where only its format is known. */
export const formOf: Readonly<Record<Format, AnswerForm>> = {
  json: { format: "json", type: mediaTypes.json, streamType: lineTypes[0], isLine: false },
  protobuf: {
    format: "protobuf",
    type: mediaTypes.protobuf,
    streamType: `${mediaTypes.protobuf}; encoding=delimited`,
    isLine: false,
  },
  flatbuffers: {
    format: "flatbuffers",
    type: mediaTypes.flatbuffers,
    streamType: `${mediaTypes.flatbuffers}; encoding=size-prefixed`,
    isLine: false,
  },
};

const formats = new Map(Object.entries(mediaTypes).map(([format, type]) => [type, format as Format]));
const forms = new Map([
  ...Object.values(formOf).map((form): [string, AnswerForm] => [form.type, form]),
  ...lineTypes.map((type): [string, AnswerForm] => [type, lines(type)]),
]);

/** Headers longer than this are not looked at further. */
const maxHeaderCharacters = 1_024;

/**
 * The format that a `Content-Type` names; JSON where there is none, undefined where it is none of ours or another
 * charset than UTF-8.
 */
export function formatOf(contentType: string | undefined): Format | undefined {
  if (contentType === undefined) return "json";
  const exact = formats.get(contentType);
  if (exact !== undefined) return exact;
  const short = contentType.slice(0, maxHeaderCharacters);
  if (short.trim() === "") return "json";
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(short)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) return undefined;
  return formats.get(typeIn(short));
}

/**
 * The best of ours that an `Accept` header takes, by its weights and then by its order.
 * @param preferred where the header is missing or takes anything
 * @returns undefined where it takes none of ours
 */
export function acceptedForm(accept: string | undefined, preferred: Format): AnswerForm | undefined {
  const own = formOf[preferred];
  if (accept === undefined || accept === "*/*" || accept === own.type || accept.trim() === "") return own;
  let best: { readonly form: AnswerForm; readonly weight: number } | undefined;
  for (const range of accept.slice(0, maxHeaderCharacters).split(",")) {
    const type = typeIn(range);
    const isAny = type === "*/*" || type === "application/*";
    const form = isAny ? own : forms.get(type);
    const weight = weightOf(range);
    if (form !== undefined && weight > (best?.weight ?? 0)) best = { form, weight };
  }
  return best?.form;
}

const typeIn = (value: string): string => (value.split(";")[0] ?? "").trim().toLowerCase();

/** RFC 9110, 12.4.2. */
function weightOf(range: string): number {
  const weight = /;\s*q=([01](?:\.\d{0,3})?)\s*(?:;|$)/i.exec(range)?.[1];
  return weight === undefined ? 1 : Math.min(1, Number(weight));
}
