//! The contract is tested in `tests/`: the OpenAPI document against the running platform, and what payment and identity
//! vendors tell against the tables in `payments/` and `identity/`. Those in `games/` are played by the vendors' own tests.
