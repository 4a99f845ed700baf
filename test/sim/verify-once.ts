import type { KeyObject, VerifyKeyObjectInput } from "node:crypto";
import { createRequire } from "node:module";

const nodeCrypto = createRequire(import.meta.url)("node:crypto") as typeof import("node:crypto");
/** Some minutes of gossip. */
const keptAnswers = 20_000;

/**
 * A gossiped message is verified by every node that it reaches. In one process the first answer serves them all, as long
 * as key, message and signature are the same bytes: a fifth of the processor time. The result restores what was there.
 */
export function verifyOnce(): () => void {
  const { createPublicKey, createHash, verify } = nodeCrypto;
  const keys = new Map<string, KeyObject>();
  const names = new WeakMap<KeyObject, string>();
  const answers = new Map<string, boolean>();
  const patched = nodeCrypto as unknown as {
    createPublicKey: (input: { key?: { x?: string; crv?: string } }) => KeyObject;
    verify: (name: null, data: Uint8Array, key: KeyObject, signature: Uint8Array) => boolean;
  };
  patched.createPublicKey = (input) => {
    const x = input.key?.crv === "Ed25519" ? input.key.x : undefined;
    if (x === undefined) return createPublicKey(input as Parameters<typeof createPublicKey>[0]);
    const known = keys.get(x) ?? createPublicKey(input as Parameters<typeof createPublicKey>[0]);
    keys.set(x, known);
    names.set(known, x);
    return known;
  };
  patched.verify = (name, data, key, signature) => {
    const keyName = names.get(key);
    const ask = () => verify(name, data, key as unknown as VerifyKeyObjectInput, signature);
    if (keyName === undefined) return ask();
    const hash = createHash("sha256").update(keyName).update(signature).update(data).digest("base64");
    const answer = answers.get(hash) ?? ask();
    if (answers.size >= keptAnswers) answers.clear();
    answers.set(hash, answer);
    return answer;
  };
  return () => Object.assign(nodeCrypto, { createPublicKey, verify });
}
