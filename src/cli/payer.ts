import { fromHex, type Genesis, silentLogger, systemClock, zeroAddress } from "../base/index.ts";
import { createLocalSender, createLocalSigner, payEscrow } from "../chain/index.ts";
import type { Payer } from "../client/index.ts";

/** Pays escrows from a wallet whose key lies in this process. */
export function createPayer(privateKey: Uint8Array, genesis: Genesis, rpcUrl: string): Payer {
  const address = createLocalSigner(privateKey).address;
  return {
    address,
    async pay(terms, signal) {
      const validation = terms.preprocessing_validation;
      const tree = validation?.payment_tree;
      if (genesis.chain === null) throw new TypeError("a network without a chain asks for no payment");
      return payEscrow({
        rpcUrl,
        chain: genesis.chain,
        terms: {
          requestId: validation?.request_id ?? "",
          client: address,
          gatewayWallet: validation?.gateway_wallet ?? zeroAddress,
          computeNodeId: validation?.compute_node_id ?? "",
          computeNodeWallet: validation?.compute_node_wallet ?? zeroAddress,
          computePriceWei: tree?.compute_price_wei ?? "0",
          gatewayGasWei: tree?.gateway_gas_wei ?? "0",
          validatorRewardWei: tree?.validator_reward_wei ?? "0",
          treasuryFeeWei: tree?.treasury_fee_wei ?? "0",
          expiryTimestamp: validation?.expiry_timestamp ?? 0,
        },
        signatures: (validation?.validator_signatures ?? []).map((one) => fromHex(one.signature ?? "")),
        sender: await createLocalSender(privateKey),
        clock: systemClock,
        logger: silentLogger,
        pollMs: 50,
        signal,
      });
    },
  };
}
