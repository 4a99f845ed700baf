// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The network's token. The whole supply is made at deployment; nobody can make more.
contract NCNToken is ERC20, ERC20Permit {
    constructor(uint256 initialSupply) ERC20("NCN Token", "NCN") ERC20Permit("NCN Token") {
        _mint(msg.sender, initialSupply);
    }
}
