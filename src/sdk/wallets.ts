import { fromHex, toHex } from "../base/bytes.ts";
import { domainName, type TypedField, typedFields } from "../proof/typed-fields.ts";
import { badArgument, SdkError } from "./errors.ts";

export interface TypedDomain {
  readonly name: string;
  readonly version: string;
  readonly chainId: number;
  readonly verifyingContract: string;
}

/** A wallet that signs calls. A signer of ethers is one as it is. */
export interface Wallet {
  readonly address: string;
  /** EIP-712; 65 bytes in hex. */
  signTypedData(
    domain: TypedDomain,
    types: Record<string, { name: string; type: string }[]>,
    value: Record<string, unknown>,
  ): Promise<string>;
}

/** A wallet that can pay. A signer of ethers with a provider is one as it is. */
export interface PayingWallet extends Wallet {
  sendTransaction(transaction: { to: string; data: string }): Promise<{ readonly hash: string }>;
  /** Has `send(method, params)`, as the JSON-RPC providers of ethers do. */
  readonly provider?: unknown;
}

/** EIP-1193: what a wallet in a browser hands to pages. */
export interface Eip1193Provider {
  request(call: { method: string; params?: unknown[] }): Promise<unknown>;
}

const addressPattern = /^0x[0-9a-fA-F]{40}$/;

/**
 * The wallet of a browser; asks its owner for an account where none is given.
 * @throws SdkError UNAUTHENTICATED when the owner refuses
 */
export async function browserWallet(provider: Eip1193Provider, address?: string): Promise<PayingWallet> {
  const account = address ?? (await firstAccount(provider));
  if (!addressPattern.test(account)) throw badArgument("address", account, "0x and 40 hex digits");
  return {
    address: account.toLowerCase(),
    async signTypedData(domain, types, message) {
      const [primaryType = ""] = Object.keys(types);
      const text = JSON.stringify({
        domain,
        types: { EIP712Domain: domainTypes, ...types },
        primaryType,
        message,
      });
      return String(await provider.request({ method: "eth_signTypedData_v4", params: [account, text] }));
    },
    async sendTransaction({ to, data }) {
      const params = [{ from: account, to, data }];
      return { hash: String(await provider.request({ method: "eth_sendTransaction", params })) };
    },
    provider: { send: (method: string, params: unknown[]) => provider.request({ method, params }) },
  };
}

const domainTypes = [
  { name: "name", type: "string" },
  { name: "version", type: "string" },
  { name: "chainId", type: "uint256" },
  { name: "verifyingContract", type: "address" },
];

async function firstAccount(provider: Eip1193Provider): Promise<string> {
  let accounts: unknown;
  try {
    accounts = await provider.request({ method: "eth_requestAccounts" });
  } catch (cause) {
    throw new SdkError("UNAUTHENTICATED", "the wallet shows no account", { cause });
  }
  const [first] = Array.isArray(accounts) ? (accounts as unknown[]) : [];
  if (typeof first === "string") return first;
  throw new SdkError("UNAUTHENTICATED", "the wallet has no account");
}

/**
 * A wallet whose key lies in this program: it signs calls. It sends no transactions; to pay, take a signer of ethers.
 * @throws SdkError INVALID_ARGUMENT when the text is no key
 */
export async function privateKeyWallet(privateKey: string): Promise<Wallet> {
  const key = privateKey.startsWith("0x") ? privateKey.slice(2) : privateKey;
  // Never shown, not even a wrong one.
  if (!/^[0-9a-fA-F]{64}$/.test(key)) throw badArgument("privateKey", "…", "32 bytes in hex");
  const [{ createDigestSigner }, { typedMessage }] = await Promise.all([
    import("../proof/wallet.ts"),
    import("../proof/typed-messages.ts"),
  ]);
  let signer: ReturnType<typeof createDigestSigner>;
  try {
    signer = createDigestSigner(fromHex(key));
  } catch {
    throw badArgument("privateKey", "…", "a key of secp256k1");
  }
  return {
    address: signer.address,
    async signTypedData(domain, types, value) {
      const [name = ""] = Object.keys(types);
      if (domain.name !== domainName || !isTypedName(name))
        throw badArgument("types", name, "one of this network's own typed messages");
      const fields: readonly TypedField[] = typedFields[name];
      const bytesAsBytes = fields.map((field) => {
        const one = value[field.name];
        return [field.name, field.type === "bytes32" ? fromHex(String(one)) : one];
      });
      const { digest } = typedMessage(domain, name, Object.fromEntries(bytesAsBytes));
      return toHex(signer.signDigest(digest));
    },
  };
}

const isTypedName = (name: string): name is keyof typeof typedFields => Object.hasOwn(typedFields, name);
