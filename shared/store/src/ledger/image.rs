//! stub
pub struct StreamImage;
pub fn image() {}
