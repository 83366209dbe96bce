//! The payment page: a link that carries the whole payment and a checksum over it. No call is made.

use domain::Timestamp;
use domain::cashier::InstrumentKind;

use super::Nuvei;
use super::checksum::{checksum, page_time};
use crate::call::CallFailure;
use crate::payments::{PaymentPage, PaymentRequest, decimal};

/// Where the page is, below the base URL.
pub const PAGE_PATH: &str = "/ppp/purchase.do";

/// What makes the page show cards and nothing else.
const ONLY_CARDS: [(&str, &str); 2] = [("payment_method", "cc_card"), ("payment_method_mode", "filter")];

/// The link. Nuvei puts `productId` into the signed part of its notifications, and knows the payment by our id.
pub(super) fn open(
    nuvei: &Nuvei,
    request: &PaymentRequest,
    now: Timestamp,
) -> Result<PaymentPage, CallFailure> {
    let (deposit, player) = (request.deposit.to_string(), request.player.to_string());
    let (amount, time) = (decimal::write(request.amount)?, page_time(now));
    let values: [(&str, &str); 18] = [
        ("merchant_id", &nuvei.merchant_id),
        ("merchant_site_id", &nuvei.merchant_site_id),
        ("time_stamp", &time),
        ("version", "4.0.0"),
        ("total_amount", &amount),
        ("currency", request.amount.currency().code()),
        ("user_token_id", &player),
        ("user_token", "auto"),
        ("merchant_unique_id", &deposit),
        ("productId", &deposit),
        ("item_name_1", &deposit),
        ("item_amount_1", &amount),
        ("item_quantity_1", "1"),
        ("numberofitems", "1"),
        ("success_url", &request.return_url),
        ("error_url", &request.return_url),
        ("pending_url", &request.return_url),
        ("notify_url", &nuvei.webhook_url),
    ];
    let filter: &[(&str, &str)] = if request.kind == InstrumentKind::Card { &ONLY_CARDS } else { &[] };
    let values = || values.iter().chain(filter).copied();
    let mut signed: Vec<&[u8]> = vec![&nuvei.our_secret];
    signed.extend(values().map(|(_, value)| value.as_bytes()));
    let mut page = nuvei.page_url.clone();
    page.query_pairs_mut().extend_pairs(values()).append_pair("checksum", &checksum(&signed));
    Ok(PaymentPage { redirect_url: page.to_string(), psp_reference: deposit })
}
