import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { compileContracts } from "../../scripts/compile-contracts.ts";
import { fromHex, type Genesis, sha256, silentLogger, systemClock } from "../../src/base/index.ts";
import { loadAbis } from "../../src/chain/abis.ts";
import {
  type Anvil,
  type ContractAddresses,
  contractAddresses,
  createLocalSender,
  createLocalSigner,
  deployContracts,
  fundAndStakeValidators,
  fundWallets,
  payEscrow,
  startAnvil,
} from "../../src/chain/index.ts";
import { RpcClient } from "../../src/chain/rpc.ts";
import type { InferenceTaskStatus } from "../../src/wire/index.ts";
import { type Host, type Network, pause } from "./network.ts";
import type { VirtualTime } from "./virtual-time.ts";

const ether = 10n ** 18n;
const supplyWei = 1_000_000n * ether;
const stakeWei = 100n * ether;
const clientWei = 1_000n * ether;
const gasWei = 10n * ether;
const blockMs = 1_000;
const deployWithinMs = 120_000;
const confirmations = 2;
const treasury = `0x${"7e".repeat(20)}`;
/** First account of anvil's mnemonic. */
const deployerKey = fromHex("0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80");

/** Everything that reads files when it is first used, and the chain itself: before time stands still. */
export async function openChain(startMs: number): Promise<Anvil> {
  compileContracts();
  await loadAbis();
  // Signing a transaction loads it.
  await import("ethers/transaction");
  const startSec = Math.floor(startMs / 1000);
  return startAnvil({ isMiningManual: true, extraArguments: ["--timestamp", String(startSec - 1)] });
}

/**
 * A real EVM, held in step: its blocks are mined on virtual time with virtual timestamps, and time stands still while it
 * answers. Calls reach it one after the other, over the simulated network.
 */
export class SimulatedChain {
  readonly host: Host;
  /** As the nodes know it, the same in every run; calls go to the real one's port. */
  readonly url = "http://127.0.0.1:8545";
  readonly addresses: ContractAddresses;
  readonly #anvil: Anvil;
  readonly #network: Network;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #holders: string[] = [];
  readonly #restore: () => void;
  #last: Promise<unknown> = Promise.resolve();
  #isMining = false;

  constructor(anvil: Anvil, network: Network) {
    this.#anvil = anvil;
    this.#network = network;
    this.host = network.host("chain");
    this.host.state = "up";
    this.addresses = contractAddresses(createLocalSigner(deployerKey).address, 0);
    const realFetch = globalThis.fetch;
    globalThis.fetch = ((_url: string, init: { body: string; signal: AbortSignal }) =>
      this.#fetch(init)) as unknown as typeof fetch;
    this.#restore = () => {
      globalThis.fetch = realFetch;
    };
  }

  get #time(): VirtualTime {
    return this.#network.time;
  }

  genesis(): NonNullable<Genesis["chain"]> {
    return {
      chain_id: this.#anvil.chainId,
      token: this.addresses.token,
      validator_registry: this.addresses.validatorRegistry,
      inference_payment: this.addresses.inferencePayment,
      treasury,
      confirmations,
    };
  }

  /** Deploys the contracts and gives everybody what they need. */
  async deploy(options: {
    readonly threshold: number;
    readonly validators: readonly Uint8Array[];
    readonly gateways: readonly string[];
    readonly clients: readonly string[];
    readonly others: readonly string[];
  }): Promise<void> {
    const time = this.#time;
    time.outside(() => setInterval(() => void this.#mine(), blockMs));
    const deploy = async () => {
      const deployer = await createLocalSender(deployerKey);
      await deployContracts({
        rpcUrl: this.url,
        deployer,
        treasury,
        initialSupplyWei: supplyWei,
        minimumStakeWei: stakeWei / 10n,
        threshold: options.threshold,
        unbondingSec: 3_600,
        answerSec: 600,
        startNonce: 0,
      });
      const validators = [];
      for (const key of options.validators)
        validators.push({ sender: await createLocalSender(key), stakeWei });
      const { addresses, url } = this;
      await fundAndStakeValidators({ rpcUrl: url, addresses, from: deployer, validators, gasWei });
      const wallets = [
        ...options.gateways.map((address) => ({ address, gasWei })),
        ...options.clients.map((address) => ({ address, gasWei, tokenWei: clientWei })),
      ];
      await fundWallets({ rpcUrl: url, token: addresses.token, from: deployer, wallets });
      const staking = validators.map(({ sender }) => sender.address);
      const { gateways, clients, others } = options;
      this.#holders.push(deployer.address, treasury, ...staking, ...gateways, ...clients, ...others);
    };
    await time.during(time.outside(deploy), deployWithinMs, "deploying the contracts");
  }

  /** Pays what a task's signed terms ask for. */
  async pay(status: InferenceTaskStatus.$Properties, key: Uint8Array): Promise<string> {
    const {
      validator_signatures: signatures,
      payment_tree: tree,
      ...terms
    } = status.preprocessing_validation ?? {};
    const sender = await createLocalSender(key);
    const { txHash } = await payEscrow({
      rpcUrl: this.url,
      chain: this.genesis(),
      terms: {
        requestId: terms.request_id ?? "",
        client: sender.address,
        gatewayWallet: terms.gateway_wallet ?? "",
        computeNodeId: terms.compute_node_id ?? "",
        computeNodeWallet: terms.compute_node_wallet ?? "",
        computePriceWei: tree?.compute_price_wei ?? "0",
        gatewayGasWei: tree?.gateway_gas_wei ?? "0",
        validatorRewardWei: tree?.validator_reward_wei ?? "0",
        treasuryFeeWei: tree?.treasury_fee_wei ?? "0",
        expiryTimestamp: terms.expiry_timestamp ?? 0,
      },
      signatures: (signatures ?? []).map((one) => fromHex(one.signature ?? "")),
      sender,
      clock: systemClock,
      logger: silentLogger,
    });
    return txHash;
  }

  /** Tokens of everybody together, less what was issued, and what the escrow holds. */
  async balances(): Promise<{ readonly missingWei: bigint; readonly escrowWei: bigint }> {
    const { token, inferencePayment, validatorRegistry } = this.addresses;
    const abis = await loadAbis();
    const holders = [...new Set([...this.#holders, validatorRegistry, inferencePayment])];
    const answers = await new RpcClient(this.url, systemClock).batch(
      holders.map((holder) => ({
        method: "eth_call",
        params: [{ to: token, data: abis.token.encodeFunctionData("balanceOf", [holder]) }, "latest"],
      })),
    );
    const held = answers.map((answer) => BigInt(answer as string));
    return { missingWei: supplyWei - held.reduce((sum, wei) => sum + wei, 0n), escrowWei: held.at(-1) ?? 0n };
  }

  async stop(): Promise<void> {
    this.#restore();
    this.#agent.destroy();
    await this.#anvil.stop();
  }

  async #mine(): Promise<void> {
    if (this.#isMining) return;
    this.#isMining = true;
    const timestamp = Math.floor(this.#time.nowMs() / 1000);
    const call = (method: string, params: unknown[]) => ({ jsonrpc: "2.0", id: method, method, params });
    const answer = await this.#ask(
      JSON.stringify([call("evm_setNextBlockTimestamp", [timestamp]), call("evm_mine", [])]),
    );
    this.#network.trace.tick(`chain mined ${sha256(answer.body).slice(0, 4)}`);
    this.#isMining = false;
  }

  async #fetch({ body, signal }: { body: string; signal: AbortSignal }) {
    const from = this.#network.hostOf(this.#time.realm());
    if (from !== undefined) await this.#network.reach(from, this.host, signal);
    const answer = await this.#ask(body);
    this.#network.trace.tick(`chain answered ${answer.body.length}`);
    if (from !== undefined) await pause(this.#network.delayMs(this.host, from), signal);
    return { status: answer.status, text: async () => answer.body };
  }

  /** In turn, and with time standing still. */
  #ask(body: string): Promise<{ readonly status: number; readonly body: string }> {
    const answer = this.#time.stopWhile(this.#last.then(() => this.#post(body)));
    this.#last = answer.catch(() => {});
    return answer;
  }

  #post(body: string): Promise<{ readonly status: number; readonly body: string }> {
    return new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const call = request(this.#anvil.url, { method: "POST", agent: this.#agent, headers }, (response) => {
        text(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
      });
      call.once("error", reject);
      call.end(body);
    });
  }
}
