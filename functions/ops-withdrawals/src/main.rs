//! Starts the Lambda runtime.

fn main() {}
