import { keccak_256 } from "@noble/hashes/sha3.js";
import { type Clock, fromHex, silentLogger, systemClock, toHex } from "../base/index.ts";
import { loadAbis } from "./abis.ts";
import { type ContractName, loadArtifact } from "./artifacts.ts";
import { RpcClient } from "./rpc.ts";
import type { TransactionCall } from "./transaction-call.ts";
import type { TransactionSender } from "./transaction-sender.ts";
import { TransactionQueue } from "./transactions.ts";
import { stakeValidator } from "./validator-stake.ts";

export interface ContractAddresses {
  readonly token: string;
  readonly validatorRegistry: string;
  readonly inferencePayment: string;
}

/** Where `deployContracts` will put the contracts: known before, so that a genesis can be written at once. */
export function contractAddresses(deployer: string, startNonce: number): ContractAddresses {
  return {
    token: createdAddress(deployer, startNonce),
    validatorRegistry: createdAddress(deployer, startNonce + 1),
    inferencePayment: createdAddress(deployer, startNonce + 2),
  };
}

/** Last 20 bytes of keccak-256(rlp([creator, nonce])), as the EVM's CREATE makes it. */
function createdAddress(creator: string, nonce: number): string {
  const nonceBytes = nonce === 0 ? new Uint8Array() : fromHex(evenHex(nonce));
  const encodedNonce =
    nonceBytes.length === 1 && (nonceBytes[0] ?? 0) < 0x80
      ? nonceBytes
      : Uint8Array.from([0x80 + nonceBytes.length, ...nonceBytes]);
  const encodedCreator = Uint8Array.from([0x80 + 20, ...fromHex(creator)]);
  const length = encodedCreator.length + encodedNonce.length;
  return toHex(keccak_256(Uint8Array.from([0xc0 + length, ...encodedCreator, ...encodedNonce])).subarray(12));
}

const evenHex = (value: number): string => {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
};

// Given instead of estimated: a call that depends on the one before cannot be estimated until that one is mined.
const deploymentGas = 6_000_000n;
const transferGas = 120_000n;
const plainTransferGas = 21_000n;
const receiptPollMs = 25;

interface Access {
  readonly rpcUrl: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface DeployOptions extends Access {
  readonly deployer: TransactionSender;
  /** Fee and slash recipient. */
  readonly treasury: string;
  readonly initialSupplyWei: bigint;
  readonly minimumStakeWei: bigint;
  /** M, at least 1. */
  readonly threshold: number;
  readonly unbondingSec: number;
  /** Time to answer an accusation of a wrong result. */
  readonly answerSec: number;
  /** Decides cases; the deployer when absent. */
  readonly owner?: string;
  /** The deployer's next nonce when it is known; read otherwise. */
  readonly startNonce?: number;
}

/** Deploys token, registry and escrow with three transactions sent at once. @throws CountersignError */
export async function deployContracts(options: DeployOptions): Promise<ContractAddresses> {
  const { deployer, treasury } = options;
  const session = await openSession(options);
  const startNonce = options.startNonce ?? (await session.nonceOf(deployer.address));
  const addresses = contractAddresses(deployer.address, startNonce);
  const abis = await loadAbis();
  const creation = (name: ContractName, encodedArguments: string): TransactionCall => ({
    data: loadArtifact(name).bytecode + encodedArguments.slice(2),
    gasLimit: deploymentGas,
  });
  const calls = [
    creation("NCNToken", abis.token.encodeDeploy([options.initialSupplyWei])),
    creation(
      "ValidatorRegistry",
      abis.registry.encodeDeploy([
        addresses.token,
        treasury,
        addresses.inferencePayment,
        options.minimumStakeWei,
        options.threshold,
        options.unbondingSec,
        options.answerSec,
        options.owner ?? deployer.address,
      ]),
    ),
    creation(
      "InferencePayment",
      abis.payment.encodeDeploy([addresses.token, addresses.validatorRegistry, treasury]),
    ),
  ];
  await session.sendAll(deployer, calls, startNonce);
  return addresses;
}

export interface FundedWallet {
  readonly address: string;
  readonly tokenWei?: bigint;
  /** The chain's own coin, for gas. */
  readonly gasWei?: bigint;
}

/** Sends tokens and gas to wallets, all transactions at once. */
export async function fundWallets(
  options: Access & {
    readonly token: string;
    readonly from: TransactionSender;
    readonly wallets: readonly FundedWallet[];
  },
): Promise<void> {
  const abis = await loadAbis();
  const session = await openSession(options);
  const calls = options.wallets.flatMap(({ address, tokenWei = 0n, gasWei = 0n }) => {
    const wanted: TransactionCall[] = [];
    if (gasWei > 0n) wanted.push({ to: address, data: "0x", valueWei: gasWei, gasLimit: plainTransferGas });
    if (tokenWei > 0n) {
      const data = abis.token.encodeFunctionData("transfer", [address, tokenWei]);
      wanted.push({ to: options.token, data, gasLimit: transferGas });
    }
    return wanted;
  });
  await session.sendAll(options.from, calls);
}

export interface StakingValidator {
  readonly sender: TransactionSender;
  readonly stakeWei: bigint;
}

/** Gives validators their stake and gas, then registers all of them with a permit, one transaction each. */
export async function fundAndStakeValidators(
  options: Access & {
    readonly addresses: ContractAddresses;
    readonly from: TransactionSender;
    readonly validators: readonly StakingValidator[];
    /** For gas, to each validator; 0 where they have some. */
    readonly gasWei: bigint;
  },
): Promise<void> {
  const { addresses, validators, gasWei } = options;
  await fundWallets({
    ...options,
    token: addresses.token,
    wallets: validators.map(({ sender, stakeWei }) => ({
      address: sender.address,
      tokenWei: stakeWei,
      gasWei,
    })),
  });
  const { rpcUrl, signal, clock = systemClock } = options;
  const chainId = Number(await new RpcClient(rpcUrl, clock, signal).call<string>("eth_chainId"));
  const chain = {
    chain_id: chainId,
    token: addresses.token,
    validator_registry: addresses.validatorRegistry,
  };
  const access = {
    rpcUrl,
    chain,
    clock,
    logger: silentLogger,
    pollMs: receiptPollMs,
    ...(signal && { signal }),
  };
  await Promise.all(
    validators.map(({ sender, stakeWei }) => stakeValidator({ ...access, sender }, stakeWei)),
  );
}

async function openSession({ rpcUrl, clock = systemClock, signal }: Access) {
  const rpc = new RpcClient(rpcUrl, clock, signal);
  const chainId = Number(await rpc.call<string>("eth_chainId"));
  return {
    async nonceOf(address: string): Promise<number> {
      return Number(await rpc.call<string>("eth_getTransactionCount", [address, "pending"]));
    },
    /** Sends with consecutive nonces without waiting in between; resolves when all were mined with success. */
    async sendAll(
      sender: TransactionSender,
      calls: readonly TransactionCall[],
      startNonce?: number,
    ): Promise<void> {
      const queue = new TransactionQueue({
        rpc,
        sender,
        chainId,
        clock,
        logger: silentLogger,
        pollMs: receiptPollMs,
        ...(startNonce === undefined ? {} : { startNonce }),
      });
      try {
        await Promise.all(calls.map((call) => queue.send(call, signal)));
      } finally {
        queue.stop();
      }
    },
  };
}
