import { z } from "zod";
import { utf8 } from "../base/index.ts";
import { maxSharedPeers } from "./limits.ts";

const infoSchema = z.object({
  version: z.string().max(64),
  network: z.string().max(64),
  features: z.array(z.string().max(64)).max(64),
  node_id: z.string().max(128).optional(),
  received_ms: z.number(),
  sent_ms: z.number(),
  /** Addresses of some peers that the answering node is connected to. Hints: a dial proves or disproves them. */
  peers: z.array(z.string().max(256)).max(maxSharedPeers),
});

/** What a node says of itself on the info protocol. */
export type PeerInfoAnswer = z.infer<typeof infoSchema>;

export function encodeInfo(info: PeerInfoAnswer): Uint8Array {
  return utf8(JSON.stringify(info));
}

/** @throws SyntaxError or ZodError for what is no info answer */
export function decodeInfo(bytes: Uint8Array): PeerInfoAnswer {
  return infoSchema.parse(JSON.parse(Buffer.from(bytes).toString("utf8")));
}
