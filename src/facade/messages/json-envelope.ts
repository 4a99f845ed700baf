import { type Message, type UnionMember, unionByName } from "./descriptors.ts";
import type { Envelope } from "./envelope.ts";
import { repeated } from "./invalid-format.ts";
import { JsonReader } from "./json-reader.ts";
import { refuseTopic } from "./topics.ts";

/**
 * Reads `{credentials?, correlation_id?, message_type, message}` in any order.
 * @param onCorrelationId told of it also when the rest cannot be read
 * @throws CountersignError INVALID_ARGUMENT, TOO_LARGE
 */
export function jsonEnvelope(text: string, onCorrelationId: (id: string) => void): Envelope {
  try {
    const envelope = new EnvelopeReader(text).envelope();
    if (envelope.correlationId !== undefined) onCorrelationId(envelope.correlationId);
    return envelope;
  } catch (error) {
    const id = new EnvelopeReader(text).correlationId();
    if (id !== undefined) onCorrelationId(id);
    throw error;
  }
}

class EnvelopeReader extends JsonReader {
  envelope(): Envelope {
    const texts: { credentials?: string; correlation_id?: string } = {};
    const seen = new Set<string>();
    let member: UnionMember | undefined;
    let value: Message | undefined;
    let skippedAt: number | undefined;
    this.whole(() => {
      this.object((key) => {
        if (this.skipNull()) return;
        if (key === "credentials" || key === "correlation_id") texts[key] = this.string();
        else if (key === "message_type") member = this.#member();
        else if (key === "time") this.anyScalar();
        else if (key !== "message") this.unknownField(key);
        else if (member === undefined) skippedAt = this.skip();
        else value = this.message(member.message);
        if (seen.has(key)) this.fail(`field set more than once: ${key}`);
        seen.add(key);
      });
      if (!seen.has("message")) this.fail("required field is missing: message in Envelope");
      if (member === undefined) this.fail("missing type field for this union value: message");
    });
    const known = member as UnionMember | undefined;
    if (known === undefined) throw new Error("unreachable: an envelope without a type was read");
    value ??= this.reread(skippedAt ?? 0, () => this.message(known.message));
    return { member: known, value, credentials: texts.credentials, correlationId: texts.correlation_id };
  }

  /** The id alone, as far as the text can be followed. */
  correlationId(): string | undefined {
    let id: string | undefined;
    try {
      this.object((key) => {
        if (key === "correlation_id" && id === undefined) id = this.string();
        else this.skip();
      });
    } catch {
      // What is wrong has been noticed before, and is told.
    }
    return id;
  }

  #member(): UnionMember {
    this.space();
    const start = this.at;
    const name = this.string();
    const member = unionByName.get(name);
    if (member !== undefined) return member;
    refuseTopic(name);
    this.goBack(start);
    return this.fail(`unknown enum value: ${repeated(name)}`);
  }
}
