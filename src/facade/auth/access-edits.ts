import { chown, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { isMap, isSeq, type YAMLMap } from "yaml";
import { parseYaml } from "../../base/checked-yaml.ts";
import { CountersignError, shown } from "../../base/index.ts";
import { readAccess } from "./access-file.ts";
import { type AccessTable, parseAccess } from "./access-rules.ts";
import { hashOfKey, keyIdOf } from "./api-keys.ts";

// What `countersign keys` changes in an access file; people's comments and order stay.

/** What a new file permits: the same as no file, so that a first key locks nobody out. */
export const newAccessFile = `# Who may do what at this node. Edits count within a second; one with a mistake is refused, and the log says why.
# A permission is an operation (GetTaskStatus), a group (inference, compute, registry, node) or "*".

# Who shows no key and whose wallet is no user here. Without this line such callers may do nothing.
default_user: anyone

roles:
  client: [inference, registry]
  operator: ["*"]

users:
  anyone:
    allow: ["*"]
`;

export interface NewKey {
  readonly user: string;
  readonly hash: string;
  readonly createdMs: number;
  readonly roles: readonly string[] | undefined;
  readonly account: string | undefined;
  readonly expires: string | undefined;
}

/** The file's text with one more key. @throws CountersignError CONFIG_INVALID */
export function withKey(file: string, text: string, added: NewKey): string {
  const table = parseAccess(file, text);
  const { document } = parseYaml(file, text, "failsafe");
  const { user } = added;
  const isNew = !Object.hasOwn(table.users, user);
  const path = ["users", user];
  if (isNew) document.setIn(path, document.createNode({}));
  const roles = added.roles ?? (isNew && Object.hasOwn(table.roles, "client") ? ["client"] : undefined);
  if (roles !== undefined) document.setIn([...path, "roles"], flow(document.createNode(roles)));
  if (added.account !== undefined) document.setIn([...path, "account"], added.account);
  const { hash, createdMs, expires } = added;
  const created = new Date(createdMs).toISOString();
  const entry = document.createNode({ hash, created, ...(expires === undefined ? {} : { expires }) });
  if (isSeq(document.getIn([...path, "keys"]))) document.addIn([...path, "keys"], entry);
  else document.setIn([...path, "keys"], document.createNode([entry]));
  (document.getIn(path) as YAMLMap).flow = false;
  return checked(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
}

/**
 * The file's text with a key revoked, by the beginning of its hash or by the key itself.
 * @throws CountersignError CONFIG_INVALID, NOT_FOUND
 */
export function withoutKey(
  file: string,
  text: string,
  idOrKey: string,
  nowMs: number,
): { text: string; user: string; id: string } {
  const found = findKeys(parseAccess(file, text), idOrKey);
  const [one] = found;
  if (one === undefined)
    throw new CountersignError("NOT_FOUND", `no key in ${file} has the id ${shown(idOrKey)}`);
  if (found.length > 1) {
    const ids = found.map(({ hash }) => keyIdOf(hash)).join(", ");
    throw new CountersignError("CONFIG_INVALID", `several keys begin with ${shown(idOrKey)}: ${ids}`);
  }
  const id = keyIdOf(one.hash);
  if (one.isRevoked) return { text, user: one.user, id };
  const { document } = parseYaml(file, text, "failsafe");
  document.setIn(["users", one.user, "keys", one.index, "revoked"], new Date(nowMs).toISOString());
  return {
    text: checked(file, document.toString({ lineWidth: 0, flowCollectionPadding: false })),
    user: one.user,
    id,
  };
}

function findKeys(table: AccessTable, idOrKey: string) {
  const whole = hashOfKey(idOrKey);
  return Object.entries(table.users).flatMap(([user, { keys }]) =>
    keys.flatMap(({ hash, revoked }, index) =>
      hash === whole || (/^[0-9a-f]{6,64}$/.test(idOrKey) && hash.startsWith(idOrKey))
        ? [{ user, index, hash, isRevoked: revoked !== undefined }]
        : [],
    ),
  );
}

/** What is written must be readable: an edit that breaks a rule of the file is refused here. */
function checked(file: string, text: string): string {
  parseAccess(file, text);
  return text;
}

function flow<T>(node: T): T {
  if (isSeq(node) || isMap(node)) node.flow = true;
  return node;
}

/**
 * Changes the file as one step: a reader sees it as before or as after, also after a crash. Others' edits wait for it.
 * @param change the text as it shall be, made from the one that is there; `undefined` where there is no file
 * @throws CountersignError CONFIG_INVALID when somebody else is at it, and what `change` throws
 */
export async function editAccessFile(
  file: string,
  change: (text: string | undefined) => string,
): Promise<void> {
  // A link would be replaced by the file.
  const target = await realpath(file).catch(() => file);
  const draft = `${target}.new`;
  const handle = await open(draft, "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === "EEXIST"
        ? `${draft} is there: somebody else is changing the file, or was cut off; delete it if nobody is`
        : error.message;
    throw new CountersignError("CONFIG_INVALID", `cannot write the access file ${file}: ${reason}`);
  });
  try {
    const before = await stat(target).catch(() => undefined);
    const text = change(before === undefined ? undefined : await readAccess(target));
    await handle.writeFile(text);
    await handle.sync();
    // Who runs the node must be able to read what an administrator writes.
    if (before !== undefined && process.getuid?.() === 0) await chown(draft, before.uid, before.gid);
    await rename(draft, target);
  } catch (error) {
    await unlink(draft);
    throw error;
  } finally {
    await handle.close();
  }
}
