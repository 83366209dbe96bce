//! What Nuvei tells.

use proptest::prelude::*;

use super::*;
use crate::payments::NoticeKind;

const KNOWN: &str = "1ba38358e545d9ceac821bfd97b39a6b0b27e8892d5f1c7344dd1e8c10908723";

/// The fields of the known call, with others in their place.
fn fields<'a>(change: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("totalAmount", "25.00"),
        ("currency", "EUR"),
        ("responseTimeStamp", "2026-01-02.03:04:05"),
        ("PPP_TransactionID", "900000001"),
        ("Status", "APPROVED"),
        ("productId", "dep_01HZX3"),
        ("merchant_site_id", "2002"),
        ("TransactionID", "711000000019876543"),
        ("transactionType", "Sale"),
        ("userPaymentOptionId", "70123456"),
    ];
    for (name, value) in change {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields
}

fn received(nuvei: &Nuvei, body: &[u8]) -> Result<PaymentNotice, Receipt> {
    let headers = HeaderMap::new();
    let authentic =
        nuvei.verify(RawCall::post("", &headers, body), now()).map_err(|_| Receipt::NotAuthentic)?;
    nuvei.parse(&authentic).map(|mut notices| notices.remove(0)).map_err(|_| Receipt::Malformed)
}

/// The call with some fields changed, signed anew.
fn told(change: &[(&str, &str)]) -> Result<PaymentNotice, Receipt> {
    received(&nuvei(), &signed_dmn(&Dmn::of(&fields(change)), SECRET))
}

/// The call with some fields changed and the known checksum.
fn tampered(change: &[(&str, &str)]) -> Result<PaymentNotice, Receipt> {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields(change)).append_pair("advanceResponseChecksum", KNOWN);
    received(&nuvei(), form.finish().as_bytes())
}

#[test]
fn the_known_call_is_accepted() {
    assert_eq!(
        checksum(&[b"nuvei_demo_secret25.00EUR2026-01-02.03:04:05900000001APPROVEDdep_01HZX3"]),
        KNOWN
    );
    let told = tampered(&[]).unwrap();
    let transaction = Some("711000000019876543".to_owned());
    let subject = Subject::Payment { reference: "dep_01HZX3".into(), psp_reference: transaction };
    assert_eq!((told.reference.as_str(), told.kind), ("dep_01HZX3", NoticeKind::Hint(subject)));
    assert_eq!(told.instrument, None, "who paid is not signed: it is asked for");
    assert!(told.key.tx.starts_with("dmn:") && told.key.tx.len() == 68);
}

#[test]
fn every_signed_field_counts() {
    for change in [
        ("totalAmount", "2500"),
        ("currency", "USD"),
        ("responseTimeStamp", "2026-01-02.03:04:06"),
        ("PPP_TransactionID", "90000001"),
        ("Status", "DECLINED"),
        ("productId", "dep_01HZX4"),
        ("advanceResponseChecksum", ""),
        ("merchant_site_id", "2003"),
        ("merchantSiteId", "2003"),
    ] {
        assert_eq!(tampered(&[change]), Err(Receipt::NotAuthentic), "{change:?}");
    }
}

#[test]
fn what_is_not_signed_decides_nothing() {
    let sale = tampered(&[]).unwrap();
    for change in [("transactionType", "Auth"), ("transactionType", "Credit"), ("userid", "somebody")] {
        assert_eq!(tampered(&[change]).unwrap().kind, sale.kind, "{change:?}");
    }
}

#[test]
fn only_our_secrets_count() {
    let body = signed_dmn(&Dmn::of(&fields(&[])), SECRET);
    let other = Nuvei::new(&settings(|it| it["secret_key"] = json!("other"))).unwrap();
    assert_eq!(received(&other, &body), Err(Receipt::NotAuthentic));
    let rotated = Nuvei::new(&settings(|it| it["secret_key"] = json!(["nuvei_demo_secret", "new"]))).unwrap();
    assert!(received(&rotated, &body).is_ok());
    assert!(received(&rotated, &signed_dmn(&Dmn::of(&fields(&[])), b"new")).is_ok());
}

#[test]
fn signed_fields_have_their_form() {
    for change in [
        ("totalAmount", "25.005"),
        ("totalAmount", "0"),
        ("totalAmount", "-25"),
        ("totalAmount", ""),
        ("currency", "ZZZ"),
        ("responseTimeStamp", "2026-01-02 03:04:05"),
        ("responseTimeStamp", "2026-01-02.03:04:059"),
        ("PPP_TransactionID", "9000000A"),
        ("PPP_TransactionID", ""),
        ("Status", "APPROVEDdep"),
        ("Status", "approved"),
        ("productId", ""),
        ("productId", "dep_01HZX3\u{80}\0\0"),
        ("productId", "dep 1"),
        ("productId", "dep_0123456789012345678901234567890123456789012345678901234567890"),
    ] {
        assert_eq!(told(&[change]), Err(Receipt::NotAuthentic), "{change:?}");
    }
}

#[test]
fn our_id_and_the_status_say_what_it_is_about() {
    let transaction = || Some("711000000019876543".to_owned());
    let payment =
        |reference: &str| Subject::Payment { reference: reference.into(), psp_reference: transaction() };
    let payout =
        |reference: &str| Subject::Payout { reference: reference.into(), psp_reference: transaction() };
    for status in ["APPROVED", "DECLINED", "ERROR", "CANCELED"] {
        let kind = |product| told(&[("Status", status), ("productId", product)]).unwrap().kind;
        assert_eq!(kind(DEPOSIT), NoticeKind::Hint(payment(DEPOSIT)));
        assert_eq!(kind(WITHDRAWAL), NoticeKind::Hint(payout(WITHDRAWAL)));
        assert_eq!(kind("other"), NoticeKind::Unhandled { event_code: format!("DMN.{status}") });
    }
    assert_eq!(told(&[("Status", "PENDING")]).unwrap().kind, NoticeKind::Noted);
    let nameless = told(&[("TransactionID", "../1")]).unwrap().kind;
    let subject = Subject::Payment { reference: "dep_01HZX3".into(), psp_reference: None };
    assert_eq!(nameless, NoticeKind::Hint(subject));
}

#[test]
fn a_repeat_has_the_same_key() {
    let key = |change: &[(&str, &str)]| told(change).unwrap().key;
    assert_eq!(key(&[]), key(&[("responseTimeStamp", "2026-01-02.03:04:06")]));
    for change in [
        ("Status", "DECLINED"),
        ("PPP_TransactionID", "2"),
        ("TransactionID", "2"),
        ("transactionType", "Auth"),
    ] {
        assert_ne!(key(&[]), key(&[change]), "{change:?}");
    }
}

#[test]
fn a_field_that_comes_twice_is_refused() {
    let mut body = signed_dmn(&Dmn::of(&fields(&[])), SECRET);
    assert!(received(&nuvei(), &body).is_ok());
    body.extend_from_slice(b"&totalAmount=2500.00");
    assert_eq!(received(&nuvei(), &body), Err(Receipt::NotAuthentic));
}

proptest! {
    #[test]
    fn no_bytes_panic_or_pass(body in proptest::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(received(&nuvei(), &body), Err(Receipt::NotAuthentic));
    }

    #[test]
    fn no_form_passes_unsigned(values in proptest::collection::vec(".*", 11)) {
        let names = fields(&[]).into_iter().map(|(name, _)| name).chain(["advanceResponseChecksum"]);
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(names.zip(&values)).finish();
        prop_assert_eq!(received(&nuvei(), form.as_bytes()), Err(Receipt::NotAuthentic));
    }

    #[test]
    fn no_signed_form_panics(values in proptest::collection::vec(".*", 10)) {
        let names = fields(&[]).into_iter().map(|(name, _)| name);
        let fields: Vec<_> = names.zip(values.iter().map(String::as_str)).collect();
        let _ = received(&nuvei(), &signed_dmn(&Dmn::of(&fields), SECRET));
    }
}
