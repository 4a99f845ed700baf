import { CountersignError, fromHex, invalidField, isCode, nowSec, sha256 } from "../../base/index.ts";
import { type ChainValidator, recoverHashSigner } from "../../chain/index.ts";
import type { LiveRecord } from "../../records/record.ts";
import {
  type Ack,
  type countersign,
  type ListValidatorsRequest,
  RegisterValidatorRequest,
  type RegisterValidatorResponse,
  UnregisterValidatorRequest,
  type ValidatorAddressRequest,
  type ValidatorInfoMessage,
  type ValidatorInfoResponse,
} from "../../wire/index.ts";
import { type Caller, requireWallet } from "./caller.ts";
import type { RegistryContext } from "./collaborators.ts";
import { listedValidators } from "./validator-set.ts";

type ValidatorPayload = countersign.v1.ValidatorRecord.$Properties;
type Proof = countersign.v1.RegistrationProof.$Properties;

const maxListed = 1_000;
const defaultListed = 100;
/** A signed request is taken for this long before and after its time. */
const signatureWindowSec = 60;

/** RegisterValidator, UnregisterValidator, GetValidatorInfo and ListValidators. */
export class RegistryValidators {
  readonly #context: RegistryContext;

  constructor(context: RegistryContext) {
    this.#context = context;
  }

  /**
   * Publishes that a staked (or genesis-listed) validator is at work, and on which node.
   * @throws CountersignError UNAUTHENTICATED, ACCESS_DENIED; STAKE_INVALID; CHAIN_UNAVAILABLE; INVALID_ARGUMENT
   */
  async register(
    request: RegisterValidatorRequest,
    caller: Caller,
  ): Promise<RegisterValidatorResponse.$Properties> {
    const address = request.validator_address;
    const proof = this.#authorized("RegisterValidator", request, caller);
    const listed = this.#listedOrThrow(address);
    if (this.#context.chain !== undefined || request.stake_wei !== "0") {
      if (listed.stakeWei !== BigInt(request.stake_wei)) {
        throw new CountersignError(
          "STAKE_INVALID",
          `stake_wei: ${address} has ${listed.stakeWei} wei at stake, not ${request.stake_wei}`,
          { field: "stake_wei" },
        );
      }
    }
    await this.#checkStakeTx(request);
    const earlier = this.#recordOf(address);
    // Everyone compares the record with what the validator signed, so it holds the signed request's own fields.
    const signed =
      proof === undefined ? request : RegisterValidatorRequest.decode(proof.body ?? new Uint8Array());
    await this.#publish(address, {
      stake_wei: signed.stake_wei,
      stake_tx: signed.stake_tx,
      node_id: signed.node_id,
      registered_at: earlier?.payload.registered_at || listed.registeredAtSec || nowSec(this.#context.clock),
      status: "active",
      ...(proof === undefined ? {} : { proof }),
    });
    return {
      success: true,
      message: `validator ${address} is registered`,
      validator: this.#require(address),
    };
  }

  /** @throws CountersignError UNAUTHENTICATED, ACCESS_DENIED; NOT_FOUND when it never registered */
  async unregister(request: UnregisterValidatorRequest, caller: Caller): Promise<Ack.$Properties> {
    const address = request.validator_address;
    const proof = this.#authorized("UnregisterValidator", request, caller);
    const earlier = this.#recordOf(address);
    if (earlier === undefined) {
      throw new CountersignError("NOT_FOUND", `validator_address: ${address} has not registered`, {
        field: "validator_address",
      });
    }
    const { stake_wei, stake_tx, node_id, registered_at } = earlier.payload;
    await this.#publish(address, {
      stake_wei: stake_wei ?? "0",
      stake_tx: stake_tx ?? "",
      node_id: node_id ?? "",
      registered_at: registered_at ?? 0,
      status: "inactive",
      ...(proof === undefined ? {} : { proof }),
    });
    const message = `validator ${address} is inactive`;
    return this.#context.chain === undefined
      ? { success: true, message }
      : { success: true, message: `${message}; its stake is freed by unregisterValidator() on the contract` };
  }

  info(request: ValidatorAddressRequest): ValidatorInfoResponse.$Properties {
    return { validator: this.#require(request.address) };
  }

  /** Most stake first. */
  list(request: ListValidatorsRequest): ValidatorInfoMessage.$Properties[] {
    return [...this.#joined().values()]
      .filter((validator) => !request.active_only || validator.status === "active")
      .sort(
        (a, b) => compareStakes(b, a) || ((a.validator_address ?? "") < (b.validator_address ?? "") ? -1 : 1),
      )
      .slice(0, Math.min(request.limit || defaultListed, maxListed));
  }

  /** Publishes again what this registry published, while the validator is listed and would expire. */
  async renew(): Promise<void> {
    const { replica, kinds, signer, clock, genesis, chain } = this.#context;
    const listed = new Set(listedValidators(genesis, chain)?.map((entry) => entry.address));
    for (const record of replica.list(kinds.validator)) {
      if (record.owner !== signer.address || !listed.has(record.id)) continue;
      if (record.expiresAtMs - clock.nowMs() > kinds.validator.lifeMs / 2) continue;
      await this.#publish(record.id, record.payload);
    }
  }

  /**
   * The validator must have asked: by a signed call, by the request's own `signature`, or by being this node.
   * `signature` is EIP-191 over SHA-256 of the request's protobuf bytes with `signature` left empty.
   * @returns what proves it to others, undefined when this node publishes for itself
   */
  #authorized(
    operation: "RegisterValidator" | "UnregisterValidator",
    request: RegisterValidatorRequest | UnregisterValidatorRequest,
    caller: Caller,
  ): Proof | undefined {
    const { signer, clock } = this.#context;
    const address = request.validator_address;
    if (request.signature !== "" && caller.wallet !== address) {
      const signature = fromHex(request.signature);
      const body =
        operation === "RegisterValidator"
          ? RegisterValidatorRequest.encode({ ...request, signature: "" }).finish()
          : UnregisterValidatorRequest.encode({ ...request, signature: "" }).finish();
      if (recoverHashSigner(sha256(body), signature) !== address) {
        throw new CountersignError("UNAUTHENTICATED", `signature: it is not ${address}'s over this request`, {
          field: "signature",
        });
      }
      const now = nowSec(clock);
      // It has no nonce, so a copy must be neither old nor older than what it would undo.
      const earlierSec = Math.floor((this.#recordOf(address)?.version ?? 0) / 1000);
      if (Math.abs(request.timestamp - now) > signatureWindowSec || request.timestamp < earlierSec) {
        throw invalidField(
          "timestamp",
          request.timestamp,
          `a time within ${signatureWindowSec} s of ${now}, after the last registration`,
        );
      }
      return { operation, body, timestamp: request.timestamp, nonce: new Uint8Array(), signature };
    }
    requireWallet(caller, signer.address, "validator_address", address);
    return address === signer.address ? undefined : caller.proof;
  }

  #listedOrThrow(address: string): ChainValidator {
    const { genesis, chain } = this.#context;
    const validators = listedValidators(genesis, chain);
    if (validators === undefined) {
      throw new CountersignError("CHAIN_UNAVAILABLE", "this node reads no chain, so it cannot see the stake");
    }
    const listed = validators.find((entry) => entry.address === address);
    if (listed?.status === "active") return listed;
    const where = chain === undefined ? "in the genesis" : "on chain";
    throw new CountersignError(
      "STAKE_INVALID",
      `validator_address: ${address} is ${listed === undefined ? "no validator" : listed.status} ${where}`,
      { field: "validator_address" },
    );
  }

  async #checkStakeTx(request: RegisterValidatorRequest): Promise<void> {
    const { chain, genesis } = this.#context;
    if (chain === undefined || genesis.chain === null) return;
    const { stake_tx, validator_address } = request;
    if (stake_tx === "") throw invalidField("stake_tx", stake_tx, "the transaction that staked");
    const problem = (why: string, cause?: unknown) =>
      new CountersignError("STAKE_INVALID", `stake_tx: ${stake_tx} ${why}`, { field: "stake_tx" }, cause);
    let paidWei: bigint;
    try {
      paidWei = await chain.tokenPaid(stake_tx, validator_address, genesis.chain.validator_registry);
    } catch (error) {
      if (!isCode(error, "NOT_FOUND")) throw error;
      throw problem(`is not on the chain, or not ${genesis.chain.confirmations} blocks deep yet`, error);
    }
    if (paidWei === 0n) throw problem(`moved no stake from ${validator_address}`);
  }

  async #publish(address: string, payload: ValidatorPayload): Promise<void> {
    await this.#context.replica.publish(this.#context.kinds.validator, address, payload);
  }

  /** The newest record about a validator: its own, or a registry's that it asked. */
  #recordOf(address: string): LiveRecord<ValidatorPayload> | undefined {
    let newest: LiveRecord<ValidatorPayload> | undefined;
    for (const record of this.#context.replica.list(this.#context.kinds.validator)) {
      if (record.id === address && (newest === undefined || record.version > newest.version)) newest = record;
    }
    return newest;
  }

  #require(address: string): ValidatorInfoMessage.$Properties {
    const validator = this.#joined().get(address);
    if (validator !== undefined) return validator;
    throw new CountersignError("NOT_FOUND", `address: no validator ${address} in this network`, {
      field: "address",
    });
  }

  /** Everyone whom the chain, the genesis or a record names. */
  #joined(): Map<string, ValidatorInfoMessage.$Properties> {
    const { replica, kinds, genesis, chain } = this.#context;
    const records = new Map<string, LiveRecord<ValidatorPayload>>();
    for (const record of replica.list(kinds.validator)) {
      const known = records.get(record.id);
      if (known === undefined || record.version > known.version) records.set(record.id, record);
    }
    const listed = new Map((listedValidators(genesis, chain) ?? []).map((entry) => [entry.address, entry]));
    const joined = new Map<string, ValidatorInfoMessage.$Properties>();
    for (const address of new Set([...listed.keys(), ...records.keys()])) {
      joined.set(address, this.#join(address, listed.get(address), records.get(address)?.payload));
    }
    return joined;
  }

  #join(
    address: string,
    listed: ChainValidator | undefined,
    record: ValidatorPayload | undefined,
  ): ValidatorInfoMessage.$Properties {
    const { nodes, reputation } = this.#context;
    const conduct = reputation.of(address);
    const saysInactive = record?.status === "inactive";
    const listedStatus = listed?.status ?? "pending";
    const heardMs = nodes.byWallet(address).map((node) => node.lastHeartbeatMs ?? 0);
    const seenMs = Math.max(conduct.lastSeenMs, ...heardMs);
    return {
      validator_address: address,
      stake_wei: String(listed?.stakeWei ?? 0n),
      reputation: conduct.score,
      status:
        saysInactive && listedStatus !== "slashed" && listedStatus !== "unbonding"
          ? "inactive"
          : listedStatus,
      registered_at: record?.registered_at || (listed?.registeredAtSec ?? 0),
      last_seen: Math.floor(seenMs / 1000),
      validations_total: conduct.successes + conduct.failures + conduct.noAnswers,
      validations_failed: conduct.failures + conduct.noAnswers,
      node_id: record?.node_id ?? "",
    };
  }
}

function compareStakes(a: ValidatorInfoMessage.$Properties, b: ValidatorInfoMessage.$Properties): number {
  const difference = BigInt(a.stake_wei ?? "0") - BigInt(b.stake_wei ?? "0");
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}
