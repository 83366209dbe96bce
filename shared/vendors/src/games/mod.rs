//! Game vendors: one folder each.
