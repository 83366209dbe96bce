//! Payment providers: one folder each.
