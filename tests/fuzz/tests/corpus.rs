//! Every input of the corpus, and simple mutations of it, without a fuzzer: what was found once stays found.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use pitboss_fuzz::{TARGETS, feed};

/// For how long each target is fed mutations; `FUZZ_SECONDS` says otherwise.
const SECONDS: u64 = 1;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("PITBOSS_ROOT")).join("tests/fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|_| panic!("{} has no corpus", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn every_input_of_the_corpus_is_read() {
    for (target, _) in TARGETS {
        let inputs = corpus(target);
        assert!(!inputs.is_empty(), "{target} has no corpus");
        for input in inputs {
            feed(target, &input);
        }
    }
}

#[test]
fn mutations_of_the_corpus_are_read() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    for (target, _) in TARGETS {
        let (inputs, mut dice) = (corpus(target), Dice(0x9E37_79B9_7F4A_7C15));
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut fed = 0_u64;
        while Instant::now() < end {
            let input = dice.mutated(&inputs);
            let shown = String::from_utf8_lossy(&input).into_owned();
            if std::panic::catch_unwind(|| feed(target, &input)).is_err() {
                panic!("{target}: {shown:?}");
            }
            fed += 1;
        }
        println!("{target}: {fed} inputs");
    }
}

/// A generator of numbers: the same ones each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap()
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() % end.max(1)
    }

    fn mutated(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        const TOKENS: &[&[u8]] = &[
            b"null",
            b"-1",
            b"1e999",
            b"0.000000000000000000001",
            b"\"\"",
            b"[]",
            b"{}",
            b"{\"a\":",
            b"\\u0000",
            b"9223372036854775808",
            b"18446744073709551616",
            b"\xff",
            b"%00",
            b"&",
            b"=",
            b"\n\n",
            b"#",
            b"-",
        ];
        let mut input = inputs[self.below(inputs.len())].clone();
        for _ in 0..=self.below(4) {
            let at = self.below(input.len() + 1);
            let to = (at + self.below(12)).min(input.len());
            match self.below(5) {
                0 => drop(input.drain(at..to)),
                1 => drop(input.splice(at..to, TOKENS[self.below(TOKENS.len())].iter().copied())),
                2 => {
                    let piece = input[at..to].to_vec();
                    let there = self.below(input.len() + 1);
                    drop(input.splice(there..there, piece));
                }
                3 => {
                    let other = &inputs[self.below(inputs.len())];
                    let from = self.below(other.len() + 1);
                    input.truncate(at);
                    input.extend_from_slice(&other[from..]);
                }
                _ => {
                    let byte = u8::try_from(self.below(256)).unwrap();
                    if let Some(old) = input.get_mut(at) {
                        *old = byte;
                    }
                }
            }
        }
        input
    }
}
