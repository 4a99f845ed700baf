"""Just enough of an Ethereum client to pay: JSON-RPC, RLP, ABI encoding, legacy transactions (EIP-155)."""

import json
import time
import urllib.request

from wallet import keccak256

RECEIPT_PATIENCE_SEC = 60
RECEIPT_POLL_SEC = 0.1


def rlp(item):
    if isinstance(item, list):
        payload = b"".join(rlp(one) for one in item)
        return rlp_length(len(payload), 0xC0) + payload
    if isinstance(item, int):
        item = number(item)
    if len(item) == 1 and item[0] < 0x80:
        return item
    return rlp_length(len(item), 0x80) + item


def rlp_length(length, offset):
    if length < 56:
        return bytes([offset + length])
    digits = number(length)
    return bytes([offset + 55 + len(digits)]) + digits


def number(value):
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def abi(values):
    """Numbers and addresses as int, texts and bytes as such, structs as tuples, arrays as lists."""
    head, tail = b"", b""
    for value in values:
        if isinstance(value, int):
            head += value.to_bytes(32, "big")
        else:
            head += (32 * len(values) + len(tail)).to_bytes(32, "big")
            tail += abi_dynamic(value)
    return head + tail


def abi_dynamic(value):
    if isinstance(value, tuple):
        return abi(value)
    if isinstance(value, list):
        return len(value).to_bytes(32, "big") + abi(value)
    data = value.encode() if isinstance(value, str) else value
    return len(data).to_bytes(32, "big") + data + bytes(-len(data) % 32)


def call_data(signature, values):
    return keccak256(signature.encode())[:4] + abi(values)


class Chain:
    def __init__(self, url):
        self.url = url

    def rpc(self, method, *params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        request = urllib.request.Request(self.url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=RECEIPT_PATIENCE_SEC) as response:
            answer = json.load(response)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def send(self, wallet, to, data):
        """Sends a transaction and waits for it. Returns its receipt."""
        chain_id = int(self.rpc("eth_chainId"), 16)
        nonce = int(self.rpc("eth_getTransactionCount", wallet.address, "pending"), 16)
        gas_price = 2 * int(self.rpc("eth_gasPrice"), 16)
        call = {"from": wallet.address, "to": to, "data": "0x" + data.hex()}
        gas = int(self.rpc("eth_estimateGas", call), 16) * 5 // 4
        fields = [nonce, gas_price, gas, bytes.fromhex(to[2:]), 0, data]
        signature = wallet.sign(keccak256(rlp(fields + [chain_id, 0, 0])))
        v = signature[64] - 27 + 35 + 2 * chain_id
        r, s = (int.from_bytes(signature[at : at + 32], "big") for at in (0, 32))
        transaction = self.rpc("eth_sendRawTransaction", "0x" + rlp(fields + [v, r, s]).hex())
        return self.receipt(transaction)

    def receipt(self, transaction):
        end = time.monotonic() + RECEIPT_PATIENCE_SEC
        while time.monotonic() < end:
            receipt = self.rpc("eth_getTransactionReceipt", transaction)
            if receipt is not None:
                if int(receipt["status"], 16) != 1:
                    raise RuntimeError(f"transaction {transaction} was reverted")
                return receipt
            time.sleep(RECEIPT_POLL_SEC)
        raise TimeoutError(f"transaction {transaction} is in no block")
