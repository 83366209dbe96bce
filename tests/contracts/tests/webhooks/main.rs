//! What payment and identity vendors tell us, as tables of bytes: a call, its answer, and what is in the ledger and in
//! the staff's inbox afterwards. The real functions answer, over HTTP; what they ask the vendor is in the tables, too.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod platform;
mod side;
mod subject;
mod table;

use std::collections::BTreeSet;

use table::Table;

/// Plays a vendor's table.
macro_rules! tables {
    ($($vendor:ident $kind:literal)*) => {
        $(#[tokio::test(flavor = "multi_thread")]
        async fn $vendor() {
            Table::read($kind, stringify!($vendor)).play().await;
        })*

        #[test]
        fn every_vendor_has_a_table() {
            let played: BTreeSet<_> = [$(($kind.to_owned(), stringify!($vendor).to_owned())),*].into();
            let vendors = platform::vendors();
            let of = |kind: &str, section: &str| -> Vec<(String, String)> {
                let with_settings = vendors[section].as_object().unwrap().iter().filter(|(_, it)| it.is_object());
                with_settings.map(|(name, _)| (kind.to_owned(), name.clone())).collect()
            };
            let configured = [of("payments", "payments"), of("identity", "kyc")].concat();
            assert_eq!(played, configured.into_iter().collect());
        }
    };
}

tables! {
    adyen "payments"
    nuvei "payments"
    onfido "identity"
    sumsub "identity"
    truelayer "payments"
    trustly "payments"
    veriff "identity"
}
