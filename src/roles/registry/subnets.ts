import { CountersignError, messageOf, nowSec, zeroAddress } from "../../base/index.ts";
import { subnetIdOf } from "../../records/index.ts";
import type {
  CreateSubnetRequest,
  CreateSubnetResponse,
  EstimateSubnetFeeRequest,
  EstimateSubnetFeeResponse,
  GetSubnetRequest,
  GetSubnetResponse,
  ModelDescriptor,
  SubnetMetadata,
} from "../../wire/index.ts";
import { type Caller, requireWallet } from "./caller.ts";
import type { RegistryContext } from "./collaborators.ts";
import { quoteFor, signQuote } from "./fee-quote.ts";
import { checkQuote, matchingQuote, takePayment } from "./subnet-admission.ts";
import { activationMessage } from "./subnet-config.ts";
import { type SubnetRecord, SubnetView } from "./subnet-view.ts";

/** A gateway that stays away this long has given its subnets up. */
const gatewayAwaySec = 30 * 86_400;
/** Room that a record's payload must leave for signatures and trail: 100 validators at under 400 bytes each. */
const signatureRoomBytes = 40_000;
const nonceBytes = 8;

/** EstimateSubnetFee, CreateSubnet, GetSubnet and ListSubnets, and what a subnet needs while it lives. */
export class RegistrySubnets {
  readonly #context: RegistryContext;
  readonly #view: SubnetView;
  /** Creations under way: the same request sent twice at once is one. */
  readonly #creating = new Map<bigint, Promise<SubnetMetadata.$Properties>>();

  constructor(context: RegistryContext) {
    this.#context = context;
    this.#view = new SubnetView(context);
  }

  async estimateFee(request: EstimateSubnetFeeRequest): Promise<EstimateSubnetFeeResponse.$Properties> {
    const { genesis, signer, clock, random, nodes } = this.#context;
    this.#refuseTooLarge(request.models);
    // Validators activate subnets of known gateways only; nobody shall pay for one that cannot become active.
    if (!nodes.byWallet(request.gateway_address).some(({ roles }) => roles.includes("gateway"))) {
      throw new CountersignError(
        "NOT_FOUND",
        `gateway_address: no gateway of ${request.gateway_address} is known on this network; start it, then ask again`,
        { field: "gateway_address" },
      );
    }
    const quote = quoteFor(genesis, {
      gateway: request.gateway_address,
      models: request.models,
      nowSec: nowSec(clock),
      nonce: random(nonceBytes),
    });
    return {
      fee_quote_id: await signQuote(quote, signer),
      network_fee_wei: quote.feeWei,
      expiry_timestamp: quote.expirySec,
      treasury_address: genesis.chain?.treasury ?? zeroAddress,
    };
  }

  /**
   * Allots the subnet and asks validators to activate it. Repeating the call answers the same subnet, and asks again
   * while it is pending. `success` is false as long as M signatures are missing; the registry itself goes on asking.
   * @throws CountersignError UNAUTHENTICATED, ACCESS_DENIED unless the gateway asks; QUOTE_INVALID; PAYMENT_INVALID;
   *   INVALID_ARGUMENT for a wrong config_hash; CHAIN_UNAVAILABLE
   */
  async create(
    request: CreateSubnetRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<CreateSubnetResponse.$Properties> {
    const { signer, network } = this.#context;
    requireWallet(caller, signer.address, "gateway_address", request.gateway_address);
    matchingQuote(request, network);
    const subnetId = subnetIdOf(request.gateway_address, request.fee_quote_id);
    let creating = this.#creating.get(subnetId);
    if (creating === undefined) {
      creating = this.#create(request, subnetId, signal).finally(() => this.#creating.delete(subnetId));
      this.#creating.set(subnetId, creating);
    }
    const subnet = await creating;
    if (subnet.status !== "pending")
      return { success: true, message: `subnet ${subnetId} is ${subnet.status}`, subnet };
    const trail = subnet.quorum_trail?.at(-1);
    const signed = (trail?.verdicts ?? []).filter((verdict) => verdict.outcome === "signed").length;
    return {
      success: false,
      message: `subnet ${subnetId} is pending: ${signed} of ${trail?.required ?? 0} validators have signed; see its quorum_trail`,
      subnet,
    };
  }

  get(request: GetSubnetRequest): GetSubnetResponse.$Properties {
    return { subnet: this.#require(request.subnet_id) };
  }

  list(): SubnetMetadata.$Properties[] {
    return this.#view.list();
  }

  /** Its gateway gives a subnet up. @throws CountersignError NOT_FOUND, UNAUTHENTICATED, ACCESS_DENIED */
  async deprecate(subnetId: bigint, caller: Caller): Promise<SubnetMetadata.$Properties> {
    const subnet = this.#require(subnetId);
    requireWallet(caller, this.#context.signer.address, "subnet_id", subnet.gateway_address ?? "");
    const own = this.#own().find((record) => record.payload.metadata?.subnet_id === subnetId);
    if (own === undefined) {
      throw new CountersignError(
        "NOT_FOUND",
        `subnet_id: ${subnetId} was allotted by another registry; ask that one`,
        {
          field: "subnet_id",
        },
      );
    }
    return this.#publish({ ...this.#view.metadataOf(own), status: "deprecated" });
  }

  /** Asks again for what is pending, gives up what its gateway gave up, and renews what would expire. */
  async sweep(signal: AbortSignal): Promise<void> {
    const lastSeen = await this.#noteGateways();
    const { clock, kinds, logger } = this.#context;
    for (const record of this.#own()) {
      signal.throwIfAborted();
      const metadata = this.#view.metadataOf(record);
      const seenSec = Math.max(lastSeen.get(metadata.gateway_address ?? "") ?? 0, metadata.created_at ?? 0);
      const isAbandoned = nowSec(clock) - seenSec > gatewayAwaySec;
      try {
        if (isAbandoned && metadata.status !== "deprecated") {
          await this.#publish({ ...metadata, status: "deprecated" });
        } else if (metadata.status === "pending" && !this.#creating.has(metadata.subnet_id ?? 0n)) {
          await this.#activate(metadata, signal);
        } else if (record.expiresAtMs - clock.nowMs() <= kinds.subnet.lifeMs / 2) {
          await this.#publish(metadata);
        }
      } catch (error) {
        signal.throwIfAborted();
        logger.warn({ subnet: record.id, error: messageOf(error) }, "subnet left as it is");
      }
    }
  }

  async #create(
    request: CreateSubnetRequest,
    subnetId: bigint,
    signal: AbortSignal,
  ): Promise<SubnetMetadata.$Properties> {
    const known = this.#view.find(subnetId);
    if (known !== undefined && known.status !== "pending") return known;
    const own = this.#own().find((record) => record.payload.metadata?.subnet_id === subnetId);
    if (own !== undefined) return this.#activate(this.#view.metadataOf(own), signal);
    const quote = checkQuote(this.#context, request);
    this.#refuseTooLarge(request.models);
    await takePayment(this.#context, this.#view, request, subnetId, BigInt(quote.feeWei));
    const pending = await this.#publish({
      subnet_id: subnetId,
      gateway_address: request.gateway_address,
      created_at: nowSec(this.#context.clock),
      models: request.models,
      network_fee_wei: quote.feeWei,
      payment_tx: request.payment_tx,
      status: "pending",
      fee_quote_id: request.fee_quote_id,
      config_hash: request.config_hash,
    });
    return this.#activate(pending, signal);
  }

  /** One co-sign round; the subnet is published with its outcome. */
  async #activate(
    pending: SubnetMetadata.$Properties,
    signal: AbortSignal,
  ): Promise<SubnetMetadata.$Properties> {
    const { cosigner, genesis, clock } = this.#context;
    const metadata = { ...pending, status: "pending", validated_by: [], quorum_trail: [] };
    const result = await cosigner.run(
      {
        round: "subnet",
        subject: String(metadata.subnet_id),
        typed: activationMessage(genesis, metadata),
        proposal: { subnet: { metadata } },
        deadlineMs: clock.nowMs() + genesis.cosign.deadline_ms,
      },
      signal,
    );
    const stored = this.#own().find((record) => record.payload.metadata?.subnet_id === metadata.subnet_id);
    // While the validator set cannot be read an active subnet looks pending; its signatures must outlive that.
    if (!result.reached && stored?.payload.metadata?.status === "active") return metadata;
    return this.#publish({
      ...metadata,
      status: result.reached ? "active" : "pending",
      validated_by: result.reached ? result.signatures : [],
      quorum_trail: [result.trail],
    });
  }

  async #publish(metadata: SubnetMetadata.$Properties): Promise<SubnetMetadata.$Properties> {
    const { replica, kinds } = this.#context;
    await replica.publish(kinds.subnet, String(metadata.subnet_id), { metadata });
    return metadata;
  }

  #own(): SubnetRecord[] {
    return this.#view.records().filter((record) => record.owner === this.#context.signer.address);
  }

  #require(subnetId: bigint): SubnetMetadata.$Properties {
    const subnet = this.#view.find(subnetId);
    if (subnet !== undefined) return subnet;
    throw new CountersignError("NOT_FOUND", `subnet_id: no subnet ${subnetId} in this network`, {
      field: "subnet_id",
    });
  }

  #refuseTooLarge(models: ModelDescriptor.$Properties[]): void {
    const { kinds } = this.#context;
    const bytes = kinds.subnet.encode({ metadata: { models } }).length;
    const maxBytes = kinds.subnet.maxPayloadBytes - signatureRoomBytes;
    if (bytes <= maxBytes) return;
    throw new CountersignError(
      "TOO_LARGE",
      `models: ${bytes} bytes are not allowed; expected at most ${maxBytes}`,
      {
        field: "models",
        allowed: `at most ${maxBytes} bytes`,
      },
    );
  }

  /** Writes down which of our subnets' gateways are here now. Answers when each was last seen, unix seconds. */
  async #noteGateways(): Promise<Map<string, number>> {
    const { nodes, store, clock } = this.#context;
    const gateways = new Set(this.#own().map((record) => record.payload.metadata?.gateway_address ?? ""));
    const present = [...gateways].filter((wallet) =>
      nodes.byWallet(wallet).some((node) => node.status !== "offline"),
    );
    const now = nowSec(clock);
    if (present.length > 0) {
      await store.transact(
        present.map((wallet) => ({
          sql: `INSERT INTO registry_gateways (address, last_seen_sec) VALUES (?, ?)
                ON CONFLICT (address) DO UPDATE SET last_seen_sec = excluded.last_seen_sec`,
          params: [wallet, now],
        })),
      );
    }
    const rows = await store.all("SELECT address, last_seen_sec FROM registry_gateways");
    return new Map(rows.map((row) => [String(row["address"]), Number(row["last_seen_sec"])]));
  }
}
