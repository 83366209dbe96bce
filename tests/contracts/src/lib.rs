//! The contract is tested in `tests/`: the OpenAPI document against the running platform. The tables in `games/` are
//! played by the vendors' own tests.
