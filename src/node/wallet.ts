import { type Clock, fromHex } from "../base/index.ts";
import {
  createLocalSender,
  createLocalSigner,
  openRemoteWallet,
  type Signer,
  type TransactionSender,
} from "../chain/index.ts";
import type { NodeConfig } from "./config.ts";
import { passphraseFor, readKeystore } from "./keystore.ts";

/** The node's wallet, wherever its key lies. */
export interface Wallet {
  readonly signer: Signer;
  /** For transactions; made when first asked for, since most nodes send none. */
  sender(): Promise<TransactionSender>;
}

/**
 * Opens the wallet that the configuration names: a remote signer, a key in the clear (devnets only), or a keystore.
 * @throws CountersignError CONFIG_INVALID when the keystore is missing or broken or the passphrase is wrong; UNAVAILABLE
 * when the remote signer does not answer
 */
export async function openWallet(
  wallet: NodeConfig["wallet"],
  environment: NodeJS.ProcessEnv,
  clock: Clock,
  signal?: AbortSignal,
): Promise<Wallet> {
  if (wallet.remote !== undefined) {
    const { url, address } = wallet.remote;
    const remote = await openRemoteWallet({
      url,
      address,
      clock,
      ...(signal === undefined ? {} : { signal }),
    });
    return { signer: remote.signer, sender: async () => remote.sender };
  }
  const privateKey =
    wallet.private_key === undefined
      ? await readKeystore(wallet.keystore, passphraseFor(wallet.passphrase_file, environment))
      : fromHex(wallet.private_key);
  return { signer: createLocalSigner(privateKey), sender: () => createLocalSender(privateKey) };
}
