"""EIP-712 digests of the network's typed messages. All of them are flat, which leaves little to do."""

from wallet import keccak256

CLIENT_REQUEST = "ClientRequest(string network,string operation,bytes32 bodyHash,uint64 timestamp,bytes32 nonce)"
COMPUTE_COMPLETION = (
    "ComputeCompletion(string requestId,string modelUuid,bytes32 resultHash,"
    "uint64 completionTimestamp,uint64 computationTimeMs)"
)
PREPROCESSING_VALIDATION = (
    "PreprocessingValidation(string requestId,address client,address gatewayWallet,string computeNodeId,"
    "address computeNodeWallet,uint256 computePriceWei,uint256 gatewayGasWei,uint256 validatorRewardWei,"
    "uint256 treasuryFeeWei,uint64 expiryTimestamp)"
)
COMPLETION_VALIDATION = (
    "CompletionValidation(string requestId,address computeNodeWallet,bytes32 resultHash,"
    "uint64 completionTimestamp,uint64 computationTimeMs)"
)
DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"


def word(kind, value):
    if kind == "string":
        return keccak256(value.encode())
    if kind == "bytes32":
        assert len(value) == 32
        return value
    return (int(value, 16) if kind == "address" else int(value)).to_bytes(32, "big")


def hash_struct(kind, values):
    fields = kind[kind.index("(") + 1 : -1].split(",")
    words = [word(field.split(" ")[0], values[field.split(" ")[1]]) for field in fields]
    return keccak256(keccak256(kind.encode()) + b"".join(words))


def domain_separator(chain_id, contract):
    values = {"name": "Countersign", "version": "1", "chainId": chain_id, "verifyingContract": contract}
    return hash_struct(DOMAIN, values)


def digest(separator, kind, values):
    return keccak256(b"\x19\x01" + separator + hash_struct(kind, values))
