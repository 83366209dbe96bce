//! The platform as it would run on AWS. One test with several parts: a deployment is too dear to make for each.

mod facts;
mod routes;
mod rush;

use std::fmt::Debug;

use stack::{Failure, Platform};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_deployed_template_carries_the_whole_journey() {
    let platform = Platform::deploy().await.unwrap_or_else(|failure| panic!("{failure}"));
    run(&platform).await.unwrap_or_else(|failure| panic!("{}", platform.explained(&failure)));
}

async fn run(platform: &Platform) -> Result<(), Failure> {
    let began = platform.now();
    let player = stack::tell(&platform.client(), platform.vendors()).await?;
    rush::for_the_last_of_the_money(platform, &player).await?;
    facts::are_counted_by_analytics(platform, began).await?;
    facts::are_known_to_the_crm(platform, &player).await?;
    routes::all_answer(platform).await?;
    same("faults in the logs", platform.faults()?.as_slice(), &[])
}

/// Goes on only with what was expected.
fn same<T: PartialEq + Debug + ?Sized>(what: &str, seen: &T, expected: &T) -> Result<(), Failure> {
    if seen == expected {
        return Ok(());
    }
    Err(Failure(format!("{what}: expected {expected:?}, saw {seen:?}")))
}
