"""Calls that must be refused, each with the status it got. Prints one JSON object: case to [status, product's code]."""

import argparse
import json
import time

import grpc
import reference_pb2 as pb
import reference_pb2_grpc as rpc

from calls import PATIENCE_SEC, signed
from network import read_network
from wallet import Wallet, read_wallet

# A stream that is refused ends at once; one that is not would stay open.
STREAM_PATIENCE_SEC = 10


def outcome(call):
    try:
        answer = call()
        if hasattr(answer, "__iter__"):
            list(answer)
    except grpc.RpcError as error:
        metadata = dict(error.trailing_metadata() or ())
        return [error.code().name, metadata.get("countersign-code", "")]
    return ["OK", ""]


def main():
    options = argparse.ArgumentParser()
    for name in ("gateway", "registry", "genesis", "wallet"):
        options.add_argument("--" + name, required=True)
    args = options.parse_args()
    network = read_network(args.genesis)
    wallet = read_wallet(args.wallet)
    stranger = Wallet(bytes(31) + b"\x05")
    gateway_channel = grpc.insecure_channel(args.gateway)
    clients = rpc.GatewayClientServiceStub(gateway_channel)
    nodes = rpc.GatewayComputeServiceStub(gateway_channel)
    registry = rpc.P2PRegistryServiceStub(grpc.insecure_channel(args.registry))
    wait = {"timeout": PATIENCE_SEC}

    def submit(**fields):
        request = {"model_uuid": "tiny-text", "input_data": '{"prompt": "x"}', "originator_client_id": wallet.address}
        return clients.SubmitInferenceTask(pb.InferenceRequest(**{**request, **fields}), **wait)

    def register(metadata, **fields):
        return nodes.RegisterComputeNode(info(**fields), metadata=metadata, **wait)

    def info(**fields):
        models = [pb.ModelData(model_uuid="unpaid", price_wei="0")]
        given = {"node_id": "wrong", "node_type": "compute", "wallet_address": wallet.address}
        return pb.NodeInfo(**{**given, "supported_models": models, **fields})

    def proof(operation="RegisterComputeNode", body=None, by=wallet, **times):
        return signed(network, by, operation, info().SerializeToString() if body is None else body, **times)

    def without(metadata, name):
        return tuple(entry for entry in metadata if entry[0] != name)

    def raw(body):
        call = gateway_channel.unary_unary("/GatewayClientService/GetTaskStatus")
        return call(body, **wait)

    def mine(operation, task):
        metadata = signed(network, wallet, operation, task.SerializeToString())
        return getattr(clients, operation)(task, metadata=metadata, **wait)

    now = int(time.time())
    used = proof()
    submit(request_id="interop-wrong")
    task = pb.TaskID(id="interop-wrong")
    cases = {
        "unknown task": lambda: clients.GetTaskStatus(pb.TaskID(id="no-such-task"), **wait),
        "updates of an unknown task": lambda: clients.SubscribeToTaskUpdates(pb.TaskID(id="no-such-task"), **wait),
        "empty task id": lambda: clients.GetTaskStatus(pb.TaskID(), **wait),
        "not protobuf": lambda: raw(b"\xff\xff\xff"),
        "unknown model": lambda: submit(model_uuid="no-such-model"),
        "no model": lambda: submit(model_uuid=""),
        "input that is no JSON": lambda: submit(input_data='{"prompt": '),
        "malformed client": lambda: submit(originator_client_id="0x12"),
        "same id, same content": lambda: submit(request_id="interop-wrong"),
        "same id, other content": lambda: submit(request_id="interop-wrong", input_data='{"prompt": "y"}'),
        "payment that is none": lambda: clients.ConfirmPayment(
            pb.TransactionConfirmation(request_id="interop-wrong", tx_hash="0x" + "ab" * 32), **wait
        ),
        "cancel by nobody": lambda: clients.CancelTask(task, **wait),
        "cancel": lambda: mine("CancelTask", task),
        "cancel again": lambda: mine("CancelTask", task),
        "updates of a cancelled task": lambda: clients.SubscribeToTaskUpdates(task, **wait),
        "unsigned": lambda: register(None),
        "signed": lambda: register(used),
        "replayed": lambda: register(used),
        "half signed": lambda: register(without(proof(), "x-countersign-nonce")),
        "signed for another operation": lambda: register(proof(operation="UpdateHeartbeat")),
        "signed for another body": lambda: register(proof(), node_id="other"),
        "signed by a stranger": lambda: register(proof(by=stranger)),
        "signed too early": lambda: register(proof(timestamp=now + 3_600)),
        "signed too late": lambda: register(proof(timestamp=now - 3_600)),
        "heartbeat of an unknown node": lambda: heartbeat("no-such-node"),
        "stream of an unregistered node": lambda: receive("no-such-node"),
        "result of an unknown task": lambda: result(pb.InferenceResponse(request_id="no-such-task")),
        "result without status": lambda: result(pb.InferenceResponse(request_id="interop-wrong")),
        "registry's method at a gateway": lambda: rpc.P2PRegistryServiceStub(gateway_channel).ListSubnets(
            pb.Empty(), **wait
        ),
        "unknown subnet": lambda: registry.GetSubnet(pb.GetSubnetRequest(subnet_id=1), **wait),
        "subnet 0": lambda: registry.GetSubnet(pb.GetSubnetRequest(), **wait),
        "unknown validator": lambda: registry.GetValidatorInfo(
            pb.ValidatorAddressRequest(address=stranger.address), **wait
        ),
        "malformed validator": lambda: registry.GetValidatorInfo(pb.ValidatorAddressRequest(address="me"), **wait),
        "node of a type that is none": lambda: registry.DiscoverNodes(
            pb.DiscoverNodesRequest(node_type="miner"), **wait
        ),
        "fee of no models": lambda: registry.EstimateSubnetFee(
            pb.EstimateSubnetFeeRequest(gateway_address=wallet.address), **wait
        ),
    }

    def heartbeat(node_id):
        beat = pb.HeartbeatRequest(node_id=node_id, timestamp=now)
        metadata = signed(network, wallet, "UpdateHeartbeat", beat.SerializeToString())
        return nodes.UpdateHeartbeat(beat, metadata=metadata, **wait)

    def receive(node_id):
        request = info(node_id=node_id)
        metadata = signed(network, wallet, "ReceiveTask", request.SerializeToString())
        return nodes.ReceiveTask(request, metadata=metadata, timeout=STREAM_PATIENCE_SEC)

    def result(response):
        response.model_uuid = "tiny-text"
        if response.request_id == "no-such-task":
            response.status = "processing"
        metadata = signed(network, wallet, "SubmitResult", response.SerializeToString())
        return nodes.SubmitResult(response, metadata=metadata, **wait)

    print(json.dumps({name: outcome(call) for name, call in cases.items()}))


if __name__ == "__main__":
    main()
