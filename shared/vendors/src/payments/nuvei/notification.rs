//! What Nuvei tells of payments and payouts (DMNs). Six fields are signed, and the kind of transaction is none of them:
//! what happened is asked for before it counts.

use std::collections::BTreeMap;

use domain::ids::{DepositId, WithdrawalId};
use ring::digest::{SHA256, digest};

use super::{INTEGRATION, Nuvei, checksum};
use crate::call::{Authentic, Malformed, RawCall, is_path_id};
use crate::payments::{NoticeKind, PaymentNotice, Subject, decimal};
use crate::proof::{self, Unauthentic};

const MOST_BYTES: usize = 256 * 1024;
const MOST_FIELDS: usize = 500;
const LONGEST_ID: usize = 64;

/// A notification's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dmn(BTreeMap<String, String>);

impl Dmn {
    /// A notification of some fields.
    #[must_use]
    pub fn of(fields: &[(&str, &str)]) -> Self {
        Self(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// Reads a form. A field that comes twice could mean either: the form is refused.
    fn read(body: &[u8]) -> Option<Self> {
        if body.len() > MOST_BYTES || std::str::from_utf8(body).is_err() {
            return None;
        }
        let mut fields = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body).take(MOST_FIELDS) {
            if fields.insert(name.into_owned(), value.into_owned()).is_some() {
                return None;
            }
        }
        Some(Self(fields))
    }

    fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    fn signed_text(&self) -> String {
        ["totalAmount", "currency", "responseTimeStamp", "PPP_TransactionID", "Status", "productId"]
            .map(|name| self.text(name))
            .concat()
    }

    /// Whether each signed field has its form: put together without separators, or prolonged by a stranger, they
    /// could pass for others.
    fn is_well_formed(&self) -> bool {
        let digits = |text: &str| is_path_id(text) && text.bytes().all(|byte| byte.is_ascii_digit());
        let product = self.text("productId");
        decimal::read(self.text("totalAmount"), self.text("currency")).is_ok()
            && is_time(self.text("responseTimeStamp"))
            && digits(self.text("PPP_TransactionID"))
            && matches!(self.text("Status"), "APPROVED" | "DECLINED" | "ERROR" | "PENDING" | "CANCELED")
            && product.len() <= LONGEST_ID
            && is_path_id(product)
    }
}

/// Accepts a form whose checksum is right, and that is for our site.
pub(super) fn verify<'a>(nuvei: &Nuvei, call: RawCall<'a>) -> Result<Authentic<'a>, Unauthentic> {
    let dmn = Dmn::read(call.body).ok_or(Unauthentic)?;
    if [dmn.text("merchant_site_id"), dmn.text("merchantSiteId")]
        .iter()
        .any(|site| !site.is_empty() && *site != nuvei.merchant_site_id)
    {
        return Err(Unauthentic);
    }
    let shown = hex::decode(dmn.text("advanceResponseChecksum")).map_err(|_| Unauthentic)?;
    let authentic =
        proof::sha256_after_secret(call, &nuvei.secret_keys, dmn.signed_text().as_bytes(), &shown)?;
    if dmn.is_well_formed() { Ok(authentic) } else { Err(Unauthentic) }
}

/// Reads what happened: whether it is about a deposit or a withdrawal is in the signed part, since it is our id.
pub(super) fn parse(body: &[u8]) -> Result<PaymentNotice, Malformed> {
    let dmn = Dmn::read(body).ok_or(Malformed("not a form"))?;
    let transaction = Some(dmn.text("TransactionID")).filter(|id| is_path_id(id)).map(str::to_owned);
    let (reference, status) = (dmn.text("productId"), dmn.text("Status"));
    let owned = reference.to_owned();
    let kind = match status {
        "PENDING" => NoticeKind::Noted,
        _ if reference.starts_with(WithdrawalId::PREFIX) => {
            NoticeKind::Hint(Subject::Payout { reference: owned, psp_reference: transaction })
        }
        _ if !reference.starts_with(DepositId::PREFIX) => {
            NoticeKind::Unhandled { event_code: format!("DMN.{status}") }
        }
        _ => NoticeKind::Hint(Subject::Payment { reference: owned, psp_reference: transaction }),
    };
    Ok(PaymentNotice::new(INTEGRATION, key(&dmn), reference, kind))
}

/// A form with its checksum, as Nuvei would send it.
#[must_use]
pub fn signed_dmn(dmn: &Dmn, secret: &[u8]) -> Vec<u8> {
    let shown = checksum(&[secret, dmn.signed_text().as_bytes()]);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(&dmn.0).append_pair("advanceResponseChecksum", &shown);
    form.finish().into_bytes()
}

/// What a repeat has in common with its first. Two of the fields may hold anything, so that their hash stands for all.
fn key(dmn: &Dmn) -> String {
    let names = ["merchant_site_id", "PPP_TransactionID", "TransactionID", "transactionType", "Status"];
    let hash = digest(&SHA256, names.map(|name| dmn.text(name)).join("#").as_bytes());
    format!("dmn:{}", hex::encode(hash))
}

/// `YYYY-MM-DD.HH:MM:SS`.
fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00.00:00:00";
    let fits = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    text.len() == FORM.len() && text.bytes().zip(FORM).all(fits)
}
