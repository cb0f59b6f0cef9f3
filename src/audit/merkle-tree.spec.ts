import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { examples } from '../../test/support/examples.js';
import { MerkleTree } from './merkle-tree.js';

/** The leaves of the test vectors of Certificate Transparency, the system that RFC 6962 describes. */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex'),
);

/** The roots of these test vectors: over no leaf, over the first leaf, over the first two leaves, … */
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

test('has the roots of the test vectors of Certificate Transparency', () => {
  const tree = new MerkleTree();
  const roots = [tree.root()];
  for (const leaf of LEAVES) {
    tree.add(leaf);
    roots.push(tree.root());
  }
  expect(roots).toEqual(ROOTS);
  expect(tree.size).toBe(8);
});

test('has the root that the recursive definition in RFC 6962 gives', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 300 }), (leaves) => {
      const tree = new MerkleTree();
      for (const leaf of leaves) tree.add(leaf);
      expect(tree.root()).toBe(definedRoot(leaves).toString('hex'));
    }),
    examples(),
  );
});

/** MTH of RFC 6962, section 2.1: the left subtree has the largest power of two of the leaves that is less than all. */
function definedRoot(leaves: readonly Uint8Array[]): Buffer {
  const [first] = leaves;
  if (first === undefined) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), first);
  const half = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return sha256(Buffer.of(1), definedRoot(leaves.slice(0, half)), definedRoot(leaves.slice(half)));
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();
