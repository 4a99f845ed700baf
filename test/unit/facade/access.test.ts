import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Logger, silentLogger, systemRandom } from "../../../src/base/index.ts";
import {
  AccessFile,
  AccessPermissions,
  AccessRules,
  apiKeyPrefix,
  CallerIdentity,
  editAccessFile,
  hashOfKey,
  keyIdOf,
  lookEveryMs,
  newAccessFile,
  newApiKey,
  parseAccess,
  withKey,
  withoutKey,
} from "../../../src/facade/auth/index.ts";
import type { IncomingCall } from "../../../src/facade/front/index.ts";
import type { Access, OperationGroup } from "../../../src/operations/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { anyone } from "../../support/open-front.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const account = `0x${"aB".repeat(20)}`;
const key = newApiKey(systemRandom);
const hash = hashOfKey(key);

const rulesOf = (text: string) => new AccessRules(parseAccess("access.yaml", text));
const refusal = (text: string): string => {
  try {
    rulesOf(text);
  } catch (error) {
    assert.equal((error as { code?: string }).code, "CONFIG_INVALID");
    return (error as Error).message;
  }
  throw new assert.AssertionError({ message: "the access file was accepted" });
};
const op = (name: string, group: OperationGroup = "inference", access: Access = "open") => ({
  name,
  group,
  access,
});
const calling = (headers: Record<string, string>, apiKey?: string): IncomingCall => ({
  facade: "rest",
  ip: "192.0.2.1",
  header: (name) => headers[name],
  body: new Uint8Array(),
  apiKey,
});

describe("the access file's rules", () => {
  it("permit by operation, by group and by role, and what is denied stays denied", () => {
    const rules = rulesOf(`
roles: { client: [inference], watcher: [GetNodeStatus] }
users:
  ann: { roles: [client, watcher], deny: [CancelTask] }
  bob: { allow: ["*"], deny: [registry] }
  cat: {}
`);
    const may = (name: string, operation: string, group: OperationGroup) => {
      const user = rules.userOf({ user: name, wallet: undefined });
      return user !== undefined && rules.may(user, { name: operation, group });
    };
    assert.ok(may("ann", "GetTaskStatus", "inference"));
    assert.ok(may("ann", "GetNodeStatus", "node"));
    assert.ok(!may("ann", "ListPeers", "node"));
    assert.ok(!may("ann", "CancelTask", "inference"));
    assert.ok(may("bob", "CancelTask", "inference"));
    assert.ok(!may("bob", "ListSubnets", "registry"));
    assert.ok(!may("cat", "GetTaskStatus", "inference"));
    assert.ok(!may("dan", "GetTaskStatus", "inference"));
  });

  it("know a wallet by its address in either case, and others as the default user", () => {
    const rules = rulesOf(`{ default_user: rest, users: { ${account}: {}, rest: {} } }`);
    assert.equal(rules.userOf({ user: undefined, wallet: account.toLowerCase() })?.name, account);
    assert.equal(rules.userOf({ user: undefined, wallet: `0x${"11".repeat(20)}` })?.name, "rest");
    assert.equal(rules.userOf({ user: undefined, wallet: undefined })?.name, "rest");
    assert.equal(rules.userOf({ user: "gone", wallet: undefined }), undefined);
  });

  it("find a key's user until the key expires or is revoked", () => {
    const of = (more: string) => rulesOf(`users: { ann: { keys: [{ hash: ${hash}${more} }] } }`);
    const nowMs = Date.parse("2027-01-31");
    assert.equal(of("").userOfKey(hash, nowMs)?.name, "ann");
    assert.equal(of("").userOfKey(hashOfKey("another"), nowMs), undefined);
    assert.equal(of(", expires: 2027-01-31").userOfKey(hash, nowMs - 1)?.name, "ann");
    assert.equal(of(", expires: 2027-01-31").userOfKey(hash, nowMs), undefined);
    assert.equal(of(", revoked: 2026-01-01").userOfKey(hash, nowMs), undefined);
  });

  it("name line, key, value and what is allowed for every mistake", () => {
    const cases: [text: string, message: RegExp][] = [
      ["", /access\.yaml: users: is missing; expected a record/],
      [
        "users:\n  ann:\n    allow: [Fly]\n",
        /access\.yaml:3: users\.ann\.allow\.0: "Fly" is not allowed; expected one of \*, inference,.*CancelTask/,
      ],
      [
        "users:\n  ann: { role: [x] }\n",
        /access\.yaml:2: users\.ann\.role: no such key; allowed here: keys, roles, account, allow, deny/,
      ],
      [
        "users:\n  ann: { roles: [king] }\n",
        /access\.yaml:2: users\.ann\.roles\.0: "king" is not allowed; expected a role of this file: it has none/,
      ],
      [
        "default_user: none\nusers: {}\n",
        /access\.yaml:1: default_user: "none" is not allowed; expected the name of a user/,
      ],
      [
        "users:\n  a b: {}\n",
        /access\.yaml:2: users\.a b: the name "a b" is not allowed; expected 1 to 64 letters/,
      ],
      [
        "users:\n  ann: { account: 0x12 }\n",
        /access\.yaml:2: users\.ann\.account: "0x12" is not allowed; expected an address/,
      ],
      [
        "users:\n  ann: { keys: [{ hash: secret }] }\n",
        /users\.ann\.keys\.0\.hash: "secret" is not allowed; expected 64 hex digits/,
      ],
      [
        `users:\n  ann: { keys: [{ hash: ${hash}, expires: 2027-13-01 }] }\n`,
        /expires: "2027-13-01" is not allowed; expected a time that exists/,
      ],
      [
        `users:\n  ann: { keys: [{ hash: ${hash} }] }\n  bob: { keys: [{ hash: ${hash} }] }\n`,
        /access\.yaml:3: users\.bob\.keys\.0\.hash: .* expected a key that no other entry has/,
      ],
      ["users: [\n", /access\.yaml:\d: /],
      [
        `a: &a [x]\nb: &b [${Array(20).fill("*a")}]\nc: [${Array(20).fill("*b")}]\nusers: {}\n`,
        /access\.yaml: Excessive alias count/,
      ],
    ];
    for (const [text, message] of cases) assert.match(refusal(text), message);
  });
});

describe("a caller with an API key", () => {
  const clock = new ManualClock();
  const known = { rules: rulesOf(`users: { ann: { keys: [{ hash: ${hash} }], account: ${account} } }`) };
  const asked: string[] = [];
  const wallets = {
    identify: async ({ access }: { access: string }) => {
      asked.push(access);
      return anyone;
    },
  };
  const identify = (
    call: IncomingCall,
    options: { access?: typeof known | undefined; mode?: "optional" | "required"; needs?: Access } = {},
  ) => {
    const access = "access" in options ? options.access : known;
    const identity = new CallerIdentity({ wallets, access, clock, mode: options.mode ?? "optional" });
    return identity.identify(op("SubmitInferenceTask", "inference", options.needs), call);
  };
  const refused = (call: Promise<unknown>, message: RegExp) =>
    assert.rejects(call, { code: "UNAUTHENTICATED", message });

  it("is its user, with the user's account, in every place that a key may be shown", async () => {
    for (const call of [
      calling({ authorization: `Bearer ${key}` }),
      calling({ authorization: `bearer  ${key} ` }),
      calling({ "nano-api-key": key }),
      calling({}, key),
      calling({ authorization: `Bearer ${key}`, "nano-api-key": key }, key),
    ]) {
      const { user, account: owned, wallet } = await identify(call);
      assert.deepEqual([user, owned, wallet], ["ann", account.toLowerCase(), undefined]);
    }
  });

  it("needs no signature where one only says who calls, and needs one where the wallet states something", async () => {
    asked.length = 0;
    for (const needs of ["open", "proven", "wallet"] as const) await identify(calling({}, key), { needs });
    await identify(calling({}), { needs: "open" });
    assert.deepEqual(asked, ["proven", "proven", "wallet", "open"]);
  });

  it("is refused in the same words whatever is wrong with the key", async () => {
    const wrong = [
      calling({ authorization: "Bearer sk-anything" }),
      calling({ authorization: "Bearer " }),
      calling({ authorization: "Basic YW5uOmFubg==" }),
      calling({ authorization: "" }),
      calling({ "nano-api-key": "" }),
      calling({}, newApiKey(systemRandom)),
      calling({}, `${key}x`),
      calling({}, "x".repeat(100_000)),
      calling({}, hash),
    ];
    for (const call of wrong)
      await refused(identify(call), /^the API key is not known to this node, revoked or expired/);
    await refused(identify(calling({ "nano-api-key": "a" }, key)), /two different API keys/);
  });

  it("is not looked at where the node has no access file, but refused where auth is required", async () => {
    const call = calling({ authorization: "Bearer sk-anything" });
    assert.equal((await identify(call, { access: undefined })).user, undefined);
    await refused(identify(call, { access: undefined, mode: "required" }), /set access\.file/);
    assert.equal((await identify(calling({}), { access: undefined, mode: "required" })).user, undefined);
  });

  it("may do what the file permits; strangers are told to say who they are", () => {
    const rules = rulesOf(`
default_user: rest
users: { ann: { allow: [inference] }, rest: { allow: [node] } }
`);
    const permissions = new AccessPermissions({ rules });
    const check = (caller: object, operation: ReturnType<typeof op>) =>
      permissions.check({ ...anyone, ...caller }, operation);
    check({ user: "ann" }, op("CancelTask"));
    check({}, op("GetNodeStatus", "node"));
    check({ isLocal: true }, op("CancelTask"));
    assert.throws(() => check({ user: "ann" }, op("GetNodeStatus", "node")), {
      code: "ACCESS_DENIED",
      message: /user ann may not call GetNodeStatus here.*group node/,
    });
    assert.throws(() => check({ wallet: "0xaa" }, op("CancelTask")), { code: "ACCESS_DENIED" });
    assert.throws(() => check({}, op("CancelTask")), { code: "UNAUTHENTICATED", message: /show an API key/ });
    new AccessPermissions(undefined).check(anyone, op("CancelTask"));
  });
});

describe("an access file on disk", () => {
  const clock = new ManualClock();
  let folder: ReturnType<typeof tempFolder>;
  let file: string;
  let lines: string[];
  const logger: Logger = {
    ...silentLogger,
    info: (_, sentence) => lines.push(sentence),
    error: (data, sentence) => lines.push(`${sentence}: ${(data as { error: string }).error}`),
  };
  const userOf = (access: AccessFile) => access.rules.userOfKey(hash, clock.nowMs())?.name;
  const added = {
    user: "ann",
    hash,
    createdMs: clock.nowMs(),
    roles: undefined,
    account,
    expires: undefined,
  };

  beforeEach(() => {
    folder = tempFolder();
    file = join(folder.path, "access.yaml");
    lines = [];
  });
  afterEach(() => folder.remove());

  it("is read again when it changes; an edit with a mistake keeps the rules and is told once", async () => {
    writeFileSync(file, newAccessFile);
    const access = await AccessFile.open({ file, clock, logger });
    assert.equal(userOf(access), undefined);
    await editAccessFile(file, (text = "") => withKey(file, text, added));
    await access.look();
    assert.equal(userOf(access), "ann");
    writeFileSync(file, "users: { ann: { keys: [] }, bob: nothing }");
    await access.look();
    await access.look();
    assert.equal(userOf(access), "ann");
    assert.equal(access.isValid, false);
    writeFileSync(file, "users: {}");
    await access.look();
    assert.equal(userOf(access), undefined);
    assert.equal(access.isValid, true);
    assert.deepEqual(access.editCounts, { applied: 2, refused: 1 });
    assert.deepEqual(lines, [
      "access file read again",
      `access file cannot be used; the rules before stay: ${file}:1: users.bob: "nothing" is not allowed; expected an object`,
      "access file read again",
    ]);
    access.stop();
    assert.equal(clock.pending, 0);
  });

  it("keeps its rules while the file is away, and looks by itself", async () => {
    writeFileSync(file, newAccessFile);
    const read = new Promise<void>((resolve) => {
      logger.info = () => resolve();
    });
    const access = await AccessFile.open({ file, clock, logger });
    writeFileSync(file, withKey(file, newAccessFile, added));
    clock.advance(lookEveryMs);
    await read;
    assert.equal(userOf(access), "ann");
    access.stop();
  });

  it("must be there and right when the node starts", async () => {
    const open = () => AccessFile.open({ file, clock, logger });
    await assert.rejects(open(), {
      code: "CONFIG_INVALID",
      message: /there is no such file; `countersign keys add/,
    });
    writeFileSync(file, "users: nobody");
    await assert.rejects(open(), { code: "CONFIG_INVALID", message: /access\.yaml:1: users: "nobody"/ });
    writeFileSync(file, `users: {}\n${"#".repeat(5_000_000)}`);
    await assert.rejects(open(), { code: "CONFIG_INVALID", message: /at most 4194304 are read/ });
  });

  it("is changed in one step, by one at a time, keeps comments and never holds a key", async () => {
    await editAccessFile(file, (text = newAccessFile) => withKey(file, text, added));
    const text = readFileSync(file, "utf8");
    assert.match(text, /^# Who may do what/);
    assert.ok(!text.includes(key) && !text.includes(apiKeyPrefix));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await assert.rejects(
      editAccessFile(file, () => {
        throw new Error("on second thoughts");
      }),
      /second thoughts/,
    );
    assert.equal(readFileSync(file, "utf8"), text);
    assert.ok(!existsSync(`${file}.new`));
    writeFileSync(`${file}.new`, "");
    await assert.rejects(
      editAccessFile(file, () => text),
      { code: "CONFIG_INVALID", message: /somebody else is changing the file/ },
    );
  });

  it("revokes a key by its id or by itself, and says so when there is none or more than one", () => {
    const text = withKey(file, newAccessFile, added);
    for (const named of [keyIdOf(hash), hash, key]) {
      const revoked = withoutKey(file, text, named, clock.nowMs());
      assert.deepEqual([revoked.user, revoked.id], ["ann", keyIdOf(hash)]);
      assert.equal(rulesOf(revoked.text).userOfKey(hash, clock.nowMs()), undefined);
      assert.equal(withoutKey(file, revoked.text, named, clock.nowMs()).text, revoked.text);
    }
    for (const named of ["csk_other", "", "ffffffffffff"])
      assert.throws(() => withoutKey(file, text, named, clock.nowMs()), { code: "NOT_FOUND" });
    const twin = `${hash.slice(0, 60)}${hash.endsWith("0000") ? "1111" : "0000"}`;
    const two = withKey(file, text, { ...added, hash: twin });
    assert.throws(() => withoutKey(file, two, keyIdOf(hash), clock.nowMs()), /several keys begin with/);
  });
});
