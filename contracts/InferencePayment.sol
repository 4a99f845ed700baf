// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {ValidatorRegistry} from "./ValidatorRegistry.sol";
import {CompletionValidation, PreprocessingValidation, TypedMessages} from "./TypedMessages.sol";

/// @title Escrow of inference requests: in by one co-signed message, out by another, back after expiry.
/// @notice No owner, no upgrade, no pause: only signatures of the registry's validators and time move money.
contract InferencePayment is ReentrancyGuard {
    using SafeERC20 for IERC20;
    using TypedMessages for PreprocessingValidation;
    using TypedMessages for CompletionValidation;

    enum State {
        None,
        Paid,
        Completed,
        Refunded
    }

    enum RefundReason {
        Expired,
        Failed
    }

    struct Escrow {
        address payer;
        uint64 expiry;
        State state;
        address client;
        // Blocks of payment and of payout or refund, so that a reader finds the events without searching.
        uint48 paidBlock;
        uint48 closedBlock;
        address gateway;
        uint256 computeWei;
        uint256 gatewayWei;
        uint256 validatorWei;
        uint256 treasuryWei;
        bytes32 validationDigest;
    }

    /// @notice Duplicates are found by comparing all pairs; beyond this many that would cost more than it could earn.
    uint256 public constant MAX_SIGNATURES = 100;
    /// @notice Ids are repeated in events; this bounds what a log reader must hold.
    uint256 public constant MAX_REQUEST_ID_BYTES = 256;

    IERC20 public immutable token;
    ValidatorRegistry public immutable registry;
    address public immutable treasury;

    /// @notice Amounts that could not be sent, waiting for their owner's `withdraw`.
    mapping(address recipient => uint256) public withdrawable;
    mapping(bytes32 key => Escrow) private _escrows;

    event InferenceInitiated(
        bytes32 indexed key,
        string requestId,
        address indexed payer,
        address client,
        address indexed gateway,
        uint256 totalWei,
        uint64 expiry,
        bytes32 validationDigest
    );
    event InferenceCompleted(
        bytes32 indexed key,
        string requestId,
        address indexed computeNodeWallet,
        address indexed gateway,
        bytes32 resultHash,
        uint256 computeWei,
        uint256 gatewayWei,
        uint256 rewardPerValidatorWei,
        uint256 treasuryWei,
        address[] validators
    );
    event InferenceRefunded(
        bytes32 indexed key,
        string requestId,
        address indexed payer,
        address indexed gateway,
        uint256 totalWei,
        RefundReason reason
    );
    event PaymentDeferred(address indexed recipient, uint256 amountWei);
    event Withdrawn(address indexed recipient, uint256 amountWei);

    error RequestIdInvalid();
    error RequestIdUsed(bytes32 key);
    error NotPaid(bytes32 key);
    error AlreadyCompleted(bytes32 key);
    error AlreadyRefunded(bytes32 key);
    error NotClient(address client, address caller);
    error NotGateway(address gateway, address caller);
    error Expired(uint64 expiry);
    error NotExpired(uint64 expiry);
    error CompletedTooLate(uint64 completionTimestamp, uint64 expiry);
    error NothingToPay();
    error RecipientInvalid(address recipient);
    error TooManySignatures(uint256 count);
    error SignatureInvalid(uint256 index);
    error SignatureDuplicate(address signer);
    error TooFewSignatures(uint256 counted, uint256 required);
    error RegistryMismatch();
    error NothingToWithdraw();

    constructor(IERC20 token_, ValidatorRegistry registry_, address treasury_) {
        if (registry_.payment() != address(this) || address(registry_.token()) != address(token_)) {
            revert RegistryMismatch();
        }
        if (treasury_ == address(0)) revert RecipientInvalid(treasury_);
        token = token_;
        registry = registry_;
        treasury = treasury_;
    }

    /// @notice The escrow's key on chain.
    function keyOf(string calldata requestId) public pure returns (bytes32) {
        return keccak256(bytes(requestId));
    }

    function escrowOf(string calldata requestId) external view returns (Escrow memory) {
        return _escrows[keyOf(requestId)];
    }

    function escrows(bytes32 key) external view returns (Escrow memory) {
        return _escrows[key];
    }

    function domainSeparator() public view returns (bytes32) {
        return TypedMessages.domainSeparator(address(this));
    }

    /// @notice Takes the total of a co-signed quote from the caller into escrow. The caller has approved it.
    function initiateInferenceRequest(PreprocessingValidation calldata validation, bytes[] calldata signatures)
        external
        nonReentrant
    {
        _initiate(validation, signatures);
    }

    /// @notice As `initiateInferenceRequest`, with an ERC-2612 permit of the caller for the total in the same transaction.
    function initiateWithPermit(
        PreprocessingValidation calldata validation,
        bytes[] calldata signatures,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        // Anyone who sees the permit in the mempool may spend it first; the allowance then stands and the transfer works.
        try IERC20Permit(address(token)).permit(
            msg.sender, address(this), _total(validation), permitDeadline, v, r, s
        ) {} catch {}
        _initiate(validation, signatures);
    }

    /// @notice Pays out a co-signed result. Anyone may bring it: everything it moves is fixed by what validators signed.
    /// @dev Also after expiry, until somebody takes the refund: validators attest that the work was done in time.
    function completeInferenceRequest(CompletionValidation calldata completion, bytes[] calldata signatures)
        external
        nonReentrant
    {
        bytes32 key = keyOf(completion.requestId);
        Escrow storage escrow = _paid(key);
        if (completion.completionTimestamp > escrow.expiry) {
            revert CompletedTooLate(completion.completionTimestamp, escrow.expiry);
        }
        _checkRecipient(completion.computeNodeWallet);
        address[] memory signers =
            _activeSigners(TypedMessages.digest(domainSeparator(), completion.hash()), signatures);
        escrow.state = State.Completed;
        escrow.closedBlock = uint48(block.number);
        _payOut(key, escrow, completion, signers);
    }

    /// @notice Refunds the payer after expiry. Callable by anyone.
    function handleExpiredRequest(string calldata requestId) external nonReentrant {
        bytes32 key = keyOf(requestId);
        Escrow storage escrow = _paid(key);
        if (block.timestamp <= escrow.expiry) revert NotExpired(escrow.expiry);
        _refund(key, requestId, escrow, RefundReason.Expired);
    }

    /// @notice Refunds the payer at once. Only the gateway of the request may give it up.
    function markRequestFailed(string calldata requestId) external nonReentrant {
        bytes32 key = keyOf(requestId);
        Escrow storage escrow = _paid(key);
        if (msg.sender != escrow.gateway) revert NotGateway(escrow.gateway, msg.sender);
        _refund(key, requestId, escrow, RefundReason.Failed);
    }

    /// @notice Sends the caller what could not be sent to it before.
    function withdraw() external nonReentrant {
        uint256 amount = withdrawable[msg.sender];
        if (amount == 0) revert NothingToWithdraw();
        withdrawable[msg.sender] = 0;
        emit Withdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    function _initiate(PreprocessingValidation calldata validation, bytes[] calldata signatures) private {
        uint256 idBytes = bytes(validation.requestId).length;
        if (idBytes == 0 || idBytes > MAX_REQUEST_ID_BYTES) revert RequestIdInvalid();
        bytes32 key = keyOf(validation.requestId);
        if (_escrows[key].state != State.None) revert RequestIdUsed(key);
        if (validation.client != address(0) && validation.client != msg.sender) {
            revert NotClient(validation.client, msg.sender);
        }
        if (block.timestamp > validation.expiryTimestamp) revert Expired(validation.expiryTimestamp);
        _checkRecipient(validation.gatewayWallet);
        uint256 total = _total(validation);
        if (total == 0) revert NothingToPay();
        bytes32 digest = TypedMessages.digest(domainSeparator(), validation.hash());
        _activeSigners(digest, signatures);

        _store(key, validation, digest);
        emit InferenceInitiated(
            key,
            validation.requestId,
            msg.sender,
            validation.client,
            validation.gatewayWallet,
            total,
            validation.expiryTimestamp,
            digest
        );
        token.safeTransferFrom(msg.sender, address(this), total);
    }

    function _store(bytes32 key, PreprocessingValidation calldata validation, bytes32 digest) private {
        Escrow storage escrow = _escrows[key];
        escrow.payer = msg.sender;
        escrow.expiry = validation.expiryTimestamp;
        escrow.state = State.Paid;
        escrow.client = validation.client;
        escrow.paidBlock = uint48(block.number);
        escrow.gateway = validation.gatewayWallet;
        escrow.computeWei = validation.computePriceWei;
        escrow.gatewayWei = validation.gatewayGasWei;
        escrow.validatorWei = validation.validatorRewardWei;
        escrow.treasuryWei = validation.treasuryFeeWei;
        escrow.validationDigest = digest;
    }

    function _payOut(
        bytes32 key,
        Escrow storage escrow,
        CompletionValidation calldata completion,
        address[] memory signers
    ) private {
        uint256 reward = escrow.validatorWei / signers.length;
        uint256 computeWei = escrow.computeWei + (escrow.validatorWei - reward * signers.length);
        emit InferenceCompleted(
            key,
            completion.requestId,
            completion.computeNodeWallet,
            escrow.gateway,
            completion.resultHash,
            computeWei,
            escrow.gatewayWei,
            reward,
            escrow.treasuryWei,
            signers
        );
        _pay(completion.computeNodeWallet, computeWei);
        _pay(escrow.gateway, escrow.gatewayWei);
        _pay(treasury, escrow.treasuryWei);
        for (uint256 i = 0; i < signers.length; ++i) _pay(signers[i], reward);
    }

    function _refund(bytes32 key, string calldata requestId, Escrow storage escrow, RefundReason reason) private {
        uint256 total = escrow.computeWei + escrow.gatewayWei + escrow.validatorWei + escrow.treasuryWei;
        escrow.state = State.Refunded;
        escrow.closedBlock = uint48(block.number);
        emit InferenceRefunded(key, requestId, escrow.payer, escrow.gateway, total, reason);
        _pay(escrow.payer, total);
    }

    /// @dev Sends; what a recipient or its token refuses waits for `withdraw`, so that none can block the others.
    function _pay(address recipient, uint256 amount) private {
        if (amount == 0 || token.trySafeTransfer(recipient, amount)) return;
        withdrawable[recipient] += amount;
        emit PaymentDeferred(recipient, amount);
    }

    function _paid(bytes32 key) private view returns (Escrow storage escrow) {
        escrow = _escrows[key];
        if (escrow.state == State.Completed) revert AlreadyCompleted(key);
        if (escrow.state == State.Refunded) revert AlreadyRefunded(key);
        if (escrow.state == State.None) revert NotPaid(key);
    }

    /// @dev The distinct active validators among the signers. A signer that is no active validator is passed over
    /// instead of refused, so that a validator cannot block a payout by leaving after it signed.
    function _activeSigners(bytes32 digest, bytes[] calldata signatures)
        private
        view
        returns (address[] memory signers)
    {
        if (signatures.length > MAX_SIGNATURES) revert TooManySignatures(signatures.length);
        signers = new address[](signatures.length);
        uint256 count = 0;
        for (uint256 i = 0; i < signatures.length; ++i) {
            (address signer, ECDSA.RecoverError problem,) = ECDSA.tryRecover(digest, signatures[i]);
            if (problem != ECDSA.RecoverError.NoError) revert SignatureInvalid(i);
            for (uint256 j = 0; j < count; ++j) if (signers[j] == signer) revert SignatureDuplicate(signer);
            if (registry.isActive(signer)) signers[count++] = signer;
        }
        uint256 required = registry.threshold();
        if (count < required) revert TooFewSignatures(count, required);
        // Shortens the array in place.
        assembly ("memory-safe") {
            mstore(signers, count)
        }
    }

    function _checkRecipient(address recipient) private view {
        if (recipient == address(0) || recipient == address(this)) revert RecipientInvalid(recipient);
    }

    function _total(PreprocessingValidation calldata v) private pure returns (uint256) {
        return v.computePriceWei + v.gatewayGasWei + v.validatorRewardWei + v.treasuryFeeWei;
    }
}
