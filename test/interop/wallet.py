"""A secp256k1 wallet: address, and signatures over 32-byte digests as Ethereum makes them."""

import hashlib

from Cryptodome.Hash import keccak
from ecdsa import SECP256k1, SigningKey, VerifyingKey
from ecdsa.util import sigdecode_string, sigencode_string_canonize


def keccak256(data):
    return keccak.new(digest_bits=256, data=data).digest()


def address_of(key):
    return "0x" + keccak256(key.to_string())[12:].hex()


def checksummed(address):
    """The address in the upper and lower case of EIP-55, as most wallets show it."""
    digits = address[2:]
    hashed = keccak256(digits.encode()).hex()
    return "0x" + "".join(d.upper() if int(h, 16) >= 8 else d for d, h in zip(digits, hashed))


class Wallet:
    def __init__(self, private_key):
        self._key = SigningKey.from_string(private_key, curve=SECP256k1)
        self.address = address_of(self._key.verifying_key)

    def sign(self, digest):
        """65 bytes: r, s (the lower of the two possible ones), v (27 or 28)."""
        rs = self._key.sign_digest_deterministic(
            digest, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize
        )
        return next(rs + bytes([v]) for v in (27, 28) if recover(digest, rs + bytes([v])) == self.address)


def read_wallet(path):
    """A wallet from a file that holds 0x and 64 hex digits."""
    with open(path) as file:
        return Wallet(bytes.fromhex(file.read().strip()[2:]))


def recover(digest, signature):
    """The address that made a 65-byte signature."""
    candidates = VerifyingKey.from_public_key_recovery_with_digest(
        signature[:64], digest, SECP256k1, hashfunc=hashlib.sha256, sigdecode=sigdecode_string
    )
    return address_of(candidates[signature[64] - 27])
