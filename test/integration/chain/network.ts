import { fileURLToPath } from "node:url";
import { Interface, type InterfaceAbi } from "ethers/abi";
import { compileContracts } from "../../../scripts/compile-contracts.ts";
import {
  fromHex,
  type Genesis,
  genesisSchema,
  sha256,
  silentLogger,
  systemClock,
  toHex,
} from "../../../src/base/index.ts";
import { type Abis, loadAbis } from "../../../src/chain/abis.ts";
import {
  type Anvil,
  type AnvilOptions,
  type CompletionTerms,
  type ContractAddresses,
  completionMessage,
  createLocalSender,
  createLocalSigner,
  type Domain,
  deployContracts,
  fundAndStakeValidators,
  fundWallets,
  type PreprocessingTerms,
  preprocessingMessage,
  type Signer,
  startAnvil,
  type TransactionSender,
  type TypedMessage,
} from "../../../src/chain/index.ts";
import { RpcClient } from "../../../src/chain/rpc.ts";
import type { MinedTransaction } from "../../../src/chain/transaction-call.ts";
import { TransactionQueue } from "../../../src/chain/transactions.ts";

// A deployed network on its own anvil: five staked validators, a gateway, a compute node, a client and a stranger.

export const ether = 10n ** 18n;
export const supplyWei = 1_000_000n * ether;
export const stakeWei = 100n * ether;
export const minimumStakeWei = 10n * ether;
export const unbondingSec = 3_600;
export const answerSec = 600;
export const threshold = 3;
export const treasury = `0x${"7e".repeat(20)}`;

/** First account of anvil's mnemonic. */
const deployerKey = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

export interface Wallet {
  readonly address: string;
  readonly signer: Signer;
  readonly sender: TransactionSender;
}

export async function walletOf(seed: string): Promise<Wallet> {
  const key = sha256(seed);
  const sender = await createLocalSender(key);
  return { address: sender.address, signer: createLocalSigner(key), sender };
}

export type Contract = "token" | "registry" | "payment";

export class TestNetwork {
  readonly anvil: Anvil;
  readonly rpc: RpcClient;
  readonly abis: Abis;
  readonly addresses: ContractAddresses;
  readonly deployer: TransactionSender;
  readonly validators: readonly Wallet[];
  readonly gateway: Wallet;
  readonly compute: Wallet;
  readonly client: Wallet;
  readonly stranger: Wallet;
  #queues = new Map<string, TransactionQueue>();
  #requests = 0;

  private constructor(
    parts: Pick<
      TestNetwork,
      | "anvil"
      | "rpc"
      | "abis"
      | "addresses"
      | "deployer"
      | "validators"
      | "gateway"
      | "compute"
      | "client"
      | "stranger"
    >,
  ) {
    this.anvil = parts.anvil;
    this.rpc = parts.rpc;
    this.abis = parts.abis;
    this.addresses = parts.addresses;
    this.deployer = parts.deployer;
    this.validators = parts.validators;
    this.gateway = parts.gateway;
    this.compute = parts.compute;
    this.client = parts.client;
    this.stranger = parts.stranger;
  }

  static async start(options: AnvilOptions = {}): Promise<TestNetwork> {
    compileContracts();
    const anvil = await startAnvil(options);
    try {
      const deployer = await createLocalSender(fromHex(deployerKey));
      const addresses = await deployTo(anvil.url, deployer);
      const validators = await Promise.all([1, 2, 3, 4, 5].map((index) => walletOf(`validator ${index}`)));
      const others = await Promise.all(["gateway", "compute", "client", "stranger"].map(walletOf));
      const [gateway, compute, client, stranger] = others as [Wallet, Wallet, Wallet, Wallet];
      await fundAndStakeValidators({
        rpcUrl: anvil.url,
        addresses,
        from: deployer,
        validators: validators.map(({ sender }) => ({ sender, stakeWei })),
        gasWei: 10n * ether,
      });
      await fundWallets({
        rpcUrl: anvil.url,
        token: addresses.token,
        from: deployer,
        wallets: others.map(({ address }) => ({ address, tokenWei: 1_000n * ether, gasWei: 10n * ether })),
      });
      const rpc = new RpcClient(anvil.url, systemClock);
      const abis = await loadAbis();
      return new TestNetwork({
        anvil,
        rpc,
        abis,
        addresses,
        deployer,
        validators,
        gateway,
        compute,
        client,
        stranger,
      });
    } catch (error) {
      await anvil.stop();
      throw error;
    }
  }

  get domain(): Domain {
    return { chainId: this.anvil.chainId, verifyingContract: this.addresses.inferencePayment };
  }

  genesis(changes: object = {}): Genesis {
    return genesisSchema.parse({
      name: "test",
      chain: {
        chain_id: this.anvil.chainId,
        token: this.addresses.token,
        validator_registry: this.addresses.validatorRegistry,
        inference_payment: this.addresses.inferencePayment,
        treasury,
        confirmations: 1,
      },
      ...changes,
    });
  }

  async stop(): Promise<void> {
    this.forgetNonces();
    await this.anvil.stop();
  }

  // ---- calls ----

  addressOf(contract: Contract): string {
    const { token, validatorRegistry, inferencePayment } = this.addresses;
    return { token, registry: validatorRegistry, payment: inferencePayment }[contract];
  }

  queueOf(sender: TransactionSender): TransactionQueue {
    let queue = this.#queues.get(sender.address);
    if (queue === undefined) {
      queue = new TransactionQueue({
        rpc: this.rpc,
        sender,
        chainId: this.anvil.chainId,
        clock: systemClock,
        logger: silentLogger,
        pollMs: 2,
      });
      this.#queues.set(sender.address, queue);
    }
    return queue;
  }

  /** After the chain was set back. */
  forgetNonces(): void {
    for (const queue of this.#queues.values()) queue.stop();
    this.#queues = new Map();
  }

  send(
    from: Wallet | TransactionSender,
    contract: Contract,
    name: string,
    ...args: unknown[]
  ): Promise<MinedTransaction> {
    const sender = "sender" in from ? from.sender : from;
    const data = this.abis[contract].encodeFunctionData(name, args);
    return this.queueOf(sender).send({ to: this.addressOf(contract), data });
  }

  async view(contract: Contract, name: string, ...args: unknown[]): Promise<readonly unknown[]> {
    const data = this.abis[contract].encodeFunctionData(name, args);
    const answer = await this.rpc.call<string>("eth_call", [
      { to: this.addressOf(contract), data },
      "latest",
    ]);
    return this.abis[contract].decodeFunctionResult(name, answer);
  }

  async balanceOf(address: string): Promise<bigint> {
    const [balance] = await this.view("token", "balanceOf", address);
    return balance as bigint;
  }

  async balancesOf(addresses: readonly string[]): Promise<bigint[]> {
    const answers = await this.rpc.batch(
      addresses.map((address) => ({
        method: "eth_call",
        params: [
          { to: this.addresses.token, data: this.abis.token.encodeFunctionData("balanceOf", [address]) },
          "latest",
        ],
      })),
    );
    return answers.map((answer) => BigInt(answer as string));
  }

  async nowSec(): Promise<number> {
    const block = await this.rpc.call<{ timestamp: string }>("eth_getBlockByNumber", ["latest", false]);
    return Number(block.timestamp);
  }

  async passTime(seconds: number): Promise<void> {
    await this.rpc.call("evm_increaseTime", [seconds]);
    await this.rpc.call("evm_mine");
  }

  // ---- messages ----

  freshId(): string {
    this.#requests++;
    return `request-${this.#requests}`;
  }

  async terms(changes: Partial<PreprocessingTerms> = {}): Promise<PreprocessingTerms> {
    return {
      requestId: this.freshId(),
      client: this.client.address,
      gatewayWallet: this.gateway.address,
      computeNodeId: "compute-1",
      computeNodeWallet: this.compute.address,
      computePriceWei: 8_000n,
      gatewayGasWei: 1_000n,
      validatorRewardWei: 500n,
      treasuryFeeWei: 500n,
      expiryTimestamp: (await this.nowSec()) + 300,
      ...changes,
    };
  }

  completionOf(terms: PreprocessingTerms, changes: Partial<CompletionTerms> = {}): CompletionTerms {
    return {
      requestId: terms.requestId,
      computeNodeWallet: terms.computeNodeWallet,
      resultHash: sha256(`result of ${terms.requestId}`),
      completionTimestamp: terms.expiryTimestamp - 10,
      computationTimeMs: 42,
      ...changes,
    };
  }

  signTerms(
    terms: PreprocessingTerms,
    by: readonly Wallet[] = this.quorum,
    domain = this.domain,
  ): Promise<string[]> {
    return signAll(preprocessingMessage(domain, terms), by);
  }

  signCompletion(
    terms: CompletionTerms,
    by: readonly Wallet[] = this.quorum,
    domain = this.domain,
  ): Promise<string[]> {
    return signAll(completionMessage(domain, terms), by);
  }

  get quorum(): readonly Wallet[] {
    return this.validators.slice(0, threshold);
  }

  /** Approves and pays; answers the transaction. */
  async initiate(
    terms: PreprocessingTerms,
    signatures?: readonly string[],
    from: Wallet = this.client,
  ): Promise<MinedTransaction> {
    await this.send(from, "token", "approve", this.addresses.inferencePayment, 2n ** 255n);
    return this.send(
      from,
      "payment",
      "initiateInferenceRequest",
      terms,
      signatures ?? (await this.signTerms(terms)),
    );
  }

  async complete(
    terms: CompletionTerms,
    signatures?: readonly string[],
    from: Wallet = this.gateway,
  ): Promise<MinedTransaction> {
    return this.send(
      from,
      "payment",
      "completeInferenceRequest",
      terms,
      signatures ?? (await this.signCompletion(terms)),
    );
  }
}

export async function signAll(message: TypedMessage, by: readonly Wallet[]): Promise<string[]> {
  return Promise.all(by.map(async ({ signer }) => toHex(await signer.signTyped(message))));
}

export function deployTo(rpcUrl: string, deployer: TransactionSender): Promise<ContractAddresses> {
  return deployContracts({
    rpcUrl,
    deployer,
    treasury,
    initialSupplyWei: supplyWei,
    minimumStakeWei,
    threshold,
    unbondingSec,
    answerSec,
  });
}

/** A contract that only tests use. */
export async function testContract(name: string): Promise<{ abi: Interface; bytecode: string }> {
  const here = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const artifactFolder = here("contracts/artifacts/test");
  compileContracts({ sourceFolder: here("test/support/contracts"), artifactFolder });
  const { default: artifact } = (await import(`${artifactFolder}/${name}.json`, {
    with: { type: "json" },
  })) as {
    default: { abi: InterfaceAbi; bytecode: string };
  };
  return { abi: new Interface(artifact.abi), bytecode: artifact.bytecode };
}
