import { z } from "zod";
import { checkValue, parseYaml } from "../../base/checked-yaml.ts";
import { addressPattern } from "../../base/index.ts";
import { type Caller, type Operation, operationGroups, operationNames } from "../../operations/index.ts";

// The access file's rules: who is who, and who may do what. Pure; access-file.ts reads and watches the file.

/** Every user at once is checked and held in memory. */
const maxUsers = 10_000;
const maxKeysOfUser = 100;
const maxListed = 100;
/** Everything, where a permission is expected. */
export const everything = "*";

const name = z
  .string()
  .regex(/^[A-Za-z0-9._@-]{1,64}$/, "1 to 64 letters, digits, dots, dashes, underscores or @");
const permission = z.enum([everything, ...operationGroups, ...operationNames]);
const permissions = z.array(permission).max(maxListed).default([]);
const time = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/,
    "a time, such as 2027-01-31 or 2027-01-31T12:00:00Z",
  )
  .refine((text) => !Number.isNaN(Date.parse(text)), "a time that exists, such as 2027-01-31");

const keySchema = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "64 hex digits, the SHA-256 of the key; `countersign keys add` makes keys"),
  created: time.optional(),
  expires: time.optional(),
  revoked: time.optional(),
});

const userSchema = z.strictObject({
  keys: z.array(keySchema).max(maxKeysOfUser).default([]),
  roles: z.array(z.string()).max(maxListed).default([]),
  account: z.string().regex(addressPattern, "an address: 0x and 40 hex digits").toLowerCase().optional(),
  allow: permissions,
  deny: permissions,
});

export const accessSchema = z
  .strictObject({
    default_user: z.string().optional(),
    roles: z.record(name, z.array(permission).max(maxListed)).default({}),
    users: z.record(name, userSchema),
  })
  .superRefine(({ default_user, roles, users }, context) => {
    const add = (path: PropertyKey[], message: string) => context.addIssue({ code: "custom", path, message });
    const names = Object.keys(users);
    if (names.length > maxUsers) add(["users"], `at most ${maxUsers} users`);
    if (default_user !== undefined && !Object.hasOwn(users, default_user))
      add(["default_user"], "the name of a user of this file");
    const seen = new Set<string>();
    for (const [user, { roles: given, keys }] of Object.entries(users)) {
      for (const [index, role] of given.entries())
        if (!Object.hasOwn(roles, role))
          add(
            ["users", user, "roles", index],
            `a role of this file: ${Object.keys(roles).join(", ") || "it has none"}`,
          );
      for (const [index, { hash }] of keys.entries()) {
        if (seen.has(hash)) add(["users", user, "keys", index, "hash"], "a key that no other entry has");
        seen.add(hash);
      }
    }
  });

export type AccessTable = z.infer<typeof accessSchema>;

/** A user as calls meet it. */
export interface User {
  readonly name: string;
  /** Lower-case address that the user's tasks belong to. */
  readonly account: string | undefined;
}

type Rights = User & { readonly allowed: ReadonlySet<string>; readonly denied: ReadonlySet<string> };
type Key = z.infer<typeof keySchema> & { readonly user: Rights };

/** @throws CountersignError CONFIG_INVALID naming file, line, key, value and what is allowed */
export function parseAccess(file: string, text: string): AccessTable {
  const { value, source } = parseYaml(file, text, "failsafe");
  return checkValue(accessSchema, value, source);
}

export class AccessRules {
  readonly #keys = new Map<string, Key>();
  readonly #users = new Map<string, Rights>();
  readonly #defaultUser: string | undefined;

  constructor(table: AccessTable) {
    for (const [given, entry] of Object.entries(table.users)) {
      const user: Rights = {
        name: given,
        account: entry.account,
        allowed: new Set([...entry.allow, ...entry.roles.flatMap((role) => table.roles[role] ?? [])]),
        denied: new Set(entry.deny),
      };
      this.#users.set(nameKey(given), user);
      for (const key of entry.keys) this.#keys.set(key.hash, { ...key, user });
    }
    this.#defaultUser = table.default_user;
  }

  get userCount(): number {
    return this.#users.size;
  }

  /** Whose key has this hash. Undefined for one that is not known, revoked or expired. */
  userOfKey(hash: string, nowMs: number): User | undefined {
    const key = this.#keys.get(hash);
    if (key === undefined || key.revoked !== undefined) return undefined;
    return isExpired(key, nowMs) ? undefined : key.user;
  }

  /** Who a caller is here: the user of its key, the user named like its wallet, or the default user. */
  userOf({ user, wallet }: Pick<Caller, "user" | "wallet">): User | undefined {
    if (user !== undefined) return this.#named(user);
    return this.#named(wallet) ?? this.#named(this.#defaultUser);
  }

  /** What is denied stays denied, whatever allows it. */
  may({ name: named }: User, { name: operation, group }: Pick<Operation, "name" | "group">): boolean {
    const { allowed, denied } = this.#named(named) ?? nobody;
    const isIn = (list: ReadonlySet<string>) =>
      list.has(operation) || list.has(group) || list.has(everything);
    return isIn(allowed) && !isIn(denied);
  }

  #named(named: string | undefined): Rights | undefined {
    return named === undefined ? undefined : this.#users.get(nameKey(named));
  }
}

const nobody: Rights = { name: "", account: undefined, allowed: new Set(), denied: new Set() };

export function isExpired({ expires }: { readonly expires?: string | undefined }, nowMs: number): boolean {
  return expires !== undefined && Date.parse(expires) <= nowMs;
}

/** Addresses are one whichever case they are written in. */
function nameKey(named: string): string {
  return addressPattern.test(named) ? named.toLowerCase() : named;
}
