import { messagesByName } from "./descriptors.ts";

const declaration = /((?:^\/\/.*\n)*)^(message|enum) (\w+) \{(?:\}|[\s\S]*?^\})/gm;

const head = `syntax = "proto3";

// Every message that the message gateway takes or answers, and the envelope around them, in one file. Packages make no
// difference to a message's bytes, so there is none.
`;

/** The protos' texts as one that needs no other, without the services and without what only nodes tell each other. */
export function oneProto(texts: readonly string[]): string {
  const kept = texts.flatMap((text) =>
    [...text.matchAll(declaration)].flatMap(([whole, , kind, name = ""]) =>
      kind === "enum" || name === "Envelope" || messagesByName.has(name) ? whole : [],
    ),
  );
  return `${head}\n${kept.join("\n\n").replaceAll(/\.?\bcountersign\.v1\./g, "")}\n`;
}
