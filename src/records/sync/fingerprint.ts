import { sha256 } from "../../base/index.ts";

// A set's fingerprint comes from the sum of its digests, so that a chunk's share of it can be kept and an item's added
// and taken away. The sum alone could be aimed at by whoever makes many records; hashed together with the count it takes
// a multi-set collision modulo 2^256 (negentropy's construction).

export const fingerprintBytes = 16;

const limbs = 8;
const limbRange = 2 ** 32;
/** So many digests fit a limb before its sum is no longer exact: 2^53 / 2^32, halved to stay clear of it. */
const exactAdditions = 2 ** 20;

/** A sum of digests modulo 2^256, as 8 numbers of 32 bits and what has overflowed them, the highest first. */
export class DigestSum {
  readonly #limbs = new Float64Array(limbs);
  #count = 0;
  #sinceCarried = 0;

  get count(): number {
    return this.#count;
  }

  add(digest: Uint8Array): void {
    this.#addDigest(digest, 1);
  }

  subtract(digest: Uint8Array): void {
    this.#addDigest(digest, -1);
  }

  addSum(other: DigestSum): void {
    if (this.#sinceCarried + other.#sinceCarried + 2 > exactAdditions) this.#carry();
    for (let limb = 0; limb < limbs; limb++) {
      this.#limbs[limb] = (this.#limbs[limb] ?? 0) + (other.#limbs[limb] ?? 0);
    }
    this.#count += other.#count;
    this.#sinceCarried += other.#sinceCarried + 1;
  }

  /** First 16 bytes of SHA-256(sum ‖ count), both big-endian. */
  fingerprint(): Uint8Array {
    this.#carry();
    const bytes = Buffer.alloc(limbs * 4 + 8);
    for (let limb = 0; limb < limbs; limb++) bytes.writeUInt32BE(this.#limbs[limb] ?? 0, limb * 4);
    bytes.writeBigUInt64BE(BigInt(this.#count), limbs * 4);
    return sha256(bytes).subarray(0, fingerprintBytes);
  }

  #addDigest(digest: Uint8Array, sign: 1 | -1): void {
    if (this.#sinceCarried >= exactAdditions) this.#carry();
    for (let limb = 0, at = 0; limb < limbs; limb++, at += 4) {
      const high = ((digest[at] ?? 0) << 8) | (digest[at + 1] ?? 0);
      const low = ((digest[at + 2] ?? 0) << 8) | (digest[at + 3] ?? 0);
      this.#limbs[limb] = (this.#limbs[limb] ?? 0) + sign * (high * 65_536 + low);
    }
    this.#count += sign;
    this.#sinceCarried++;
  }

  #carry(): void {
    let carry = 0;
    for (let limb = limbs - 1; limb >= 0; limb--) {
      const value = (this.#limbs[limb] ?? 0) + carry;
      carry = Math.floor(value / limbRange);
      this.#limbs[limb] = value - carry * limbRange;
    }
    this.#sinceCarried = 1;
  }
}
