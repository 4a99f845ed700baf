import { invalidField } from "../../base/index.ts";
import { isObject, type Rule } from "./request-rules.ts";

/** Longer chats do not fit the network's input of a task either. */
const maxMessages = 2_048;
const maxParts = 256;
const roles = ["system", "developer", "user", "assistant", "tool", "function"];

/** The messages of a chat, passed on as they are: what a part of one means is the model's to say. */
export const messages: Rule = (field, value) => {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxMessages)
    throw invalidField(field, sizeOf(value), `1 to ${maxMessages} messages`);
  for (const [index, message] of value.entries()) checkMessage(`${field}[${index}]`, message);
  return value;
};

function checkMessage(field: string, message: unknown): void {
  if (!isObject(message)) throw invalidField(field, message, "an object with role and content");
  const { role, content, tool_calls: calls } = message;
  if (!roles.includes(role as string))
    throw invalidField(`${field}.role`, role, `one of ${roles.join(", ")}`);
  if (typeof content === "string") return;
  const isCall = role === "assistant" && Array.isArray(calls) && calls.length > 0;
  if ((content === undefined || content === null) && isCall) return;
  const isParts = Array.isArray(content) && content.length > 0 && content.length <= maxParts;
  if (!isParts || !content.every((part) => isObject(part) && typeof part["type"] === "string"))
    throw invalidField(`${field}.content`, sizeOf(content), `a string or 1 to ${maxParts} parts with a type`);
}

const sizeOf = (value: unknown): unknown => (Array.isArray(value) ? `a list of ${value.length}` : value);
