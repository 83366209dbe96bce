//! Nuvei's checksums: SHA-256 over values put together without separators, with the secret at one end.

use domain::Timestamp;
use ring::digest::{SHA256, digest};

/// The checksum of some values, in lower-case hexadecimal. Where the secret stands among them is the caller's to know.
#[must_use]
pub fn checksum(values: &[&[u8]]) -> String {
    hex::encode(digest(&SHA256, &values.concat()))
}

/// A time as calls have it: `YYYYMMDDHHmmss`.
pub(super) fn call_time(now: Timestamp) -> String {
    page_time(now).chars().filter(char::is_ascii_digit).collect()
}

/// A time as pages have it: `YYYY-MM-DD.HH:MM:SS`.
pub(super) fn page_time(now: Timestamp) -> String {
    let whole = Timestamp::from_second(now.as_second()).unwrap_or(now);
    whole.to_string().trim_end_matches('Z').replace('T', ".")
}
