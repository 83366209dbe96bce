//! stub
#[derive(Clone)]
pub struct Progress;
