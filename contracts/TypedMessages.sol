// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice Round 1: validators agree to a task's terms before anyone pays.
struct PreprocessingValidation {
    string requestId;
    address client;
    address gatewayWallet;
    string computeNodeId;
    address computeNodeWallet;
    uint256 computePriceWei;
    uint256 gatewayGasWei;
    uint256 validatorRewardWei;
    uint256 treasuryFeeWei;
    uint64 expiryTimestamp;
}

/// @notice A compute node's own word on its result.
struct ComputeCompletion {
    string requestId;
    string modelUuid;
    bytes32 resultHash;
    uint64 completionTimestamp;
    uint64 computationTimeMs;
}

/// @notice Round 2: validators agree to a result.
struct CompletionValidation {
    string requestId;
    address computeNodeWallet;
    bytes32 resultHash;
    uint64 completionTimestamp;
    uint64 computationTimeMs;
}

/// @notice Validators agree that a task goes to another compute node.
struct Reassignment {
    string requestId;
    address client;
    uint32 attempt;
    string computeNodeId;
    address computeNodeWallet;
    uint64 deadline;
}

/// @title EIP-712 struct hashes of the messages that validators and compute nodes sign.
library TypedMessages {
    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant PREPROCESSING_TYPEHASH = keccak256(
        "PreprocessingValidation(string requestId,address client,address gatewayWallet,string computeNodeId,address computeNodeWallet,uint256 computePriceWei,uint256 gatewayGasWei,uint256 validatorRewardWei,uint256 treasuryFeeWei,uint64 expiryTimestamp)"
    );
    bytes32 private constant COMPUTE_TYPEHASH = keccak256(
        "ComputeCompletion(string requestId,string modelUuid,bytes32 resultHash,uint64 completionTimestamp,uint64 computationTimeMs)"
    );
    bytes32 private constant COMPLETION_TYPEHASH = keccak256(
        "CompletionValidation(string requestId,address computeNodeWallet,bytes32 resultHash,uint64 completionTimestamp,uint64 computationTimeMs)"
    );
    bytes32 private constant REASSIGNMENT_TYPEHASH = keccak256(
        "Reassignment(string requestId,address client,uint32 attempt,string computeNodeId,address computeNodeWallet,uint64 deadline)"
    );

    /// @notice Domain { name "Countersign", version "1" } of this chain and the given contract.
    function domainSeparator(address verifyingContract) internal view returns (bytes32) {
        return keccak256(
            abi.encode(DOMAIN_TYPEHASH, keccak256("Countersign"), keccak256("1"), block.chainid, verifyingContract)
        );
    }

    function digest(bytes32 separator, bytes32 structHash) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    // Hashed in two parts: ten words at once are more than the compiler's stack holds.
    function hash(PreprocessingValidation calldata m) internal pure returns (bytes32) {
        bytes memory head = abi.encode(
            PREPROCESSING_TYPEHASH,
            keccak256(bytes(m.requestId)),
            m.client,
            m.gatewayWallet,
            keccak256(bytes(m.computeNodeId)),
            m.computeNodeWallet
        );
        bytes memory tail = abi.encode(
            m.computePriceWei, m.gatewayGasWei, m.validatorRewardWei, m.treasuryFeeWei, m.expiryTimestamp
        );
        return keccak256(bytes.concat(head, tail));
    }

    function hash(ComputeCompletion calldata m) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COMPUTE_TYPEHASH,
                keccak256(bytes(m.requestId)),
                keccak256(bytes(m.modelUuid)),
                m.resultHash,
                m.completionTimestamp,
                m.computationTimeMs
            )
        );
    }

    function hash(CompletionValidation calldata m) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                COMPLETION_TYPEHASH,
                keccak256(bytes(m.requestId)),
                m.computeNodeWallet,
                m.resultHash,
                m.completionTimestamp,
                m.computationTimeMs
            )
        );
    }

    function hash(Reassignment calldata m) internal pure returns (bytes32) {
        return keccak256(
            abi.encode(
                REASSIGNMENT_TYPEHASH,
                keccak256(bytes(m.requestId)),
                m.client,
                m.attempt,
                keccak256(bytes(m.computeNodeId)),
                m.computeNodeWallet,
                m.deadline
            )
        );
    }
}
