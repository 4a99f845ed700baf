import { CountersignError } from "../../base/index.ts";
import { repeated } from "./invalid-format.ts";

/** What can only be subscribed to: the WebSocket's topics, also as `TopicTask`, and what is said about them there. */
const topicName =
  /^(?:topic)?(?:task|node|subnet|validator|validation|snapshot|article)$|^(?:un)?subscribe$/i;

/** @throws CountersignError INVALID_ARGUMENT for a name that plain HTTP has no answer to */
export function refuseTopic(name: string): void {
  if (!topicName.test(name)) return;
  const topic = name.toLowerCase().replace(/^topic/, "");
  const shown = topic.endsWith("subscribe") ? "task" : topic;
  throw new CountersignError(
    "INVALID_ARGUMENT",
    `message_type: "${repeated(name)}" is a matter of subscriptions, which plain HTTP has none of; open the WebSocket, at /ws on this port or on its own port, and send {"action":"subscribe","topic":"${shown}"}`,
    { field: "message_type" },
  );
}
