//! Starts the Lambda runtime.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), edge::BoxError> {
    edge::run(ops_verifications::start).await
}
