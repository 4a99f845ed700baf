// Server-sent events (HTML Living Standard, 9.2), as far as gateways use them.

export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** An event holds a whole output and its receipt. */
const maxEventCharacters = 32 * 1024 * 1024;

/** Makes events of text as it comes in. */
export class EventReader {
  #rest = "";
  #id: string | undefined;
  #event = "";
  #data: string[] = [];
  #characters = 0;

  /** Events that are complete with this piece. @throws RangeError past the largest event */
  push(piece: string): ServerSentEvent[] {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    const events: ServerSentEvent[] = [];
    for (const line of lines) {
      const event = this.#line(line.endsWith("\r") ? line.slice(0, -1) : line);
      if (event !== undefined) events.push(event);
    }
    if (this.#characters + this.#rest.length > maxEventCharacters)
      throw new RangeError(`an event has more than ${maxEventCharacters} characters`);
    return events;
  }

  #line(line: string): ServerSentEvent | undefined {
    if (line === "") return this.#end();
    this.#characters += line.length;
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id") this.#id = value;
    return undefined;
  }

  #end(): ServerSentEvent | undefined {
    const event =
      this.#data.length === 0
        ? undefined
        : { id: this.#id, event: this.#event || "message", data: this.#data.join("\n") };
    this.#id = undefined;
    this.#event = "";
    this.#data = [];
    this.#characters = 0;
    return event;
  }
}
