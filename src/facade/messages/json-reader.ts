import { maxDepth, maxElements } from "./bounds.ts";
import type { FieldDescriptor, Message, MessageDescriptor } from "./descriptors.ts";
import { isEmpty } from "./empty.ts";
import { invalidFormat, tooManyElements } from "./invalid-format.ts";
import { JsonScalars } from "./json-scalars.ts";
import { character, endToken, placeOf, stringToken } from "./json-tokens.ts";

/**
 * Reads JSON against descriptors in one pass. Strict: what RFC 8259 and the descriptors do not have is an error, told
 * with its place in the text and in the words of FlatBuffers' parser. Each method reads on from where the last one ended.
 */
export class JsonReader extends JsonScalars {
  #elements = 0;
  #skipped = 0;

  /** @throws CountersignError INVALID_ARGUMENT unless the text holds one object and nothing else */
  whole<T>(readObject: () => T): T {
    if (Number.isNaN(this.space()))
      throw invalidFormat("input file is empty", placeOf(this.text, this.at + 1));
    const value = readObject();
    if (!Number.isNaN(this.space())) this.unexpected(endToken);
    return value;
  }

  /** A message of exactly the descriptor's fields. @throws CountersignError INVALID_ARGUMENT, TOO_LARGE */
  message(message: MessageDescriptor): Message {
    this.#count();
    this.expect(character.open, "{");
    const value = new message.type();
    let expected = 0;
    let seen = 0;
    let next = this.space();
    while (next !== character.close) {
      const field = this.#field(message, expected);
      expected = field.place + 1;
      if (!this.skipNull()) {
        this.#fieldValue(value, field);
        const bit = 1 << field.id;
        if ((seen & bit) !== 0) this.fail(`field set more than once: ${field.name}`);
        seen |= bit;
      }
      next = this.#afterMember();
    }
    this.at++;
    if (message.required !== 0 && (seen & message.required) !== message.required) {
      const missing = message.fields.find(({ id }) => (message.required & ~seen & (1 << id)) !== 0);
      this.fail(`required field is missing: ${missing?.name} in ${message.name}`);
    }
    return value;
  }

  /** An object whose members `read` reads, each by its key. */
  object(read: (key: string) => void): void {
    this.expect(character.open, "{");
    let next = this.space();
    while (next !== character.close) {
      read(this.key());
      next = this.#afterMember();
    }
    this.at++;
  }

  /** Passes over a value of any form and says where it began, so that `reread` can read it once it is known what it is. */
  skip(depth = 0): number {
    const next = this.space();
    const start = this.at;
    if (++this.#skipped > maxElements) throw tooManyElements();
    if (depth >= maxDepth) this.fail(`maximum parsing depth ${maxDepth} reached`);
    if (next === character.open) this.object(() => this.skip(depth + 1));
    else if (next === character.openList) this.#list(() => this.skip(depth + 1));
    else this.anyScalar();
    return start;
  }

  reread<T>(start: number, read: () => T): T {
    const end = this.at;
    this.goBack(start);
    const value = read();
    this.at = end;
    return value;
  }

  /** The next member's field; keys mostly come in the fields' order, without spaces. */
  #field(message: MessageDescriptor, expected: number): FieldDescriptor {
    const likely = message.fields[expected];
    if (likely !== undefined && this.text.startsWith(likely.jsonKey, this.at)) {
      this.at += likely.jsonKey.length;
      return likely;
    }
    const name = this.key();
    return message.byName.get(name) ?? this.unknownField(name);
  }

  #afterMember(): number {
    const next = this.space();
    if (next === character.close) return next;
    if (next !== character.comma) this.unexpected(",");
    this.at++;
    const member = this.space();
    if (member !== character.quote) this.unexpected(stringToken);
    return member;
  }

  #fieldValue(message: Message, field: FieldDescriptor): void {
    if (field.presence === "list") {
      const entries: unknown[] = [];
      this.#list(() => {
        entries.push(this.#one(field));
        this.#count();
      });
      message[field.name] = entries;
    } else if (field.presence === "map") {
      message[field.name] = this.#map(field);
    } else {
      const value = this.#one(field);
      if (field.presence !== "plain" || !isEmpty(value)) message[field.name] = value;
    }
  }

  #one(field: FieldDescriptor): unknown {
    return field.table === undefined ? this.scalar(field) : this.message(field.table);
  }

  #list(readEntry: () => void): void {
    this.expect(character.openList, "[");
    if (this.space() === character.closeList) {
      this.at++;
      return;
    }
    for (;;) {
      readEntry();
      const next = this.space();
      if (next === character.closeList) break;
      // A list that was not closed, rather than one that goes on.
      if (next === character.close) this.unexpected("]");
      if (next !== character.comma) this.unexpected(",");
      this.at++;
    }
    this.at++;
  }

  #map(field: FieldDescriptor): Record<string, unknown> {
    const entries: Record<string, unknown> = {};
    this.object((key) => {
      if (Object.hasOwn(entries, key)) this.fail(`field set more than once: ${key}`);
      const value = this.#one(field);
      // Not by assignment: the key may be `__proto__`.
      Object.defineProperty(entries, key, { value, enumerable: true, configurable: true, writable: true });
      this.#count();
    });
    return entries;
  }

  #count(): void {
    if (++this.#elements > maxElements) throw tooManyElements();
  }
}
