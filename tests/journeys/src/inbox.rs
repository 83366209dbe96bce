//! What vendors told us that is kept for staff, read as it is: nothing serves it yet.

use aws_sdk_dynamodb::types::AttributeValue;
use edge::{Settings, aws};

use crate::{Failure, Platform, failed};

/// Why a vendor's notices were kept that speak of something; empty if there is none.
pub async fn kept(platform: &Platform, vendor: &str, about: &str) -> Result<Vec<String>, Failure> {
    let settings = Settings::new(platform.cloud().env().clone(), edge::Context::default());
    let found = aws::dynamodb(&settings)
        .map_err(failed)?
        .query()
        .table_name(settings.get("INBOX_TABLE").map_err(failed)?)
        .key_condition_expression("pk = :vendor")
        .expression_attribute_values(":vendor", AttributeValue::S(format!("INBOX#{vendor}")))
        .send()
        .await
        .map_err(|error| failed(error.into_service_error()))?;
    let text = |item: &std::collections::HashMap<String, AttributeValue>, name: &str| {
        item.get(name).and_then(|it| it.as_s().ok()).cloned().unwrap_or_default()
    };
    let items = found.items().iter().filter(|item| text(item, "summary").contains(about));
    Ok(items.map(|item| text(item, "why")).collect())
}
