"""Signed gRPC calls: four metadata entries that carry a wallet's signature over the request's bytes."""

import hashlib
import os
import time

import eip712

# An upper bound for any one call: the machine may be busy.
PATIENCE_SEC = 60


def signed(network, wallet, operation, body, timestamp=None, nonce=None):
    """Metadata for one call of `operation` with the request bytes `body`. Each call needs its own."""
    timestamp = int(time.time()) if timestamp is None else timestamp
    nonce = os.urandom(32) if nonce is None else nonce
    digest = network.digest(
        eip712.CLIENT_REQUEST,
        {
            "network": network.id,
            "operation": operation,
            "bodyHash": hashlib.sha256(body).digest(),
            "timestamp": timestamp,
            "nonce": nonce,
        },
    )
    return (
        ("x-countersign-address", wallet.address),
        ("x-countersign-timestamp", str(timestamp)),
        ("x-countersign-nonce", "0x" + nonce.hex()),
        ("x-countersign-signature", "0x" + wallet.sign(digest).hex()),
    )


class SignedCaller:
    """Calls methods of a stub for a wallet."""

    def __init__(self, network, wallet):
        self.network = network
        self.wallet = wallet

    def call(self, stub, operation, request, timeout=PATIENCE_SEC):
        metadata = signed(self.network, self.wallet, operation, request.SerializeToString())
        return getattr(stub, operation)(request, metadata=metadata, timeout=timeout)
