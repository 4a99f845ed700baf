"""A client: lists models, submits a task, checks its terms, pays, confirms, follows it, checks the result.

It signs no call and knows nothing but the reference's messages and the network's genesis. Prints one JSON object.
"""

import argparse
import hashlib
import json
import time

import grpc
import reference_pb2 as pb
import reference_pb2_grpc as rpc

from attestations import completion_digest, compute_digest, preprocessing_digest
from calls import PATIENCE_SEC
from ethereum import Chain, call_data
from network import read_network
from wallet import checksummed, read_wallet, recover


def signers(digest, signatures, validators):
    """The validators among those who signed. A signature by somebody else than it says is an error."""
    for one in signatures:
        assert recover(digest, bytes.fromhex(one.signature[2:])) == one.validator_address
    return sorted({one.validator_address for one in signatures} & validators)


def pay(chain, network, wallet, terms):
    """Pays the escrow: an allowance for the contract, then the payment itself. Returns the payment's receipt."""
    tree = terms.payment_tree
    parts = [
        int(wei)
        for wei in (
            tree.compute_price_wei,
            tree.gateway_gas_wei,
            tree.validator_reward_wei,
            tree.treasury_fee_wei,
        )
    ]
    contract = network.payment_contract
    approve = call_data("approve(address,uint256)", [int(contract, 16), sum(parts)])
    chain.send(wallet, network.token, approve)
    validation = (
        terms.request_id,
        int(wallet.address, 16),
        int(terms.gateway_wallet, 16),
        terms.compute_node_id,
        int(terms.compute_node_wallet, 16),
        *parts,
        terms.expiry_timestamp,
    )
    signatures = [bytes.fromhex(one.signature[2:]) for one in terms.validator_signatures]
    initiate = call_data(
        "initiateInferenceRequest((string,address,address,string,address,uint256,uint256,uint256,uint256,uint64),bytes[])",
        [validation, signatures],
    )
    return chain.send(wallet, contract, initiate)


def has_unknown_fields(message):
    known = type(message)()
    known.CopyFrom(message)
    known.DiscardUnknownFields()
    return known.ByteSize() < message.ByteSize()


def main():
    options = argparse.ArgumentParser()
    for name in ("gateway", "registry", "rpc-url", "genesis", "wallet", "model", "request-id", "input"):
        options.add_argument("--" + name, required=True)
    args = options.parse_args()
    network = read_network(args.genesis)
    wallet = read_wallet(args.wallet)
    # Every default of this gRPC implementation is left as it is.
    gateway = rpc.GatewayClientServiceStub(grpc.insecure_channel(args.gateway))
    registry = rpc.P2PRegistryServiceStub(grpc.insecure_channel(args.registry))

    models = list(gateway.GetSupportedModels(pb.Empty(), timeout=PATIENCE_SEC))
    listed = registry.ListValidators(pb.ListValidatorsRequest(active_only=True), timeout=PATIENCE_SEC)
    validators = {one.validator_address for one in listed}

    status = gateway.SubmitInferenceTask(
        pb.InferenceRequest(
            request_id=args.request_id,
            model_uuid=args.model,
            input_data=args.input,
            originator_client_id=checksummed(wallet.address),
        ),
        timeout=PATIENCE_SEC,
    )
    terms = status.preprocessing_validation
    agreed = signers(
        preprocessing_digest(network, wallet.address, terms), terms.validator_signatures, validators
    )
    assert len(agreed) >= network.required_signatures
    assert status.payment_status.contract_address == network.payment_contract
    waiting = {"status": status.status, "confirmed": status.payment_status.payment_confirmed}

    receipt = pay(Chain(args.rpc_url), network, wallet, terms)
    ack = gateway.ConfirmPayment(
        pb.TransactionConfirmation(
            request_id=args.request_id,
            tx_hash=receipt["transactionHash"],
            block_number=int(receipt["blockNumber"], 16),
            confirmations=1,
            originator_wallet=checksummed(wallet.address),
            timestamp=int(time.time()),
        ),
        timeout=PATIENCE_SEC,
    )

    task = pb.TaskID(id=args.request_id)
    updates = list(gateway.SubscribeToTaskUpdates(task, timeout=PATIENCE_SEC))
    final = gateway.GetTaskStatus(task, timeout=PATIENCE_SEC)
    last = updates[-1]
    result = {}
    if last.status == "completed":
        completion = last.compute_completion
        assert hashlib.sha256(last.output_data.encode()).digest() == completion.result_hash
        signature = bytes.fromhex(completion.compute_node_signature[2:])
        compute_wallet = recover(compute_digest(network, args.model, completion), signature)
        assert compute_wallet == terms.compute_node_wallet
        digest = completion_digest(network, compute_wallet, completion)
        result = {
            "output": json.loads(last.output_data),
            "compute_wallet": compute_wallet,
            "completion_signers": signers(
                digest, last.completion_validation.validator_signatures, validators
            ),
        }
    print(
        json.dumps(
            {
                "models": {model.model_uuid: model.min_price_wei for model in models},
                "waiting": waiting,
                "terms_signers": agreed,
                "payment_tx": receipt["transactionHash"],
                "confirmed": ack.success,
                "updates": [update.status for update in updates],
                "partials": [u.output_data for u in updates if u.status == "processing" and u.output_data],
                "final": {
                    "status": final.status,
                    "error": final.error_message,
                    "payment_confirmed": final.payment_status.payment_confirmed,
                    "completion_validated": final.payment_status.completion_validated,
                },
                "saw_unknown_fields": has_unknown_fields(status),
                **result,
            }
        )
    )


if __name__ == "__main__":
    main()
