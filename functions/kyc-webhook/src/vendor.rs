//! The identity vendor that this function serves.

use edge::{BoxError, ConfigError};
use vendors::kyc::IdentityWebhook;
use vendors::kyc::onfido::{self, Onfido};
use vendors::kyc::sumsub::{self, Sumsub};
use vendors::kyc::veriff::{self, Veriff};
use vendors::settings::Kyc;

/// The vendor of a name, as configured. Without it the function has nothing to do and does not start.
pub(crate) fn vendor(name: &str, settings: &Kyc) -> Result<Box<dyn IdentityWebhook>, BoxError> {
    let missing = |setting| ConfigError::new(setting, "is missing or unreadable in the vendors' settings");
    Ok(match name {
        sumsub::INTEGRATION => {
            Box::new(Sumsub::new(settings.sumsub.as_ref().ok_or_else(|| missing("kyc.sumsub"))?)?)
        }
        onfido::INTEGRATION => {
            Box::new(Onfido::new(settings.onfido.as_ref().ok_or_else(|| missing("kyc.onfido"))?)?)
        }
        veriff::INTEGRATION => {
            Box::new(Veriff::new(settings.veriff.as_ref().ok_or_else(|| missing("kyc.veriff"))?)?)
        }
        _ => return Err(ConfigError::new("VENDOR", "names no identity vendor").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_and_configured_vendors_start() {
        let settings: vendors::settings::Settings =
            serde_json::from_str(include_str!("../../../infra/local/vendors.json")).unwrap();
        for name in ["sumsub", "onfido", "veriff"] {
            assert_eq!(vendor(name, &settings.kyc).unwrap().integration(), name);
            assert!(vendor(name, &Kyc::default()).is_err());
        }
        assert!(vendor("nobody", &settings.kyc).is_err());
    }
}
