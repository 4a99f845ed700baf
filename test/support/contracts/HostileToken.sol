// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title A token that calls back while it moves, and that refuses some recipients. For tests.
contract HostileToken is ERC20 {
    address private _target;
    bytes private _payload;
    mapping(address => bool) public isRefused;
    uint256 public attempts;
    bool public hasReentered;
    bytes public answer;

    constructor(uint256 supply) ERC20("Hostile", "HOS") {
        _mint(msg.sender, supply);
    }

    /// @notice From now on each transfer calls `target` with `payload` and keeps the answer.
    function callBack(address target, bytes calldata payload) external {
        _target = target;
        _payload = payload;
        attempts = 0;
    }

    function refuse(address recipient, bool refused) external {
        isRefused[recipient] = refused;
    }

    function _update(address from, address to, uint256 value) internal override {
        require(!isRefused[to], "refused");
        super._update(from, to, value);
        if (_target == address(0)) return;
        attempts++;
        (bool ok, bytes memory data) = _target.call(_payload);
        if (ok) hasReentered = true;
        answer = data;
    }
}
