//! The house rules live in `tests/`: dependencies point one way, money has no floats, files have one subject.
