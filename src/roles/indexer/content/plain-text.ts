// Characters that change how other text shows (https://www.unicode.org/reports/tr9/, trojansource.codes).

/**
 * Controls without meaning in text, and the embeddings, overrides and isolates of two-way text. Not the marks LRM, RLM
 * and ALM, which are single characters that Arabic needs; not tab, line feed and carriage return.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u;
const allControls = new RegExp(controls, "gu");

export function hasControls(text: string): boolean {
  return controls.test(text);
}

export function withoutControls(text: string): string {
  return controls.test(text) ? text.replace(allControls, "") : text;
}

/** True for a line of text that shows as what it is: no line breaks, no controls, well-formed. */
export function isPlainLine(text: string): boolean {
  return !/[\t\n\r\u2028\u2029]/.test(text) && !controls.test(text) && text.isWellFormed();
}
