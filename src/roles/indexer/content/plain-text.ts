// Characters that change how other text shows (https://www.unicode.org/reports/tr9/, trojansource.codes).

/** Embeddings, overrides and isolates. The marks LRM, RLM and ALM are single characters, and Arabic needs them. */
const bidiControls = /[\u202a-\u202e\u2066-\u2069]/gu;
/** Controls without meaning in text; tab, line feed and carriage return have one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/gu;

export function hasBidiControls(text: string): boolean {
  bidiControls.lastIndex = 0;
  return bidiControls.test(text);
}

export function withoutBidiControls(text: string): string {
  return text.replace(bidiControls, "");
}

/** True for a line of text that shows as what it is: no controls, no line breaks, no bidi controls, well-formed. */
export function isPlainLine(text: string): boolean {
  controls.lastIndex = 0;
  return (
    !/[\t\n\r\u2028\u2029]/.test(text) &&
    !controls.test(text) &&
    !hasBidiControls(text) &&
    text.isWellFormed()
  );
}
