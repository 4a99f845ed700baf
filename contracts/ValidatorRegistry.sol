// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import {
    CompletionValidation,
    ComputeCompletion,
    PreprocessingValidation,
    Reassignment,
    TypedMessages
} from "./TypedMessages.sol";

/// @title Who may co-sign, with what stake, and what it costs to sign falsely.
/// @notice What signatures prove is slashed by anyone; the rest is a case that the owner decides. The owner can do nothing else.
contract ValidatorRegistry is Ownable2Step, ReentrancyGuard {
    using SafeERC20 for IERC20;
    using EnumerableSet for EnumerableSet.AddressSet;
    using TypedMessages for PreprocessingValidation;
    using TypedMessages for ComputeCompletion;
    using TypedMessages for CompletionValidation;
    using TypedMessages for Reassignment;

    enum Status {
        None,
        Active,
        Unbonding,
        Slashed,
        Withdrawn
    }

    enum Offence {
        Equivocation,
        InvalidSignature,
        WrongResult,
        Collusion,
        Downtime
    }

    enum CaseState {
        None,
        Open,
        Upheld,
        Dismissed
    }

    struct Validator {
        uint256 stakeWei;
        Status status;
        uint64 registeredAt;
        // Unix seconds from which the stake of a validator that left may be withdrawn.
        uint64 withdrawableAt;
        // Accusations without an end; they hold the stake.
        uint32 openAccusations;
    }

    /// @notice A claim that a validator approved another result than the compute node signed.
    struct Accusation {
        address validator;
        uint64 answerableUntil;
        CaseState state;
        address computeNodeWallet;
        // Of the approved result: request id, result hash and both times.
        bytes32 resultKey;
    }

    struct Case {
        address validator;
        address openedBy;
        Offence offence;
        CaseState state;
        bytes32 evidenceHash;
    }

    uint256 private constant BASIS_POINTS = 10_000;

    IERC20 public immutable token;
    /// @notice Slashed stake goes here.
    address public immutable treasury;
    /// @notice The contract in whose EIP-712 domain validators sign.
    address public immutable payment;
    uint256 public immutable minimumStake;
    /// @notice M: signatures of distinct active validators that a message needs. Never 0.
    uint256 public immutable threshold;
    uint64 public immutable unbondingSeconds;
    /// @notice How long an accused validator, or anyone, may show the compute node's matching signature.
    uint64 public immutable answerSeconds;

    mapping(address => Validator) private _validators;
    EnumerableSet.AddressSet private _active;
    // Everyone who ever staked, so that one call tells a node of leavers and slashed ones too.
    EnumerableSet.AddressSet private _known;
    /// @notice Offences already punished; one subject is punished once however many pairs of signatures prove it.
    mapping(bytes32 offenceKey => bool) public punished;
    mapping(bytes32 id => Accusation) public accusations;
    Case[] private _cases;

    event ValidatorRegistered(address indexed validator, uint256 addedWei, uint256 stakeWei);
    event ValidatorUnregistered(address indexed validator, uint256 stakeWei, uint64 withdrawableAt);
    event StakeWithdrawn(address indexed validator, uint256 amountWei);
    event ValidatorSlashed(
        address indexed validator,
        Offence indexed offence,
        uint256 amountWei,
        uint256 stakeWei,
        Status status,
        address reporter
    );
    event AccusationOpened(
        bytes32 indexed id,
        address indexed validator,
        address indexed computeNodeWallet,
        string requestId,
        uint64 answerableUntil
    );
    /// @notice The compute node signed both results: the validator is cleared, the node is exposed.
    event AccusationDismissed(bytes32 indexed id, address indexed validator, address indexed computeNodeWallet);
    event AccusationUpheld(bytes32 indexed id, address indexed validator, address indexed computeNodeWallet);
    event CaseOpened(
        uint256 indexed caseId, address indexed validator, Offence offence, bytes32 evidenceHash, address openedBy
    );
    event CaseDecided(uint256 indexed caseId, address indexed validator, bool isUpheld);

    error ParameterInvalid(string name);
    error StakeTooLow(uint256 stakeWei, uint256 minimumWei);
    error NotActive(address validator);
    error StillUnbonding(uint64 withdrawableAt);
    error StakeHeld(uint32 openAccusations);
    error NothingStaked(address validator);
    error MustWithdrawFirst();
    error MustUnregisterFirst();
    error SignatureInvalid();
    error SignerMismatch(address first, address second);
    error NotConflicting();
    error NotMatching();
    error AlreadyPunished(bytes32 offenceKey);
    error AccusationUnknown(bytes32 id);
    error AccusationExists(bytes32 id);
    error AnswerTooEarlyToClose(uint64 answerableUntil);
    error AnswerTooLate(uint64 answerableUntil);
    error CaseNotOpen(uint256 caseId);

    constructor(
        IERC20 token_,
        address treasury_,
        address payment_,
        uint256 minimumStake_,
        uint256 threshold_,
        uint64 unbondingSeconds_,
        uint64 answerSeconds_,
        address owner_
    ) Ownable(owner_) {
        if (address(token_) == address(0)) revert ParameterInvalid("token");
        if (treasury_ == address(0)) revert ParameterInvalid("treasury");
        if (payment_ == address(0)) revert ParameterInvalid("payment");
        if (minimumStake_ == 0) revert ParameterInvalid("minimumStake");
        if (threshold_ == 0) revert ParameterInvalid("threshold");
        token = token_;
        treasury = treasury_;
        payment = payment_;
        minimumStake = minimumStake_;
        threshold = threshold_;
        unbondingSeconds = unbondingSeconds_;
        answerSeconds = answerSeconds_;
    }

    // ---- the set ----

    function isActive(address validator) external view returns (bool) {
        return _active.contains(validator);
    }

    function activeCount() external view returns (uint256) {
        return _active.length();
    }

    function activeAt(uint256 index) external view returns (address) {
        return _active.at(index);
    }

    /// @notice A page of everyone who ever staked, in the order of their coming; fewer than `limit` at the end.
    function validators(uint256 offset, uint256 limit)
        external
        view
        returns (address[] memory addresses, Validator[] memory entries)
    {
        addresses = _known.values(offset, offset + limit);
        entries = new Validator[](addresses.length);
        for (uint256 i = 0; i < addresses.length; ++i) entries[i] = _validators[addresses[i]];
    }

    function validatorOf(address validator) external view returns (Validator memory) {
        return _validators[validator];
    }

    // ---- in and out ----

    /// @notice Stakes and joins; an active validator adds to its stake. The caller has approved the amount.
    function registerValidator(uint256 stake) external nonReentrant {
        _register(stake);
    }

    /// @notice As `registerValidator`, with an ERC-2612 permit in the same transaction.
    function registerWithPermit(uint256 stake, uint256 permitDeadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        // A permit that somebody else spent first leaves the allowance standing.
        try IERC20Permit(address(token)).permit(msg.sender, address(this), stake, permitDeadline, v, r, s) {} catch {}
        _register(stake);
    }

    /// @notice Leaves the set at once; the stake can be withdrawn, and still be slashed, until the unbonding time is over.
    function unregisterValidator() external nonReentrant {
        if (!_active.contains(msg.sender)) revert NotActive(msg.sender);
        Validator storage validator = _validators[msg.sender];
        _leave(msg.sender, validator, Status.Unbonding);
        emit ValidatorUnregistered(msg.sender, validator.stakeWei, validator.withdrawableAt);
    }

    /// @notice Takes out the stake after the unbonding time, unless an accusation is open.
    function withdrawStake() external nonReentrant {
        Validator storage validator = _validators[msg.sender];
        uint256 amount = validator.stakeWei;
        if (validator.status == Status.Active) revert MustUnregisterFirst();
        if (amount == 0) revert NothingStaked(msg.sender);
        if (block.timestamp < validator.withdrawableAt) revert StillUnbonding(validator.withdrawableAt);
        if (validator.openAccusations > 0) revert StakeHeld(validator.openAccusations);
        validator.stakeWei = 0;
        validator.status = Status.Withdrawn;
        emit StakeWithdrawn(msg.sender, amount);
        token.safeTransfer(msg.sender, amount);
    }

    // ---- what signatures prove ----

    /// @notice Slashes a validator that signed two different terms for one client's request.
    function slashPreprocessing(
        PreprocessingValidation calldata a,
        bytes calldata signatureA,
        PreprocessingValidation calldata b,
        bytes calldata signatureB
    ) external nonReentrant {
        if (a.client != b.client || !_equal(a.requestId, b.requestId)) revert NotConflicting();
        bytes32 subject = keccak256(abi.encode("PreprocessingValidation", a.client, a.requestId));
        _slashEquivocation(subject, a.hash(), signatureA, b.hash(), signatureB);
    }

    /// @notice Slashes a validator that signed two different results of one paid request.
    function slashCompletion(
        CompletionValidation calldata a,
        bytes calldata signatureA,
        CompletionValidation calldata b,
        bytes calldata signatureB
    ) external nonReentrant {
        if (!_equal(a.requestId, b.requestId)) revert NotConflicting();
        bytes32 subject = keccak256(abi.encode("CompletionValidation", a.requestId));
        _slashEquivocation(subject, a.hash(), signatureA, b.hash(), signatureB);
    }

    /// @notice Slashes a validator that gave one attempt of a request to two nodes.
    function slashReassignment(
        Reassignment calldata a,
        bytes calldata signatureA,
        Reassignment calldata b,
        bytes calldata signatureB
    ) external nonReentrant {
        if (a.client != b.client || a.attempt != b.attempt || !_equal(a.requestId, b.requestId)) {
            revert NotConflicting();
        }
        bytes32 subject = keccak256(abi.encode("Reassignment", a.client, a.requestId, a.attempt));
        _slashEquivocation(subject, a.hash(), signatureA, b.hash(), signatureB);
    }

    /// @notice Accuses a validator of approving a result other than the one its compute node signed.
    /// @dev Not slashed at once: a compute node could sign one result for the validators and a second against them.
    function accuse(
        CompletionValidation calldata approved,
        bytes calldata validatorSignature,
        ComputeCompletion calldata computed,
        bytes calldata computeSignature
    ) external nonReentrant returns (bytes32 id) {
        if (!_equal(approved.requestId, computed.requestId) || approved.resultHash == computed.resultHash) {
            revert NotConflicting();
        }
        bytes32 approvedHash = approved.hash();
        address validator = _signer(approvedHash, validatorSignature);
        address computeNode = _signer(computed.hash(), computeSignature);
        if (computeNode != approved.computeNodeWallet) revert SignerMismatch(computeNode, approved.computeNodeWallet);
        if (_validators[validator].stakeWei == 0) revert NothingStaked(validator);
        id = keccak256(abi.encode(validator, approvedHash));
        if (accusations[id].state != CaseState.None) revert AccusationExists(id);

        uint64 until = uint64(block.timestamp) + answerSeconds;
        accusations[id] = Accusation(validator, until, CaseState.Open, computeNode, _resultKey(approved));
        _validators[validator].openAccusations += 1;
        emit AccusationOpened(id, validator, computeNode, approved.requestId, until);
    }

    /// @notice Clears the accused by the compute node's signature over the very result that was approved. Anyone may.
    function answerAccusation(bytes32 id, ComputeCompletion calldata computed, bytes calldata computeSignature)
        external
        nonReentrant
    {
        Accusation storage accusation = _openAccusation(id);
        if (block.timestamp > accusation.answerableUntil) revert AnswerTooLate(accusation.answerableUntil);
        if (_resultKey(computed) != accusation.resultKey) revert NotMatching();
        address signer = _signer(computed.hash(), computeSignature);
        if (signer != accusation.computeNodeWallet) revert SignerMismatch(signer, accusation.computeNodeWallet);
        accusation.state = CaseState.Dismissed;
        _validators[accusation.validator].openAccusations -= 1;
        emit AccusationDismissed(id, accusation.validator, signer);
    }

    /// @notice Slashes the accused after the time to answer is over. Anyone may.
    function closeAccusation(bytes32 id) external nonReentrant {
        Accusation storage accusation = _openAccusation(id);
        if (block.timestamp <= accusation.answerableUntil) revert AnswerTooEarlyToClose(accusation.answerableUntil);
        accusation.state = CaseState.Upheld;
        _validators[accusation.validator].openAccusations -= 1;
        emit AccusationUpheld(id, accusation.validator, accusation.computeNodeWallet);
        // Another offence may have taken the whole stake meanwhile.
        if (_validators[accusation.validator].stakeWei > 0) _slash(accusation.validator, Offence.WrongResult);
    }

    // ---- what a contract cannot verify ----

    /// @notice Puts a case before the owner. Active validators and the owner may; nothing is held or taken by it.
    function openCase(address validator, Offence offence, bytes32 evidenceHash) external returns (uint256 caseId) {
        if (msg.sender != owner() && !_active.contains(msg.sender)) revert NotActive(msg.sender);
        if (_validators[validator].stakeWei == 0) revert NothingStaked(validator);
        caseId = _cases.length;
        _cases.push(Case(validator, msg.sender, offence, CaseState.Open, evidenceHash));
        emit CaseOpened(caseId, validator, offence, evidenceHash, msg.sender);
    }

    /// @notice Decides a case; an upheld one takes the share of stake that its offence costs.
    function decideCase(uint256 caseId, bool isUpheld) external onlyOwner nonReentrant {
        if (caseId >= _cases.length || _cases[caseId].state != CaseState.Open) revert CaseNotOpen(caseId);
        Case storage open = _cases[caseId];
        open.state = isUpheld ? CaseState.Upheld : CaseState.Dismissed;
        emit CaseDecided(caseId, open.validator, isUpheld);
        if (!isUpheld) return;
        if (_validators[open.validator].stakeWei == 0) revert NothingStaked(open.validator);
        _slash(open.validator, open.offence);
    }

    function caseCount() external view returns (uint256) {
        return _cases.length;
    }

    function caseOf(uint256 caseId) external view returns (Case memory) {
        return _cases[caseId];
    }

    /// @notice Share of the stake that an offence costs, in basis points.
    function slashShare(Offence offence) public pure returns (uint256) {
        if (offence == Offence.Collusion) return 10_000;
        if (offence == Offence.WrongResult) return 3_000;
        if (offence == Offence.Downtime) return 1_000;
        return 5_000;
    }

    function domainSeparator() public view returns (bytes32) {
        return TypedMessages.domainSeparator(payment);
    }

    function _register(uint256 stake) private {
        Validator storage validator = _validators[msg.sender];
        bool joins = validator.status != Status.Active;
        // A validator that lost everything has nothing to withdraw and may begin anew.
        if (joins && (validator.stakeWei > 0 || validator.openAccusations > 0)) revert MustWithdrawFirst();
        uint256 total = validator.stakeWei + stake;
        if (stake == 0 || total < minimumStake) revert StakeTooLow(total, minimumStake);
        if (joins) {
            validator.status = Status.Active;
            validator.registeredAt = uint64(block.timestamp);
            validator.withdrawableAt = 0;
            _active.add(msg.sender);
            _known.add(msg.sender);
        }
        validator.stakeWei = total;
        emit ValidatorRegistered(msg.sender, stake, total);
        token.safeTransferFrom(msg.sender, address(this), stake);
    }

    function _leave(address account, Validator storage validator, Status status) private {
        if (_active.remove(account)) validator.withdrawableAt = uint64(block.timestamp) + unbondingSeconds;
        validator.status = status;
    }

    function _slashEquivocation(
        bytes32 subject,
        bytes32 hashA,
        bytes calldata signatureA,
        bytes32 hashB,
        bytes calldata signatureB
    ) private {
        if (hashA == hashB) revert NotConflicting();
        address validator = _signer(hashA, signatureA);
        address second = _signer(hashB, signatureB);
        if (validator != second) revert SignerMismatch(validator, second);
        bytes32 offenceKey = keccak256(abi.encode(validator, subject));
        if (punished[offenceKey]) revert AlreadyPunished(offenceKey);
        punished[offenceKey] = true;
        if (_validators[validator].stakeWei == 0) revert NothingStaked(validator);
        _slash(validator, Offence.Equivocation);
    }

    /// @dev A slashed validator leaves the set; only after downtime does it stay, while its stake still suffices.
    function _slash(address account, Offence offence) private {
        Validator storage validator = _validators[account];
        uint256 amount = (validator.stakeWei * slashShare(offence)) / BASIS_POINTS;
        validator.stakeWei -= amount;
        bool stays = offence == Offence.Downtime && validator.status == Status.Active
            && validator.stakeWei >= minimumStake;
        if (!stays) _leave(account, validator, Status.Slashed);
        emit ValidatorSlashed(account, offence, amount, validator.stakeWei, validator.status, msg.sender);
        token.safeTransfer(treasury, amount);
    }

    function _openAccusation(bytes32 id) private view returns (Accusation storage accusation) {
        accusation = accusations[id];
        if (accusation.state != CaseState.Open) revert AccusationUnknown(id);
    }

    function _signer(bytes32 structHash, bytes calldata signature) private view returns (address) {
        (address signer, ECDSA.RecoverError problem,) =
            ECDSA.tryRecover(TypedMessages.digest(domainSeparator(), structHash), signature);
        if (problem != ECDSA.RecoverError.NoError) revert SignatureInvalid();
        return signer;
    }

    function _resultKey(CompletionValidation calldata m) private pure returns (bytes32) {
        return keccak256(abi.encode(m.requestId, m.resultHash, m.completionTimestamp, m.computationTimeMs));
    }

    function _resultKey(ComputeCompletion calldata m) private pure returns (bytes32) {
        return keccak256(abi.encode(m.requestId, m.resultHash, m.completionTimestamp, m.computationTimeMs));
    }

    function _equal(string calldata a, string calldata b) private pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
