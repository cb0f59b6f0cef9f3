import { createHash } from 'node:crypto';

/** Prefixes of RFC 6962: a leaf can never have the same hash as an inner node. */
const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/**
 * Computes the root of a Merkle tree (RFC 6962, section 2.1, with SHA-256) while its leaves are added one by one. Keeps
 * only the roots of the complete subtrees: one for each 1 bit in the number of leaves.
 */
export class MerkleTree {
  /** Roots of the complete subtrees, from left to right; each is larger than the next. */
  private readonly subtrees: Buffer[] = [];
  private count = 0;

  /** Number of leaves. */
  get size(): number {
    return this.count;
  }

  /** Adds a leaf with this data. */
  add(data: Uint8Array): void {
    let subtree = sha256(LEAF, data);
    // each 1 bit at the end of the number of leaves is a subtree of the same size as the new one
    for (let rest = this.count; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.subtrees.pop();
      if (left !== undefined) subtree = sha256(NODE, left, subtree);
    }
    this.subtrees.push(subtree);
    this.count += 1;
  }

  /** The root over all leaves so far, in lower-case hexadecimal. */
  root(): string {
    if (this.count === 0) return sha256().toString('hex');
    return this.subtrees.reduceRight((right, left) => sha256(NODE, left, right)).toString('hex');
  }
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
