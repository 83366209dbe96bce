//! stub
#[derive(Clone)]
pub struct Crm;
#[derive(Clone)]
pub struct CustomerProfile;
