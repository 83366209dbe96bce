//! The Merkle tree over all accounts' heads. Pure. How it is built is written down in `docs/reconciliation.md`, so
//! that anybody can build it again.

use std::fmt;
use std::str::FromStr;

use domain::ids::PlayerId;
use domain::{Account, Digest};
use rs_merkle::{MerkleTree, algorithms::Sha256};
use serde::{Deserialize, Serialize};

/// What the root document names the way the root is computed.
pub const ALGORITHM: &str = "merkle-sha256-1";

/// An account as it is sealed. Written as a line of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leaf {
    /// Whose.
    pub player: PlayerId,
    /// The number of its newest entry.
    pub version: u64,
    /// The hash of that entry.
    pub head: Digest,
}

impl Leaf {
    /// The leaf of an account.
    #[must_use]
    pub const fn of(account: &Account) -> Self {
        Self { player: account.player, version: account.version, head: account.head }
    }

    /// The hash that goes into the tree: of `player|version|head`.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.to_string().as_bytes())
    }
}

impl fmt::Display for Leaf {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}|{}|{}", self.player, self.version, self.head)
    }
}

/// A tree over leaves, in their order.
pub struct Tree {
    tree: MerkleTree<Sha256>,
    leaves: Vec<[u8; 32]>,
}

/// The hashes beside the way from a leaf to the root, from below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof(pub Vec<Digest>);

impl Tree {
    /// The tree over hashes of leaves.
    pub fn of(leaves: impl IntoIterator<Item = Digest>) -> Self {
        let leaves: Vec<[u8; 32]> = leaves.into_iter().map(|leaf| *leaf.bytes()).collect();
        Self { tree: MerkleTree::from_leaves(&leaves), leaves }
    }

    /// The root; zeros over no leaves.
    #[must_use]
    pub fn root(&self) -> Digest {
        self.tree.root().map(Digest::from).unwrap_or_default()
    }

    /// The proof that a leaf, by its place, is in the tree. Checked against the root: none if it does not hold.
    #[must_use]
    pub fn proof(&self, place: usize) -> Option<Proof> {
        let leaf = *self.leaves.get(place)?;
        let proof = self.tree.proof(&[place]);
        let holds = proof.verify(*self.root().bytes(), &[place], &[leaf], self.leaves.len());
        holds.then(|| Proof(proof.proof_hashes().iter().copied().map(Digest::from).collect()))
    }
}

/// The text is no line of a list of leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a sealed account")]
pub struct NoLeaf;

impl FromStr for Leaf {
    type Err = NoLeaf;

    fn from_str(line: &str) -> Result<Self, NoLeaf> {
        serde_json::from_str(line).map_err(|_| NoLeaf)
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;

    fn leaf(number: u64) -> Leaf {
        let player = PlayerId::new(Ulid::from_parts(1, u128::from(number)));
        Leaf { player, version: number, head: Digest::of(&number.to_be_bytes()) }
    }

    fn tree(leaves: &[Leaf]) -> Tree {
        Tree::of(leaves.iter().map(Leaf::digest))
    }

    fn pair(left: Digest, right: Digest) -> Digest {
        Digest::of(&[*left.bytes(), *right.bytes()].concat())
    }

    #[test]
    fn the_root_is_built_as_it_is_written_down() {
        let leaves: Vec<Leaf> = (0..5).map(leaf).collect();
        let of = |at: usize| leaves[at].digest();
        let left = pair(pair(of(0), of(1)), pair(of(2), of(3)));
        assert_eq!(tree(&leaves).root(), pair(left, of(4)), "who has no neighbour moves up as it is");
        assert_eq!(tree(&leaves[..1]).root(), of(0));
        assert_eq!(tree(&[]).root(), Digest::default());
    }

    #[test]
    fn every_leaf_is_proved_and_no_other() {
        let leaves: Vec<Leaf> = (0..9).map(leaf).collect();
        let sealed = tree(&leaves);
        for place in 0..leaves.len() {
            assert!(sealed.proof(place).is_some_and(|proof| !proof.0.is_empty()), "{place}");
        }
        assert_eq!(sealed.proof(9), None);
    }

    #[test]
    fn whatever_is_done_to_the_leaves_changes_the_root() {
        let sealed: Vec<Leaf> = (0..4).map(leaf).collect();
        let changed = |change: &dyn Fn(&mut Vec<Leaf>)| {
            let mut leaves = sealed.clone();
            change(&mut leaves);
            tree(&leaves).root() != tree(&sealed).root()
        };
        assert!(changed(&|leaves| leaves[2].version += 1));
        assert!(changed(&|leaves| leaves[2].head = Digest::default()));
        assert!(changed(&|leaves| leaves.swap(0, 1)));
        assert!(changed(&|leaves| leaves.truncate(3)));
        assert!(!changed(&|_| ()));
    }

    #[test]
    fn a_leaf_reads_back() {
        let line = serde_json::to_string(&leaf(7)).unwrap();
        assert_eq!(line.parse(), Ok(leaf(7)));
        assert_eq!("{}".parse::<Leaf>(), Err(NoLeaf));
    }
}
