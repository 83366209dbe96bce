//! The contract is tested in `tests/`: the OpenAPI document against the running platform.
