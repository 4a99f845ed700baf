"""A compute node with one model, which turns prompts into capitals, until its standard input ends.

Prints a JSON object per line: {"event": "serving"} once tasks can come, then one for each task.
"""

import argparse
import hashlib
import json
import sys
import threading
import time

import grpc
import reference_pb2 as pb
import reference_pb2_grpc as rpc

from attestations import compute_digest
from calls import PATIENCE_SEC, SignedCaller
from network import read_network
from wallet import checksummed, read_wallet


def say(event, **facts):
    print(json.dumps({"event": event, **facts}), flush=True)


class ComputeNode:
    def __init__(self, gateway, network, wallet, info):
        self.gateway = gateway
        self.network = network
        self.info = info
        self.caller = SignedCaller(network, wallet)
        self.wallet = wallet
        self.running = set()
        self.stopping = threading.Event()

    def call(self, operation, request, timeout=PATIENCE_SEC):
        return self.caller.call(self.gateway, operation, request, timeout)

    def beat(self, interval_sec):
        """Heartbeats; the first at once."""
        while not self.stopping.is_set():
            self.call(
                "UpdateHeartbeat",
                pb.HeartbeatRequest(
                    node_id=self.info.node_id,
                    timestamp=int(time.time()),
                    active_tasks=len(self.running),
                    max_tasks=1,
                    load=0.5,
                    active_request_ids=list(self.running),
                ),
            )
            self.stopping.wait(interval_sec)

    def serve(self, tasks):
        for task in tasks:
            self.running.add(task.request_id)
            try:
                self.work(task)
            finally:
                self.running.discard(task.request_id)

    def work(self, task):
        started = time.monotonic()
        assert self.call("GetTask", pb.TaskID(id=task.request_id)).input_data == task.input_data
        request = json.loads(task.input_data)
        prompt = request["prompt"]
        if prompt == "fail":
            self.fail(task, "this prompt cannot be capitalised")
            return
        text = prompt.upper() * request.get("repeat", 1)
        self.submit_partial(task, json.dumps({"text": text[: len(text) // 2]}))
        output = json.dumps({"text": text}, ensure_ascii=False)
        response = self.completed(task, output, int((time.monotonic() - started) * 1000))

        forged = pb.InferenceResponse()
        forged.CopyFrom(response)
        forged.output_data = json.dumps({"text": "something else"})
        refusal = self.refusal_of("SubmitResult", forged)
        ack = self.call("SubmitResult", response)
        # The completion's own signature says whose it is, so the call itself need not be signed.
        again = self.gateway.SubmitResult(response, timeout=PATIENCE_SEC)
        other = self.refusal_of("SubmitResult", forged)
        say(
            "task",
            request_id=task.request_id,
            assigned=task.assigned_compute_node_id,
            forged=refusal,
            accepted=ack.success,
            again=again.message,
            other=other,
        )

    def submit_partial(self, task, output):
        self.call(
            "SubmitResult",
            pb.InferenceResponse(
                request_id=task.request_id,
                model_uuid=task.model_uuid,
                output_data=output,
                status="processing",
            ),
        )

    def completed(self, task, output, computation_time_ms):
        completion = pb.ComputeCompletion(
            request_id=task.request_id,
            result_hash=hashlib.sha256(output.encode()).digest(),
            completion_timestamp=int(time.time()),
            computation_time_ms=computation_time_ms,
        )
        digest = compute_digest(self.network, task.model_uuid, completion)
        completion.compute_node_signature = "0x" + self.wallet.sign(digest).hex()
        return pb.InferenceResponse(
            request_id=task.request_id,
            model_uuid=task.model_uuid,
            output_data=output,
            status="completed",
            compute_completion=completion,
        )

    def fail(self, task, message):
        ack = self.call(
            "SubmitResult",
            pb.InferenceResponse(
                request_id=task.request_id,
                model_uuid=task.model_uuid,
                status="failed",
                error_message=message,
            ),
        )
        say("task", request_id=task.request_id, accepted=ack.success, failed=True)

    def refusal_of(self, operation, request):
        try:
            self.call(operation, request)
        except grpc.RpcError as error:
            return error.code().name
        return "OK"


def main():
    options = argparse.ArgumentParser()
    for name in ("gateway", "genesis", "wallet", "model", "price-wei", "node-id"):
        options.add_argument("--" + name, required=True)
    options.add_argument("--heartbeat-sec", type=float, default=10)
    args = options.parse_args()
    network = read_network(args.genesis)
    wallet = read_wallet(args.wallet)
    info = pb.NodeInfo(
        node_id=args.node_id,
        node_type="compute",
        capabilities=["capitals"],
        wallet_address=checksummed(wallet.address),
        last_heartbeat=int(time.time()),
        supported_models=[
            pb.ModelData(
                model_uuid=args.model,
                name="Capitals",
                version="1",
                category="text",
                price_wei=args.price_wei,
                max_tokens=64,
            )
        ],
    )
    # A stream that may be silent for hours wants to notice when the gateway is gone.
    keepalive = [("grpc.keepalive_time_ms", 1_000), ("grpc.keepalive_permit_without_calls", 1)]
    channel = grpc.insecure_channel(args.gateway, options=keepalive)
    node = ComputeNode(rpc.GatewayComputeServiceStub(channel), network, wallet, info)

    node.call("RegisterComputeNode", info)
    tasks = node.call("ReceiveTask", info, timeout=None)
    # The gateway sends its headers once it has connected the stream.
    tasks.initial_metadata()
    beats = threading.Thread(target=node.beat, args=[args.heartbeat_sec])
    beats.start()
    worker = threading.Thread(target=ended_is_fine, args=[node.serve, tasks])
    worker.start()
    say("serving", wallet=wallet.address)

    sys.stdin.read()
    node.stopping.set()
    tasks.cancel()
    worker.join()
    beats.join()
    say("stopped")


def ended_is_fine(serve, tasks):
    try:
        serve(tasks)
    except grpc.RpcError as error:
        if error.code() != grpc.StatusCode.CANCELLED:
            raise


if __name__ == "__main__":
    main()
