//! stub
#[derive(Clone)]
pub struct DailyKpis;
#[derive(Clone)]
pub struct Kpis;
