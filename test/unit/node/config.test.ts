import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { genesisSchema, systemClock } from "../../../src/base/index.ts";
import { configTemplate } from "../../../src/cli/config-template.ts";
import { loadConfig, openWallet, readKeystore, sealKeystore } from "../../../src/node/index.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const key = `0x${"11".repeat(32)}`;

describe("a node's configuration", () => {
  let folder: ReturnType<typeof tempFolder>;
  let file: string;

  const genesis = (changes: object = {}) =>
    writeFileSync(
      join(folder.path, "genesis.json"),
      JSON.stringify(genesisSchema.parse({ name: "test", chain: null, devnet: true, ...changes })),
    );
  const write = (text: string) => writeFileSync(file, text);
  const load = (environment: NodeJS.ProcessEnv = {}, flags: string[] = []) =>
    loadConfig(file, environment, flags);
  const refusal = (text: string, environment: NodeJS.ProcessEnv = {}, flags: string[] = []): string => {
    write(text);
    try {
      load(environment, flags);
    } catch (error) {
      assert.equal((error as { code?: string }).code, "CONFIG_INVALID");
      return (error as Error).message;
    }
    throw new assert.AssertionError({ message: "the configuration was accepted" });
  };

  beforeEach(() => {
    folder = tempFolder();
    file = join(folder.path, "config.yaml");
    genesis();
  });
  afterEach(() => folder.remove());

  it("needs little more than its roles", () => {
    write("roles: [gateway]\n");
    const { config } = load();
    assert.equal(config.grpc.gateway, "127.0.0.1:50051");
    assert.equal(config.data_dir, join(folder.path, "data"));
    assert.equal(config.gateway.weights.success, 2);
  });

  it("loads as `init` writes it", () => {
    write(configTemplate({ roles: ["gateway", "compute"], passphraseFile: "passphrase.txt" }));
    const { config } = load();
    assert.deepEqual(config.roles, ["gateway", "compute"]);
    assert.equal(config.wallet.passphrase_file, join(folder.path, "passphrase.txt"));
    assert.equal(config.compute?.models[0]?.model_uuid, "tiny-text");
  });

  it("takes the environment over the file and flags over the environment", () => {
    write("roles: [gateway]\nlog_level: warn\ngrpc: { gateway: 127.0.0.1:1 }\n");
    const environment = {
      COUNTERSIGN_LOG_LEVEL: "error",
      COUNTERSIGN_GRPC__GATEWAY: "127.0.0.1:2",
      COUNTERSIGN_PASSPHRASE: "secret",
      COUNTERSIGN_CONFIG_FILE: "config.yaml",
      COUNTERSIGN_RPC_URL: "http://127.0.0.1:8545",
    };
    const { config } = load(environment, ["grpc.gateway=127.0.0.1:3"]);
    assert.equal(config.log_level, "error");
    assert.equal(config.grpc.gateway, "127.0.0.1:3");
  });

  it("names an unknown key, its line and what is allowed there", () => {
    const message = refusal("roles: [gateway]\ngateway:\n  weights:\n    prise: 2\n");
    assert.match(
      message,
      /config\.yaml:4: gateway\.weights\.prise: no such key; allowed here: price, latency, success, load/,
    );
  });

  it("names a bad value, its line and what is allowed", () => {
    assert.match(
      refusal("roles: [gateway]\nlog_level: loud\n"),
      /config\.yaml:2: log_level: "loud" is not allowed; expected one of debug, info, warn, error, silent/,
    );
    assert.match(
      refusal("roles: [gateway, king]\n"),
      /config\.yaml:1: roles\.1: "king" is not allowed; expected one of registry/,
    );
    assert.match(
      refusal("roles: [gateway]\nheartbeat_interval_ms: 5\n"),
      /:2: heartbeat_interval_ms: "5" is not allowed; expected at least 200/,
    );
    assert.match(refusal("log_level: info\n"), /roles: is missing; expected an array/);
    assert.match(
      refusal("roles: [gateway]\ngrpc:\n  gateway: here\n"),
      /:3: grpc\.gateway: "here" is not allowed; expected host:port/,
    );
  });

  it("names the variable or flag that set a bad value", () => {
    assert.match(
      refusal("roles: [gateway]\n", { COUNTERSIGN_LOG_LEVEL: "loud" }),
      /environment variable COUNTERSIGN_LOG_LEVEL \(log_level\)/,
    );
    assert.match(
      refusal("roles: [gateway]\n", {}, ["mesh.wanted_peers=none"]),
      /--set mesh\.wanted_peers=none \(mesh\.wanted_peers\)/,
    );
    assert.match(
      refusal("roles: [gateway]\n", {}, ["nonsense"]),
      /--set "nonsense" is not allowed; expected key=value/,
    );
  });

  it("tells of every mistake at once", () => {
    const message = refusal("roles: [gateway]\nlog_level: loud\nauth: never\n");
    assert.equal(message.split("\n").length, 2);
  });

  it("says where YAML is broken", () => {
    assert.match(refusal("roles: [gateway\nlog_level: info\n"), /config\.yaml:\d+: /);
  });

  it("says so when file or genesis is missing or broken", () => {
    assert.match(
      refusal("roles: [gateway]\ngenesis: nowhere.json\n"),
      /cannot read the genesis .*nowhere\.json: there is no such file/,
    );
    writeFileSync(join(folder.path, "genesis.json"), "{");
    assert.match(refusal("roles: [gateway]\n"), /genesis\.json: not JSON/);
    assert.throws(() => loadConfig(join(folder.path, "none.yaml"), {}, []), /cannot read the configuration/);
  });

  it("refuses an address that others can reach without signatures, with the line that would allow it", () => {
    const message = refusal("roles: [gateway]\ngrpc: { gateway: 0.0.0.0:50051 }\n");
    assert.match(message, /grpc\.gateway: 0\.0\.0\.0:50051 can be reached by others.*`auth: required`/);
    write("roles: [gateway]\nauth: required\ngrpc: { gateway: 0.0.0.0:50051 }\n");
    assert.equal(load().config.auth, "required");
    assert.match(
      refusal("roles: [gateway]\nhttp: { listen: '[::]:80' }\n"),
      /http\.listen: \[::\]:80 can be reached by others.*`http\.tls` with `cert_file` and `key_file`/,
    );
    write("roles: [gateway]\nhttp: { listen: '[::]:80', tls: { cert_file: c.pem, key_file: k.pem } }\n");
    assert.equal(load().config.http.tls?.cert_file, join(folder.path, "c.pem"));
  });

  it("says which origins and proxies can be named", () => {
    const of = (http: string) => refusal(`roles: [gateway]\nhttp:\n  ${http}\n`);
    assert.match(
      of("cors_origins: [app.example.org]"),
      /config\.yaml:3: http\.cors_origins\.0: "app\.example\.org" is not allowed; expected an origin such as https:/,
    );
    assert.match(
      of("trusted_proxies: [10.0.0.0/33]"),
      /http\.trusted_proxies\.0: "10\.0\.0\.0\/33" is not allowed; expected an IP address or range/,
    );
  });

  it("refuses a key in the clear except on devnets", () => {
    write(`roles: [gateway]\nwallet: { private_key: "${key}" }\n`);
    assert.equal(load().config.wallet.private_key, key);
    genesis({ devnet: false });
    assert.match(
      refusal(`roles: [gateway]\nwallet: { private_key: "${key}" }\n`),
      /wallet\.private_key: .*devnets only/,
    );
  });

  it("wants the compute section for the compute role", () => {
    assert.match(refusal("roles: [compute]\n"), /compute: the compute role needs this section/);
  });
});

describe("a node's keystore", () => {
  let folder: ReturnType<typeof tempFolder>;
  beforeEach(() => {
    folder = tempFolder();
  });
  afterEach(() => folder.remove());

  it("opens with its passphrase and with no other", async () => {
    const file = join(folder.path, "wallet.json");
    const secret = new Uint8Array(32).fill(0x11);
    writeFileSync(file, await sealKeystore(secret, "right"));
    assert.ok(!readFileSync(file, "utf8").includes("1111"));
    assert.deepEqual(await readKeystore(file, "right"), secret);
    await assert.rejects(readKeystore(file, "wrong"), {
      code: "CONFIG_INVALID",
      message: /the passphrase is wrong/,
    });
  }).timeout(60_000);

  it("may lie behind a remote signer, whose address is checked", () => {
    const file = join(folder.path, "config.yaml");
    const remote = (address: string) => [
      "wallet.remote.url=http://127.0.0.1:9000",
      `wallet.remote.address="${address}"`,
    ];
    writeFileSync(
      join(folder.path, "genesis.json"),
      JSON.stringify(genesisSchema.parse({ name: "test", chain: null })),
    );
    writeFileSync(file, "roles: [registry]\n");
    const loaded = loadConfig(file, {}, remote(`0x${"AB".repeat(20)}`));
    assert.equal(loaded.config.wallet.remote?.address, `0x${"ab".repeat(20)}`);
    assert.throws(() => loadConfig(file, {}, remote("0x12")), {
      message: /wallet\.remote\.address.*40 hex digits/,
    });
  });

  it("says what is missing", async () => {
    const wallet = { keystore: join(folder.path, "none.json") };
    await assert.rejects(openWallet(wallet, {}, systemClock), {
      message: /set COUNTERSIGN_PASSPHRASE or the key wallet\.passphrase_file/,
    });
    await assert.rejects(openWallet(wallet, { COUNTERSIGN_PASSPHRASE: "x" }, systemClock), {
      message: /there is no such file/,
    });
    writeFileSync(wallet.keystore, "{}");
    await assert.rejects(openWallet(wallet, { COUNTERSIGN_PASSPHRASE: "x" }, systemClock), {
      message: /no JSON keystore/,
    });
  });
});
