//! The root document: what is sealed on a day, and the seal before it.

use std::io::{Read, Write};

use domain::{Date, Digest, Timestamp};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use crate::tree::{ALGORITHM, Leaf, Tree};

/// The version of the document.
const FORM: u8 = 1;

/// The seal of a day. Its hash stands in the next one: seals are a chain too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// The version of the document.
    pub pitboss_seal: u8,
    /// The day in UTC.
    pub date: Date,
    /// When it was sealed. Accounts were read one after the other until then.
    pub sealed_at: Timestamp,
    /// How the root was computed.
    pub algorithm: String,
    /// How many accounts are in it.
    pub count: u64,
    /// The root of the tree.
    pub root: Digest,
    /// Where the leaves are.
    pub leaves: String,
    /// The hash of the leaves' file as it is stored.
    pub leaves_sha256: Digest,
    /// The seal before it; none for the first.
    pub previous: Option<Previous>,
}

/// The seal before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its day.
    pub date: Date,
    /// The hash of its document as it is stored.
    pub sha256: Digest,
}

/// The files of a day's seal.
pub struct Files {
    /// The root document.
    pub root: Root,
    /// Its bytes.
    pub document: Vec<u8>,
    /// The leaves, a line each, compressed.
    pub leaves: Vec<u8>,
}

/// Where a day's root document is.
#[must_use]
pub fn root_key(date: Date) -> String {
    format!("roots/{date}.json")
}

/// Where a day's leaves are.
#[must_use]
pub fn leaves_key(date: Date) -> String {
    format!("leaves/{date}.jsonl.gz")
}

/// Something cannot be written or read as a seal.
#[derive(Debug, thiserror::Error)]
pub enum Unsealed {
    /// Not JSON of the expected form.
    #[error("line {0}: {1}")]
    Json(usize, serde_json::Error),
    /// Not to be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Makes the files of a day's seal.
pub fn seal(
    date: Date,
    sealed_at: Timestamp,
    leaves: &[Leaf],
    previous: Option<Previous>,
) -> Result<Files, Unsealed> {
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    for (nth, leaf) in leaves.iter().enumerate() {
        serde_json::to_writer(&mut file, leaf).map_err(|error| Unsealed::Json(nth, error))?;
        file.write_all(b"\n")?;
    }
    let file = file.finish()?;
    let root = Root {
        pitboss_seal: FORM,
        date,
        sealed_at,
        algorithm: ALGORITHM.to_owned(),
        count: u64::try_from(leaves.len()).unwrap_or(u64::MAX),
        root: Tree::of(leaves.iter().map(Leaf::digest)).root(),
        leaves: leaves_key(date),
        leaves_sha256: Digest::of(&file),
        previous,
    };
    let mut document = serde_json::to_vec_pretty(&root).map_err(|error| Unsealed::Json(0, error))?;
    document.push(b'\n');
    Ok(Files { root, document, leaves: file })
}

/// Reads a file of leaves, compressed or not.
pub fn read_leaves(file: &[u8]) -> Result<Vec<Leaf>, Unsealed> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    let mut text = String::new();
    if file.starts_with(&GZIP) {
        MultiGzDecoder::new(file).read_to_string(&mut text)?;
    } else {
        let mut file = file;
        file.read_to_string(&mut text)?;
    }
    let leaf = |(nth, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| Unsealed::Json(nth.saturating_add(1), error))
    };
    text.lines().enumerate().map(leaf).collect()
}

#[cfg(test)]
mod tests {
    use domain::ids::PlayerId;
    use ulid::Ulid;

    use super::*;

    fn leaves(count: u64) -> Vec<Leaf> {
        let player = |number: u64| PlayerId::new(Ulid::from_parts(1, u128::from(number)));
        let leaf = |number| Leaf { player: player(number), version: number, head: Digest::of(&[1]) };
        (0..count).map(leaf).collect()
    }

    fn sealed(count: u64, previous: Option<Previous>) -> Files {
        let date = Date::constant(2026, 11, 23);
        seal(date, "2026-11-23T02:00:00Z".parse().unwrap(), &leaves(count), previous).unwrap()
    }

    #[test]
    fn a_seal_says_what_is_in_it() {
        let Files { root, document, leaves: file } = sealed(5, None);
        assert_eq!(root.count, 5);
        assert_eq!(root.leaves, "leaves/2026-11-23.jsonl.gz");
        assert_eq!(root.leaves_sha256, Digest::of(&file));
        assert_eq!(read_leaves(&file).unwrap(), leaves(5));
        assert_eq!(serde_json::from_slice::<Root>(&document).unwrap(), root);
    }

    #[test]
    fn the_same_accounts_give_the_same_files() {
        assert_eq!(sealed(5, None).document, sealed(5, None).document);
    }

    #[test]
    fn nobody_can_be_sealed_too() {
        let Files { root, leaves, .. } = sealed(0, None);
        assert_eq!((root.count, root.root), (0, Digest::default()));
        assert_eq!(read_leaves(&leaves).unwrap(), []);
    }

    #[test]
    fn leaves_may_have_been_unpacked() {
        let line = serde_json::to_string(&leaves(1)[0]).unwrap();
        assert_eq!(read_leaves(line.as_bytes()).unwrap(), leaves(1));
        assert!(read_leaves(b"{}\n").unwrap_err().to_string().starts_with("line 1: "));
    }
}
