import assert from "node:assert/strict";
import { join } from "node:path";
import { genesisSchema, systemRandom, utf8 } from "../../../src/base/index.ts";
import { callHeaderNames, createLocalSigner, signedHeaders } from "../../../src/chain/index.ts";
import { Authenticator, Nonces, nonceMigrations } from "../../../src/facade/auth/index.ts";
import { openStore, type Store } from "../../../src/storage/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const genesis = genesisSchema.parse({ name: "test", chain: null });
const otherGenesis = genesisSchema.parse({ name: "other", chain: null });
const body = utf8("the request as sent");

describe("authentication of a call", () => {
  const folder = tempFolder();
  const clock = new ManualClock();
  const signer = createLocalSigner(systemRandom(32));
  let store: Store;
  let authenticator: Authenticator;

  const open = async (mode: "optional" | "required" = "optional") => {
    store = await openStore({ path: join(folder.path, "db"), migrations: nonceMigrations });
    authenticator = new Authenticator({ genesis, nonces: new Nonces(store, clock), clock, mode });
  };
  beforeEach(() => open());
  afterEach(() => store.close());
  after(() => folder.remove());

  const sign = (operation = "CancelTask", network = genesis, signing = signer) =>
    signedHeaders({ signer: signing, genesis: network, clock, random: systemRandom })(operation, body);
  const check = (
    headers: Record<string, string>,
    options: { access?: "open" | "wallet" | "proven"; sent?: Uint8Array } = {},
  ) =>
    authenticator.identify(
      { name: "CancelTask", access: options.access ?? "wallet" },
      { header: (name) => headers[name], body: options.sent ?? body },
    );
  const refused = (promise: Promise<unknown>, message: RegExp) =>
    assert.rejects(promise, { code: "UNAUTHENTICATED", message });

  it("finds the wallet that signed, with a proof that others can check", async () => {
    const caller = await check(await sign());
    assert.equal(caller.wallet, signer.address);
    assert.equal(caller.proof?.operation, "CancelTask");
    assert.deepEqual(caller.proof?.body, body);
  });

  it("lets unsigned calls pass only where nobody is acted for", async () => {
    assert.equal((await check({}, { access: "open" })).wallet, undefined);
    assert.equal((await check({}, { access: "proven" })).wallet, undefined);
    await refused(check({}), /must be signed/);
    await store.close();
    await open("required");
    await refused(check({}, { access: "open" }), /must be signed/);
  });

  it("refuses what is missing or malformed by name", async () => {
    const good = await sign();
    for (const name of Object.values(callHeaderNames)) {
      const { [name]: _left, ...rest } = good;
      await refused(check(rest), new RegExp(`${name} is missing or malformed`));
      await refused(check({ ...good, [name]: "" }), new RegExp(`${name} is missing or malformed`));
    }
  });

  it("refuses another wallet's, another network's and another operation's signature, and an altered body", async () => {
    const stranger = createLocalSigner(systemRandom(32));
    const theirs = await sign("CancelTask", genesis, stranger);
    await refused(check({ ...theirs, [callHeaderNames.address]: signer.address }), /signature is not/);
    await refused(check(await sign("CancelTask", otherGenesis)), /signature is not/);
    await refused(check(await sign("SubmitResult")), /signature is not/);
    await refused(check(await sign(), { sent: utf8("another request") }), /signature is not/);
  });

  it("refuses a replay, after a restart too", async () => {
    const headers = await sign();
    await check(headers);
    await refused(check(headers), /nonce was used before/);
    await store.close();
    await open();
    await refused(check(headers), /nonce was used before/);
  });

  it("lets one of many simultaneous replays pass", async () => {
    const headers = await sign();
    const results = await Promise.allSettled(Array.from({ length: 16 }, () => check(headers)));
    assert.equal(results.filter((result) => result.status === "fulfilled").length, 1);
  });

  it("refuses calls that are too old or of the future, also when their nonce was swept out", async () => {
    const old = await sign();
    clock.advance(61_000);
    await refused(check(old), /61 s old/);
    const future = await sign();
    clock.set(clock.nowMs() - 61_000);
    await refused(check(future), /in the future/);
    clock.advance(61_000);
    const used = await sign();
    await check(used);
    clock.advance(10 * 60_000);
    await check(await sign());
    await refused(check(used), /old/);
  });
});
