import assert from "node:assert/strict";
import { networkId, sha256, signingDomain } from "../../../src/base/index.ts";
import { clientRequestMessage, type Signer } from "../../../src/chain/index.ts";
import {
  createNodeKind,
  createValidatorKind,
  type NodeRecord,
  proofLifeMs,
  type RegistrationProof,
  reputationScore,
  subnetIdOf,
  type ValidatorRecord,
} from "../../../src/records/index.ts";
import { NodeInfo, RegisterValidatorRequest, type SubnetMetadata } from "../../../src/wire/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { genesis, kinds, network, nodeInfo, wallet } from "./network.ts";

const alice = wallet("alice");
const host = wallet("host");
const nowMs = new ManualClock().nowMs();
const nowSec = nowMs / 1000;

async function proofOf(
  signer: Signer,
  operation: string,
  body: Uint8Array,
  timestamp = nowSec,
  ofGenesis = genesis,
): Promise<RegistrationProof> {
  const nonce = new Uint8Array(32).fill(5);
  const message = clientRequestMessage(signingDomain(ofGenesis, true), {
    network: networkId(ofGenesis),
    operation,
    bodyHash: sha256(body),
    timestamp,
    nonce,
  });
  return { operation, body, timestamp, nonce, signature: await signer.signTyped(message) };
}

describe("a node record", () => {
  const check = (payload: NodeRecord, owner = alice.address, id = "node-1") =>
    kinds.node.check({ owner, id, version: nowMs }, payload, network);
  const info = nodeInfo(alice);

  it("may be stated by the node's own wallet, in any case of the address", () => {
    assert.equal(check({ info }), undefined);
    assert.equal(
      check({ info: nodeInfo(alice, { wallet_address: alice.address.toUpperCase().replace("X", "x") }) }),
      undefined,
    );
  });

  it("may be stated by a host that shows the node's registration of exactly this info", async () => {
    const body = NodeInfo.encode(info).finish();
    for (const operation of ["RegisterComputeNode", "RegisterNode"]) {
      assert.equal(check({ info, proof: await proofOf(alice, operation, body) }, host.address), undefined);
    }
    const upper = NodeInfo.encode(
      nodeInfo(alice, { wallet_address: alice.address.toUpperCase().replace("X", "x") }),
    ).finish();
    assert.equal(
      check({ info, proof: await proofOf(alice, "RegisterNode", upper) }, host.address),
      undefined,
    );
    const kept = kinds.node.decode(
      kinds.node.encode({ info, proof: await proofOf(alice, "RegisterNode", body) }),
    );
    assert.equal(check(kept, host.address), undefined);
  });

  it("may not be stated by a host otherwise", async () => {
    const body = NodeInfo.encode(info).finish();
    const cheaper = nodeInfo(alice, { supported_models: [{ model_uuid: "model-1", price_wei: "1" }] });
    const good = await proofOf(alice, "RegisterNode", body);
    const otherGenesis = { ...genesis, name: "other" };
    const oldSec = nowSec - proofLifeMs / 1000 - 1;
    const cases: [RegExp, NodeRecord][] = [
      [/neither the node's wallet nor shows/, { info }],
      [/registered something else/, { info: cheaper, proof: good }],
      [/registered something else/, { info, proof: { ...good, body: NodeInfo.encode(cheaper).finish() } }],
      [/not signed by the node's wallet/, { info, proof: await proofOf(host, "RegisterNode", body) }],
      [/not signed by the node's wallet/, { info, proof: await proofOf(alice, "DeregisterNode", body) }],
      [
        /not signed by the node's wallet/,
        { info, proof: await proofOf(alice, "RegisterNode", body, nowSec, otherGenesis) },
      ],
      [/not signed by the node's wallet/, { info, proof: { ...good, nonce: new Uint8Array(31) } }],
      [/not signed by the node's wallet/, { info, proof: { ...good, timestamp: nowSec - 1 } }],
      [/too old, or of the future/, { info, proof: await proofOf(alice, "RegisterNode", body, oldSec) }],
      [
        /too old, or of the future/,
        { info, proof: await proofOf(alice, "RegisterNode", body, nowSec + 601) },
      ],
    ];
    for (const [reason, payload] of cases) assert.match(check(payload, host.address) ?? "accepted", reason);
  });

  it("names the first field that is out of bounds", () => {
    const model = { model_uuid: "m", price_wei: "1" };
    const cases: [RegExp, NodeInfo.$Properties][] = [
      [/not the record's id/, { node_id: "other" }],
      [/node_type must be one of/, { node_type: "toaster" }],
      [/^port must/, { port: 65_536 }],
      [/wallet_address must be an address/, { wallet_address: "0x12" }],
      [/capabilities has more than 64/, { capabilities: Array.from({ length: 65 }, (_, n) => `c${n}`) }],
      [/capabilities must have 1 to 128 bytes/, { capabilities: [""] }],
      [
        /supported_models has more than 256/,
        { supported_models: Array.from({ length: 257 }, (_, n) => ({ ...model, model_uuid: `m${n}` })) },
      ],
      [/names a model twice/, { supported_models: [model, model] }],
      [/price_wei must be an amount/, { supported_models: [{ ...model, price_wei: "1.5" }] }],
      [/price_wei must be an amount/, { supported_models: [{ ...model, price_wei: "-1" }] }],
      [/price_wei must be an amount/, { supported_models: [{ ...model, price_wei: "007" }] }],
      [
        /price_wei must be an amount/,
        { supported_models: [{ ...model, price_wei: (2n ** 256n).toString() }] },
      ],
      [/model_uuid must have 1 to 128/, { supported_models: [{ ...model, model_uuid: "é".repeat(65) }] }],
      [/max_tokens must be a whole number/, { supported_models: [{ ...model, max_tokens: -1 }] }],
      [/multiaddrs has more than 32/, { multiaddrs: Array.from({ length: 33 }, () => "/ip4/127.0.0.1") }],
      [/max_tasks must be/, { max_tasks: 70_000 }],
    ];
    for (const [reason, changes] of cases) {
      assert.match(check({ info: nodeInfo(alice, changes) }) ?? "accepted", reason);
    }
    assert.match(check({}) ?? "accepted", /info is missing/);
    assert.match(check({ info, roles: ["compute", "compute"] }) ?? "accepted", /a role twice/);
    assert.match(check({ info, roles: ["king"] }) ?? "accepted", /roles must be one of/);
    assert.match(check({ info, grpc_address: "x".repeat(513) }) ?? "accepted", /grpc_address/);
  });

  it("fits its size with as many models as are allowed, at their longest, and a proof", async () => {
    const long = "x".repeat(128);
    const models = Array.from({ length: 256 }, (_, n) => ({
      model_uuid: `${n}`.padStart(128, "m"),
      name: long.slice(0, 64),
      version: long.slice(0, 32),
      category: long.slice(0, 32),
      price_wei: (2n ** 128n).toString(),
      max_tokens: 1_000_000,
    }));
    const large = nodeInfo(alice, { supported_models: models });
    const proof = await proofOf(alice, "RegisterNode", NodeInfo.encode(large).finish());
    const payload = { info: large, proof };
    assert.equal(check(payload, host.address), undefined);
    assert.ok(kinds.node.encode(payload).length <= kinds.node.maxPayloadBytes);
  });

  it("is bound to the genesis that it was signed for", async () => {
    const payload = { info, proof: await proofOf(alice, "RegisterNode", NodeInfo.encode(info).finish()) };
    const elsewhere = createNodeKind({ ...genesis, name: "elsewhere" });
    const record = { owner: host.address, id: "node-1", version: nowMs };
    assert.match(elsewhere.check(record, payload, network) ?? "accepted", /not signed by the node's wallet/);
  });
});

describe("a validator record", () => {
  const kind = createValidatorKind(genesis);
  const check = (payload: ValidatorRecord, owner = alice.address, id = alice.address) =>
    kind.check({ owner, id, version: nowMs }, payload, network);
  const payload = { stake_wei: "10", node_id: "v-1", registered_at: nowSec, status: "active" };
  const body = RegisterValidatorRequest.encode({
    validator_address: alice.address,
    stake_wei: "10",
    node_id: "v-1",
  }).finish();

  it("is the validator's own, or shows its signed registration", async () => {
    assert.equal(check(payload), undefined);
    assert.equal(
      check({ ...payload, proof: await proofOf(alice, "RegisterValidator", body) }, host.address),
      undefined,
    );
    const signature = await alice.signHash(sha256(body));
    const proof = {
      operation: "RegisterValidator",
      body,
      timestamp: nowSec,
      nonce: new Uint8Array(),
      signature,
    };
    assert.equal(check({ ...payload, proof }, host.address), undefined);
  });

  it("is nobody else's", async () => {
    const proof = await proofOf(alice, "RegisterValidator", body);
    assert.match(check(payload, host.address) ?? "accepted", /neither the validator nor shows/);
    assert.match(check({ ...payload, node_id: "x", proof }, host.address) ?? "accepted", /something else/);
    const forged = await proofOf(host, "RegisterValidator", body);
    assert.match(
      check({ ...payload, proof: forged }, host.address) ?? "accepted",
      /not signed by the validator/,
    );
    // A registration is no withdrawal.
    assert.match(
      check({ ...payload, status: "inactive", proof }, host.address) ?? "accepted",
      /something else|not signed/,
    );
    assert.match(check({ ...payload, status: "king" }) ?? "accepted", /status must be one of/);
    assert.match(check(payload, alice.address, "alice") ?? "accepted", /no lower-case address/);
  });
});

describe("a subnet record", () => {
  const subnetId = subnetIdOf(alice.address, "quote-1");
  const metadata = {
    subnet_id: subnetId,
    gateway_address: alice.address,
    fee_quote_id: "quote-1",
    status: "pending",
    network_fee_wei: "5",
    models: [{ model_uuid: "m", source: "url", path: "https://example.org/m" }],
    config_hash: new Uint8Array(32),
  };
  const check = (changes: SubnetMetadata.$Properties, id = subnetId.toString()) =>
    kinds.subnet.check(
      { owner: host.address, id, version: nowMs },
      { metadata: { ...metadata, ...changes } },
      network,
    );

  it("has the id that follows from its gateway and quote, with the top bit clear", () => {
    assert.equal(check({}), undefined);
    const decoded = kinds.subnet.decode(kinds.subnet.encode({ metadata }));
    assert.equal(decoded.metadata?.subnet_id, subnetId);
    for (let n = 0; n < 50; n++) assert.ok(subnetIdOf(alice.address, `q${n}`) < 2n ** 63n);
    const digest = sha256(
      Buffer.concat([Buffer.from(alice.address.slice(2), "hex"), Buffer.from("quote-1")]),
    );
    assert.equal(subnetId, Buffer.from(digest).readBigUInt64BE() & (2n ** 63n - 1n));
  });

  it("is refused with another id or fields out of bounds", () => {
    const cases: [RegExp, string | undefined][] = [
      [/does not follow/, check({ subnet_id: subnetId + 1n })],
      [/does not follow/, check({ fee_quote_id: "quote-2" })],
      [/does not follow/, check({ gateway_address: host.address })],
      [/id is not the subnet id/, check({}, `0${subnetId}`)],
      [/status must be one of/, check({ status: "great" })],
      [/config_hash must have 32/, check({ config_hash: new Uint8Array(31) })],
      [/payment_tx must be/, check({ payment_tx: "0x12" })],
      [/models.source must be one of/, check({ models: [{ model_uuid: "m", source: "magic" }] })],
      [/validated_by has more than 100/, check({ validated_by: Array.from({ length: 101 }, () => ({})) })],
      [/validator_address must be an address/, check({ validated_by: [{ validator_address: "x" }] })],
    ];
    for (const [reason, problem] of cases) assert.match(problem ?? "accepted", reason);
  });
});

describe("a reputation record", () => {
  const counts = { successes: 4, failures: 1, no_answers: 0, slashings: 0, last_seen: nowMs };
  const payload = { subject: alice.address, score: reputationScore(counts), ...counts };
  const check = (changes: object, id = alice.address, owner = host.address) =>
    kinds.reputation.check({ owner, id, version: nowMs }, { ...payload, ...changes }, network);

  it("says of another what follows from its counts", () => {
    assert.equal(check({}), undefined);
    assert.ok(kinds.reputation.encode(payload).length < kinds.reputation.maxPayloadBytes);
    assert.match(check({ score: 1000 }) ?? "accepted", /score does not follow/);
    assert.match(check({ successes: 1e13, score: 1e13 - 2 }) ?? "accepted", /successes must be/);
    assert.match(check({}, host.address) ?? "accepted", /subject is not/);
    assert.match(check({}, alice.address, alice.address) ?? "accepted", /nobody reports on itself/);
  });
});
