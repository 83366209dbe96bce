//! Identity vendors: one folder each.
