"""The registry's operations: reads, a node that comes and goes, a subnet that is paid for. Prints one JSON object."""

import argparse
import hashlib
import json
import time

import grpc
import reference_pb2 as pb
import reference_pb2_grpc as rpc

from calls import PATIENCE_SEC, SignedCaller
from ethereum import Chain, call_data
from network import read_network
from wallet import checksummed, read_wallet

MODEL_FIELDS = (
    "model_uuid",
    "source",
    "path",
    "name",
    "category",
    "description",
    "max_tokens",
    "version",
    "input_format",
    "output_format",
)


def config_hash(gateway_address, models):
    """SHA-256 of RFC 8785's form, which for ASCII texts and whole numbers is sorted keys without spaces."""
    plain = [{field: getattr(model, field) for field in MODEL_FIELDS} for model in models]
    config = {"gateway_address": gateway_address, "models": plain}
    return hashlib.sha256(json.dumps(config, sort_keys=True, separators=(",", ":")).encode()).digest()


def discovered(registry, **filters):
    nodes = registry.DiscoverNodes(pb.DiscoverNodesRequest(**filters), timeout=PATIENCE_SEC)
    return sorted(node.node_id for node in nodes)


def register(registry, caller, wallet):
    """Registers a gateway, as one that is written in another language would register itself."""
    node = pb.NodeInfo(
        node_id="python-gateway",
        node_type="gateway",
        ip_address="127.0.0.1",
        port=9100,
        capabilities=["interop-only"],
        wallet_address=checksummed(wallet.address),
        supported_models=[pb.ModelData(model_uuid="interop-model", price_wei="7")],
    )
    caller.call(registry, "RegisterNode", node)
    beat = pb.UpdateNodeHeartbeatRequest(
        node_id=node.node_id, wallet_address=wallet.address, timestamp=int(time.time()), max_tasks=1, load=0.25
    )
    caller.call(registry, "UpdateNodeHeartbeat", beat)
    request = pb.DiscoverNodesRequest(capabilities=["interop-only"], model_uuid="interop-model")
    found = registry.DiscoverNodes(request, timeout=PATIENCE_SEC)
    return {one.node_id: one.supported_models[0].price_wei for one in found}


def create_subnet(registry, caller, wallet, network, chain):
    models = [pb.ModelDescriptor(model_uuid="tiny-text", source="path", path="models/tiny-text", max_tokens=5_000)]
    quote = registry.EstimateSubnetFee(
        pb.EstimateSubnetFeeRequest(gateway_address=checksummed(wallet.address), models=models), timeout=PATIENCE_SEC
    )
    fee = int(quote.network_fee_wei)
    transfer = call_data("transfer(address,uint256)", [int(quote.treasury_address, 16), fee])
    receipt = chain.send(wallet, network.token, transfer)
    request = pb.CreateSubnetRequest(
        gateway_address=checksummed(wallet.address),
        models=models,
        fee_quote_id=quote.fee_quote_id,
        payment_tx=receipt["transactionHash"],
        config_hash=config_hash(wallet.address, models),
    )
    created = caller.call(registry, "CreateSubnet", request)
    return quote, created


def main():
    options = argparse.ArgumentParser()
    for name in ("registry", "rpc-url", "genesis", "wallet"):
        options.add_argument("--" + name, required=True)
    args = options.parse_args()
    network = read_network(args.genesis)
    wallet = read_wallet(args.wallet)
    # Compression is off unless asked for; a server must take it where a client uses it.
    channel = grpc.insecure_channel(args.registry, compression=grpc.Compression.Gzip)
    registry = rpc.P2PRegistryServiceStub(channel)
    caller = SignedCaller(network, wallet)

    validators = list(registry.ListValidators(pb.ListValidatorsRequest(active_only=True), timeout=PATIENCE_SEC))
    first = registry.GetValidatorInfo(
        pb.ValidatorAddressRequest(address=validators[0].validator_address), timeout=PATIENCE_SEC
    ).validator
    registered = register(registry, caller, wallet)
    gateways = discovered(registry, node_type="gateway")
    quote, created = create_subnet(registry, caller, wallet, network, Chain(args.rpc_url))
    subnet = registry.GetSubnet(
        pb.GetSubnetRequest(subnet_id=created.subnet.subnet_id), timeout=PATIENCE_SEC
    ).subnet
    caller.call(registry, "DeregisterNode", pb.WalletAddress(address=wallet.address))
    print(
        json.dumps(
            {
                "validators": {one.validator_address: one.stake_wei for one in validators},
                "first": {"address": first.validator_address, "status": first.status},
                "compute_nodes": discovered(registry, node_type="compute"),
                "gateways": gateways,
                "limited": len(discovered(registry, limit=1)),
                "serving_tiny_text": discovered(registry, model_uuid="tiny-text"),
                "registered": registered,
                "deregistered": discovered(registry, capabilities=["interop-only"], include_offline=True),
                "quote": {"fee_wei": quote.network_fee_wei, "treasury": quote.treasury_address},
                "subnet": {
                    "success": created.success,
                    "status": subnet.status,
                    "validated_by": len(subnet.validated_by),
                    "models": [model.model_uuid for model in subnet.models],
                    "id": str(subnet.subnet_id),
                },
                "listed": [
                    str(one.subnet_id) for one in registry.ListSubnets(pb.Empty(), timeout=PATIENCE_SEC)
                ],
            }
        )
    )


if __name__ == "__main__":
    main()
