"""The worked example of docs/interop.md, computed. Prints one JSON object."""

import hashlib
import json

import reference_pb2 as pb

import eip712
from attestations import compute_digest
from calls import signed
from network import Network
from wallet import Wallet

GENESIS = {
    "name": "example",
    "protocol_version": 1,
    "devnet": True,
    "chain": {
        "chain_id": 31337,
        "token": "0x5fbdb2315678afecb367f032d93f642f64180aa3",
        "validator_registry": "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512",
        "inference_payment": "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0",
        "treasury": "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
        "confirmations": 1,
    },
    "validators": [],
    "cosign": {"asked": 5, "required": 3, "deadline_ms": 5000},
    "split_bps": {"gateway": 1000, "validators": 500, "treasury": 500},
    "deadlines_sec": {"payment": 120, "execution": 120, "lease": 30, "validation": 60},
    "subnet_fee": {
        "base_wei": "1000000000000000000",
        "per_model_wei": "100000000000000000",
        "per_token_wei": "1000000000000",
        "free_tokens": 4096,
    },
}
PRIVATE_KEY = "0x" + "11" * 32
TIMESTAMP = 1_700_000_000
NONCE = bytes(range(32))


def main():
    network = Network(GENESIS)
    wallet = Wallet(bytes.fromhex(PRIVATE_KEY[2:]))
    body = pb.TaskID(id="task-1").SerializeToString()
    request = {
        "network": network.id,
        "operation": "GetTask",
        "bodyHash": hashlib.sha256(body).digest(),
        "timestamp": TIMESTAMP,
        "nonce": NONCE,
    }
    output = '{"text":"HELLO"}'
    completion = pb.ComputeCompletion(
        request_id="task-1",
        result_hash=hashlib.sha256(output.encode()).digest(),
        completion_timestamp=TIMESTAMP,
        computation_time_ms=1234,
    )
    digest = compute_digest(network, "capitals", completion)
    print(
        json.dumps(
            {
                "genesis": GENESIS,
                "private_key": PRIVATE_KEY,
                "address": wallet.address,
                "network": network.id,
                "domain_separator": "0x" + network.separator.hex(),
                "call": {
                    "body": "0x" + body.hex(),
                    "body_hash": "0x" + request["bodyHash"].hex(),
                    "struct_hash": "0x" + eip712.hash_struct(eip712.CLIENT_REQUEST, request).hex(),
                    "digest": "0x" + network.digest(eip712.CLIENT_REQUEST, request).hex(),
                    "headers": dict(
                        signed(network, wallet, "GetTask", body, timestamp=TIMESTAMP, nonce=NONCE)
                    ),
                },
                "completion": {
                    "output_data": output,
                    "result_hash": "0x" + completion.result_hash.hex(),
                    "digest": "0x" + digest.hex(),
                    "signature": "0x" + wallet.sign(digest).hex(),
                },
            }
        )
    )


if __name__ == "__main__":
    main()
