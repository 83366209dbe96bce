//! `pitboss verify`: a statement, and if wanted the day's seal over it.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::Digest;
use domain::chain::Balances;
use seal::document::{Root, read_leaves};
use seal::tree::{ALGORITHM, Leaf, Tree};

use crate::Looked;
use crate::statement::{self, Verdict};

#[derive(Args)]
pub(crate) struct Options {
    /// The exported statement: JSON Lines
    #[arg(required_unless_present = "statement_option")]
    statement: Option<PathBuf>,
    /// The same
    #[arg(
        long = "statement",
        id = "statement_option",
        value_name = "STATEMENT",
        conflicts_with = "statement"
    )]
    also_statement: Option<PathBuf>,
    /// What the newest entry must hash to
    #[arg(long)]
    head: Option<Digest>,
    /// A day's seal, which the statement must agree with
    #[arg(long, requires = "leaves")]
    seal: Option<PathBuf>,
    /// The leaves of that seal, compressed or not
    #[arg(long, requires = "seal")]
    leaves: Option<PathBuf>,
    /// The seal before it, which that seal must name
    #[arg(long, requires = "seal")]
    previous: Option<PathBuf>,
}

pub(crate) fn run(options: &Options) -> Looked {
    let path = options.statement.as_ref().or(options.also_statement.as_ref()).ok_or("no statement")?;
    let text = String::from_utf8(read(path)?).map_err(|_| format!("{}: not UTF-8", path.display()))?;
    let mut verdict = statement::verify(&text, options.head);
    let mut sealed = None;
    if let (Some(root), Some(leaves)) = (&options.seal, &options.leaves) {
        let previous = options.previous.as_deref().map(read).transpose()?;
        let files = Sealed { root: &read(root)?, leaves: &read(leaves)?, previous: previous.as_deref() };
        sealed = check_seal(&files, &mut verdict);
    }
    print(&verdict, sealed.as_deref());
    Ok(verdict.findings.is_empty())
}

fn read(path: impl AsRef<Path>) -> Result<Vec<u8>, String> {
    let path = path.as_ref();
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn print(verdict: &Verdict, sealed: Option<&str>) {
    for finding in &verdict.findings {
        println!("{finding}");
    }
    if !verdict.findings.is_empty() {
        println!("NOT SOUND: {} findings", verdict.findings.len());
        return;
    }
    let player = verdict.player.map(|player| player.to_string()).unwrap_or_default();
    let bounds = verdict.hashes.first_key_value().zip(verdict.hashes.last_key_value());
    match bounds {
        Some(((first, _), (last, _))) => println!("sound: entries {first} to {last} of {player}"),
        None => println!("sound: no entries of {player}"),
    }
    if let Some(Balances { cash, bonus, held, receivable }) = verdict.closing {
        println!("closing: cash {cash}, bonus {bonus}, held {held}, receivable {receivable}");
    }
    if let Some(head) = verdict.head() {
        println!("head: {head}");
    }
    if let Some(sealed) = sealed {
        println!("{sealed}");
    }
}

/// The files of a seal.
pub(crate) struct Sealed<'a> {
    pub(crate) root: &'a [u8],
    pub(crate) leaves: &'a [u8],
    pub(crate) previous: Option<&'a [u8]>,
}

/// Checks that a seal is whole, and that the statement's player is in it as the statement says. Tells what is
/// proved, if it is.
pub(crate) fn check_seal(files: &Sealed<'_>, verdict: &mut Verdict) -> Option<String> {
    let root: Root = match serde_json::from_slice(files.root) {
        Ok(root) => root,
        Err(error) => {
            verdict.find(format!("the seal: {error}"));
            return None;
        }
    };
    let leaves = match read_leaves(files.leaves) {
        Ok(leaves) => leaves,
        Err(error) => {
            verdict.find(format!("the leaves: {error}"));
            return None;
        }
    };
    let tree = check_leaves(&root, files.leaves, &leaves, verdict)?;
    check_previous(&root, files.previous, verdict);
    let player = verdict.player?;
    let Some(place) = leaves.iter().position(|leaf| leaf.player == player) else {
        verdict.find(format!("{player} is not in the seal of {}", root.date));
        return None;
    };
    let leaf = leaves.get(place)?;
    check_leaf(leaf, &root, verdict);
    let Some(proof) = tree.proof(place) else {
        verdict.find(format!("the leaf of {player} does not lead to the root"));
        return None;
    };
    let (date, version, hashes) = (root.date, leaf.version, proof.0.len());
    Some(format!("sealed: entry {version} was the newest on {date}; {hashes} hashes lead to {}", root.root))
}

fn check_leaves(root: &Root, file: &[u8], leaves: &[Leaf], verdict: &mut Verdict) -> Option<Tree> {
    if root.algorithm != ALGORITHM {
        verdict.find(format!("the seal: {} is no algorithm this program knows", root.algorithm));
        return None;
    }
    // Leaves that were unpacked are still the leaves: the root says so.
    if file.starts_with(&[0x1f, 0x8b]) && Digest::of(file) != root.leaves_sha256 {
        verdict.find("the leaves: not the file that the seal names");
    }
    if u64::try_from(leaves.len()) != Ok(root.count) {
        verdict.find(format!("the leaves: {} of them, {} in the seal", leaves.len(), root.count));
    }
    let tree = Tree::of(leaves.iter().map(Leaf::digest));
    if tree.root() != root.root {
        verdict.find(format!("the leaves lead to {}, not to the seal's root {}", tree.root(), root.root));
    }
    Some(tree)
}

fn check_previous(root: &Root, previous: Option<&[u8]>, verdict: &mut Verdict) {
    if let Some(previous) = previous
        && root.previous.map(|it| it.sha256) != Some(Digest::of(previous))
    {
        verdict.find("the seal before is not the one that the seal names");
    }
}

/// The statement must have the entry that was the newest when the day was sealed, with the same hash.
fn check_leaf(leaf: &Leaf, root: &Root, verdict: &mut Verdict) {
    let version = leaf.version;
    let before = verdict.before.filter(|(seq, _)| *seq == version).map(|(_, hash)| hash);
    match verdict.hashes.get(&version).copied().or(before) {
        Some(hash) if hash == leaf.head => {}
        Some(hash) => verdict.find(format!(
            "entry {version} hashes to {hash}, but on {} it was sealed as {}",
            root.date, leaf.head
        )),
        None => verdict.find(format!(
            "entry {version}, the newest on {}, is not in the statement: nothing is proved",
            root.date
        )),
    }
}
