//! The providers' payment pages in the sandboxes, as a browser sees them.

use serde_json::json;

use crate::{AdyenSide, Answer, Call, Failure, Platform, Player, fresh_id, status};

/// Asks to pay in by a method, does on the provider's page what a player would, and waits for the status that it comes
/// to. Answers with the deposit's id.
pub async fn pay_in(
    platform: &Platform,
    player: &Player,
    (method, amount): (&str, &str),
    outcome: &str,
    comes_to: &str,
) -> Result<String, Failure> {
    let return_url = format!("{}/", player.client.url());
    let body = json!({"amount": amount, "method": method, "return_url": return_url});
    let asked = player.send(Call::post("/v1/deposits").once(&fresh_id()).json(&body)).await?.must(201)?;
    pay_page(&platform.adyen()?, player, asked.text("/redirect_url")?, outcome).await?;
    let deposit = asked.text("/deposit_id")?.to_owned();
    status(player, &format!("/v1/deposits/{deposit}"), comes_to).await?;
    Ok(deposit)
}

/// Does on a payment page what a player would: `pay`, `pay_closed` with what takes no money back, `pay_lost` so that
/// nobody tells of it, `pay_shared` with what somebody else pays with, too.
pub async fn pay_page(
    adyen: &AdyenSide,
    player: &Player,
    redirect_url: &str,
    outcome: &str,
) -> Result<Answer, Failure> {
    if redirect_url.contains("/sandbox/adyen/") {
        return adyen.choose(redirect_url, outcome).await?.must(200);
    }
    // What stands behind the fragment mark is for the page's script, which goes on to the payment's own page.
    let page = match redirect_url.split_once('#') {
        Some((page, fragment)) => {
            let payment = fragment.split('&').find_map(|part| part.strip_prefix("payment_id="));
            format!("{page}/{}?{fragment}", payment.unwrap_or_default())
        }
        None => redirect_url.to_owned(),
    };
    let form = Call::post(page).bytes("application/x-www-form-urlencoded", format!("outcome={outcome}"));
    player.client.send(form).await?.must(303)
}
