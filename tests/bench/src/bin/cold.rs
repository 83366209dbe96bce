//! The cold starts and the peers alone.

use bench::Error;
use bench::table::Table;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let mut table = Table::default();
    bench::cold::measure(&mut table).await?;
    println!("{table}");
    println!("{:#}", table.json());
    Ok(())
}
