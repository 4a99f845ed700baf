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
        // Paid from the payer's deposit, into which a refund then goes.
        bool fromDeposit;
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

    /// @notice What a client has paid in ahead for tasks at one gateway.
    struct Deposit {
        uint256 amountWei;
        // The part of it that leaves once the notice is over; the gateway may still use it until it is taken out.
        uint256 leavingWei;
        uint64 leavesAt;
    }

    /// @notice Longer than a gateway takes from quoting a task to paying it, so that no deposit vanishes in between.
    uint64 public constant WITHDRAWAL_NOTICE = 1 hours;
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
    mapping(address client => mapping(address gateway => Deposit)) private _deposits;

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
    /// @notice Also of a refund that went back into a deposit.
    event Deposited(address indexed client, address indexed gateway, uint256 amountWei);
    event WithdrawalAnnounced(address indexed client, address indexed gateway, uint256 amountWei, uint64 leavesAt);
    event DepositWithdrawn(address indexed client, address indexed gateway, uint256 amountWei);

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
    error NothingToDeposit();
    error DepositTooSmall(uint256 depositWei, uint256 neededWei);
    error NoticeRunning(uint64 leavesAt);

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

    function depositOf(address client, address gateway) external view returns (Deposit memory) {
        return _deposits[client][gateway];
    }

    /// @notice What a gateway may count on when it quotes: the deposit without what has been announced to leave.
    function prepaidOf(address client, address gateway) external view returns (uint256) {
        Deposit storage held = _deposits[client][gateway];
        return held.amountWei - held.leavingWei;
    }

    function domainSeparator() public view returns (bytes32) {
        return TypedMessages.domainSeparator(address(this));
    }

    /// @notice Takes the total of a co-signed quote from the caller into escrow. The caller has approved it.
    function initiateInferenceRequest(PreprocessingValidation calldata validation, bytes[] calldata signatures)
        external
        nonReentrant
    {
        _initiateByCaller(validation, signatures);
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
        _initiateByCaller(validation, signatures);
    }

    /// @notice Takes the total of a co-signed quote from its client's deposit. Only the quote's gateway may call it.
    function initiateFromDeposit(PreprocessingValidation calldata validation, bytes[] calldata signatures)
        external
        nonReentrant
    {
        address client = validation.client;
        if (msg.sender != validation.gatewayWallet) revert NotGateway(validation.gatewayWallet, msg.sender);
        if (client == address(0)) revert NotClient(client, msg.sender);
        uint256 total = _initiate(validation, signatures, client, true);
        Deposit storage held = _deposits[client][msg.sender];
        if (held.amountWei < total) revert DepositTooSmall(held.amountWei, total);
        held.amountWei -= total;
        if (held.leavingWei > held.amountWei) held.leavingWei = held.amountWei;
    }

    /// @notice Pays in ahead for tasks at a gateway. The caller has approved it.
    function deposit(address gateway, uint256 amountWei) external nonReentrant {
        _deposit(gateway, amountWei);
    }

    /// @notice As `deposit`, with an ERC-2612 permit of the caller in the same transaction.
    function depositWithPermit(
        address gateway,
        uint256 amountWei,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external nonReentrant {
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amountWei, permitDeadline, v, r, s) {} catch {}
        _deposit(gateway, amountWei);
    }

    /// @notice Says that so much of the caller's deposit shall leave; in place of what was announced before, so 0 takes it back.
    function announceWithdrawal(address gateway, uint256 amountWei) external nonReentrant {
        Deposit storage held = _deposits[msg.sender][gateway];
        if (amountWei > held.amountWei) revert DepositTooSmall(held.amountWei, amountWei);
        held.leavingWei = amountWei;
        held.leavesAt = amountWei == 0 ? 0 : uint64(block.timestamp) + WITHDRAWAL_NOTICE;
        emit WithdrawalAnnounced(msg.sender, gateway, amountWei, held.leavesAt);
    }

    /// @notice Sends the caller what it announced, or what tasks have left of it, once the notice is over.
    function withdrawDeposit(address gateway) external nonReentrant {
        Deposit storage held = _deposits[msg.sender][gateway];
        uint256 amount = held.leavingWei;
        if (amount == 0) revert NothingToWithdraw();
        if (block.timestamp < held.leavesAt) revert NoticeRunning(held.leavesAt);
        held.amountWei -= amount;
        held.leavingWei = 0;
        held.leavesAt = 0;
        emit DepositWithdrawn(msg.sender, gateway, amount);
        token.safeTransfer(msg.sender, amount);
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

    /// @notice Refunds the payer, or the deposit that paid, after expiry. Callable by anyone.
    function handleExpiredRequest(string calldata requestId) external nonReentrant {
        bytes32 key = keyOf(requestId);
        Escrow storage escrow = _paid(key);
        if (block.timestamp <= escrow.expiry) revert NotExpired(escrow.expiry);
        _refund(key, requestId, escrow, RefundReason.Expired);
    }

    /// @notice Refunds the payer, or the deposit that paid, at once. Only the gateway of the request may give it up.
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

    function _initiateByCaller(PreprocessingValidation calldata validation, bytes[] calldata signatures) private {
        if (validation.client != address(0) && validation.client != msg.sender) {
            revert NotClient(validation.client, msg.sender);
        }
        uint256 total = _initiate(validation, signatures, msg.sender, false);
        token.safeTransferFrom(msg.sender, address(this), total);
    }

    /// @dev Opens the escrow. Whoever calls this takes the total from the payer next.
    function _initiate(
        PreprocessingValidation calldata validation,
        bytes[] calldata signatures,
        address payer,
        bool fromDeposit
    ) private returns (uint256 total) {
        bytes32 key = _checkedKey(validation);
        total = _total(validation);
        if (total == 0) revert NothingToPay();
        bytes32 digest = TypedMessages.digest(domainSeparator(), validation.hash());
        _activeSigners(digest, signatures);
        Escrow storage escrow = _escrows[key];
        escrow.payer = payer;
        escrow.fromDeposit = fromDeposit;
        _store(escrow, validation, digest);
        _emitInitiated(key, validation, payer, digest);
    }

    function _checkedKey(PreprocessingValidation calldata validation) private view returns (bytes32 key) {
        uint256 idBytes = bytes(validation.requestId).length;
        if (idBytes == 0 || idBytes > MAX_REQUEST_ID_BYTES) revert RequestIdInvalid();
        key = keyOf(validation.requestId);
        if (_escrows[key].state != State.None) revert RequestIdUsed(key);
        if (block.timestamp > validation.expiryTimestamp) revert Expired(validation.expiryTimestamp);
        _checkRecipient(validation.gatewayWallet);
    }

    function _emitInitiated(bytes32 key, PreprocessingValidation calldata validation, address payer, bytes32 digest)
        private
    {
        emit InferenceInitiated(
            key,
            validation.requestId,
            payer,
            validation.client,
            validation.gatewayWallet,
            _total(validation),
            validation.expiryTimestamp,
            digest
        );
    }

    function _deposit(address gateway, uint256 amountWei) private {
        if (amountWei == 0) revert NothingToDeposit();
        _checkRecipient(gateway);
        _deposits[msg.sender][gateway].amountWei += amountWei;
        emit Deposited(msg.sender, gateway, amountWei);
        token.safeTransferFrom(msg.sender, address(this), amountWei);
    }

    function _store(Escrow storage escrow, PreprocessingValidation calldata validation, bytes32 digest) private {
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
        if (escrow.fromDeposit) {
            _deposits[escrow.payer][escrow.gateway].amountWei += total;
            emit Deposited(escrow.payer, escrow.gateway, total);
        } else {
            _pay(escrow.payer, total);
        }
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
