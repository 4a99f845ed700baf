"""What a network's genesis file says to somebody who signs: the network's id and the EIP-712 domain."""

import hashlib
import json

import eip712

ZERO_ADDRESS = "0x" + "00" * 20


class Network:
    def __init__(self, genesis):
        chain = genesis["chain"] or {}
        # For a genesis, which holds ASCII texts and whole numbers, this is RFC 8785's canonical form.
        canonical = json.dumps(genesis, sort_keys=True, separators=(",", ":"))
        self.id = genesis["name"] + "-" + hashlib.sha256(canonical.encode()).hexdigest()[:8]
        self.required_signatures = genesis["cosign"]["required"]
        self.chain_id = chain.get("chain_id", 0)
        self.token = chain.get("token")
        self.treasury = chain.get("treasury")
        self.payment_contract = chain.get("inference_payment", ZERO_ADDRESS)
        self.separator = eip712.domain_separator(self.chain_id, self.payment_contract)

    def digest(self, kind, values):
        return eip712.digest(self.separator, kind, values)


def read_network(path):
    with open(path) as file:
        return Network(json.load(file))
