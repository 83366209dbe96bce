//! The template deploys as it stands, and its API answers.

use stack::{Error, Request, Secrets, Stack};

#[tokio::test]
async fn the_template_deploys_and_its_api_answers() -> Result<(), Error> {
    let stack = Stack::deploy(&Secrets::default())?;

    let document = stack.call("GET", "/openapi.json", Request::default()).await?;
    assert_eq!(document.status, 200, "{document:?}\n{}", stack.log_tail());
    assert!(document.body.pointer("/paths/~1v1~1players/post").is_some(), "{document:?}");

    let unsigned = stack.call("GET", "/v1/wallet", Request::default()).await?;
    assert_eq!(unsigned.status, 401, "{unsigned:?}\n{}", stack.log_tail());
    assert_eq!(unsigned.body.pointer("/code").and_then(|code| code.as_str()), Some("unauthenticated"));

    let unknown = stack.call("GET", "/v1/nothing", Request::default()).await?;
    assert_eq!(unknown.status, 404, "{unknown:?}");
    Ok(())
}
