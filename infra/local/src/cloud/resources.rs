//! Makes the tables, streams, queues, buckets, keys and secrets that a template declares. Whatever is there already stays.

use serde_json::{Map, Value, json};

use super::{AwsError, Cloud, keys};
use crate::{
    ACCOUNT, REGION, StartError,
    data::DataFolder,
    template::{Scope, Template, TemplateError, text},
};

/// How many shards a stream has that is declared on demand.
const SHARDS_ON_DEMAND: u64 = 4;

/// Makes every resource, and tells the scope what each is called.
pub(crate) async fn provision(
    cloud: &Cloud,
    template: &Template,
    scope: &mut Scope,
    folder: &DataFolder,
    secrets: &[(&str, Value)],
) -> Result<(), StartError> {
    make_keys(cloud, template, scope, folder)?;
    make_secrets(cloud, secrets).await?;
    make_buckets(cloud, template, scope)?;
    make_queues(cloud, template, scope).await?;
    make_streams(cloud, template, scope).await?;
    make_tables(cloud, template, scope).await
}

fn make_keys(
    cloud: &Cloud,
    template: &Template,
    scope: &mut Scope,
    folder: &DataFolder,
) -> Result<(), StartError> {
    let keyring = &cloud.services.keys;
    for id in ids(template, "AWS::KMS::Key", scope)? {
        let key_id = keyring.ensure(&id, folder)?;
        scope.define(&id, &key_id, &[("Arn", &keys::arn(&key_id)), ("KeyId", &key_id)]);
    }
    for (id, properties) in resolved(template, "AWS::KMS::Alias", scope)? {
        let alias = name(&properties, "AliasName", &id);
        let target = name(&properties, "TargetKeyId", "");
        keyring.alias(&alias, target.rsplit('/').next().unwrap_or_default());
        scope.define(&id, &alias, &[]);
    }
    Ok(())
}

fn make_buckets(cloud: &Cloud, template: &Template, scope: &mut Scope) -> Result<(), StartError> {
    for (id, properties) in resolved(template, "AWS::S3::Bucket", scope)? {
        // Names of buckets are lower case, and unlike other names shared by everybody.
        let name = name(&properties, "BucketName", &format!("pitboss-{}", id.to_lowercase()));
        let versioning = properties.pointer("/VersioningConfiguration/Status").and_then(Value::as_str);
        let locks = properties.get("ObjectLockEnabled").is_some_and(|it| text(it) == "true");
        cloud.services.buckets.ensure(&name, versioning == Some("Enabled"), locks);
        scope.define(&id, &name, &[("Arn", &format!("arn:aws:s3:::{name}"))]);
    }
    Ok(())
}

/// Secrets are not in the template: an operator makes them, here from documents.
async fn make_secrets(cloud: &Cloud, documents: &[(&str, Value)]) -> Result<(), AwsError> {
    for (name, document) in documents {
        let input = json!({"Name": name, "SecretString": document.to_string()});
        cloud.call("secretsmanager.CreateSecret", input).await?;
    }
    Ok(())
}

async fn make_queues(cloud: &Cloud, template: &Template, scope: &mut Scope) -> Result<(), StartError> {
    // Every queue is named before any is made: a queue's redrive policy names another.
    for (id, properties) in resolved(template, "AWS::SQS::Queue", scope)? {
        let name = name(&properties, "QueueName", &id);
        let url = format!("{}/{ACCOUNT}/{name}", cloud.endpoint());
        let arn = format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
        scope.define(&id, &url, &[("Arn", &arn), ("QueueName", &name), ("QueueUrl", &url)]);
    }
    let mut queues = resolved(template, "AWS::SQS::Queue", scope)?;
    queues.sort_by_key(|(_, properties)| properties.get("RedrivePolicy").is_some());
    for (id, properties) in queues {
        let attributes: Map<String, Value> = properties
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| QUEUE_ATTRIBUTES.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), Value::String(text(value))))
            .collect();
        let input = json!({"QueueName": name(&properties, "QueueName", &id), "Attributes": attributes});
        cloud.call("AmazonSQS.CreateQueue", input).await?;
    }
    Ok(())
}

const QUEUE_ATTRIBUTES: [&str; 8] = [
    "ContentBasedDeduplication",
    "DelaySeconds",
    "FifoQueue",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "VisibilityTimeout",
];

async fn make_streams(cloud: &Cloud, template: &Template, scope: &mut Scope) -> Result<(), StartError> {
    for (id, properties) in resolved(template, "AWS::Kinesis::Stream", scope)? {
        let name = name(&properties, "Name", &id);
        let shards = properties.get("ShardCount").and_then(Value::as_u64).unwrap_or(SHARDS_ON_DEMAND);
        let input = json!({"StreamName": name, "ShardCount": shards});
        cloud.call("Kinesis_20131202.CreateStream", input).await?;
        let arn = format!("arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/{name}");
        scope.define(&id, &name, &[("Arn", &arn)]);
    }
    Ok(())
}

async fn make_tables(cloud: &Cloud, template: &Template, scope: &mut Scope) -> Result<(), StartError> {
    for (id, properties) in resolved(template, "AWS::DynamoDB::Table", scope)? {
        let name = name(&properties, "TableName", &id);
        let described = match describe_table(cloud, &name).await {
            Err(AwsError { code, .. }) if code == "ResourceNotFoundException" => {
                cloud.call("DynamoDB_20120810.CreateTable", table_input(&name, &properties)).await?;
                describe_table(cloud, &name).await?
            }
            described => described?,
        };
        if shape(&described) != shape(&properties) {
            return Err(StartError::OtherShape(name));
        }
        expire_items(cloud, &name, &properties).await?;
        let field = |field| described.get(field).and_then(Value::as_str).unwrap_or_default();
        scope.define(&id, &name, &[("Arn", field("TableArn")), ("StreamArn", field("LatestStreamArn"))]);
    }
    Ok(())
}

async fn describe_table(cloud: &Cloud, name: &str) -> Result<Value, AwsError> {
    let answer = cloud.call("DynamoDB_20120810.DescribeTable", json!({"TableName": name})).await?;
    Ok(answer.get("Table").cloned().unwrap_or_default())
}

/// The template's properties are the operation's own, but for a few words.
fn table_input(name: &str, properties: &Value) -> Value {
    let mut input = Map::from_iter([("TableName".to_owned(), json!(name))]);
    for property in ["AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes"] {
        if let Some(value) = properties.get(property) {
            input.insert(property.to_owned(), value.clone());
        }
    }
    if let Some(indexes) = properties.get("GlobalSecondaryIndexes").and_then(Value::as_array) {
        let wanted = |index: &Value| {
            json!({"IndexName": index.get("IndexName"), "KeySchema": index.get("KeySchema"),
                   "Projection": index.get("Projection")})
        };
        input.insert("GlobalSecondaryIndexes".to_owned(), indexes.iter().map(wanted).collect());
    }
    if let Some(view) = properties.pointer("/StreamSpecification/StreamViewType") {
        let stream = json!({"StreamEnabled": true, "StreamViewType": view});
        input.insert("StreamSpecification".to_owned(), stream);
    }
    input.insert("BillingMode".to_owned(), json!("PAY_PER_REQUEST"));
    Value::Object(input)
}

async fn expire_items(cloud: &Cloud, name: &str, properties: &Value) -> Result<(), AwsError> {
    let Some(attribute) = properties.pointer("/TimeToLiveSpecification/AttributeName") else { return Ok(()) };
    let set = cloud.call("DynamoDB_20120810.DescribeTimeToLive", json!({"TableName": name})).await?;
    if set.pointer("/TimeToLiveDescription/AttributeName") == Some(attribute) {
        return Ok(());
    }
    let input = json!({
        "TableName": name,
        "TimeToLiveSpecification": {"AttributeName": attribute, "Enabled": true},
    });
    cloud.call("DynamoDB_20120810.UpdateTimeToLive", input).await.map(drop)
}

/// What cannot differ between a kept table and its declaration: keys, indexes and the stream.
fn shape(table: &Value) -> Value {
    let indexes = |kind: &str| {
        let all = table.get(kind).and_then(Value::as_array);
        let mut names: Vec<&Value> = all.into_iter().flatten().filter_map(|i| i.get("IndexName")).collect();
        names.sort_by_key(ToString::to_string);
        json!(names)
    };
    json!({
        "keys": table.get("KeySchema"),
        "stream": table.pointer("/StreamSpecification/StreamViewType"),
        "local": indexes("LocalSecondaryIndexes"),
        "global": indexes("GlobalSecondaryIndexes"),
    })
}

fn ids(template: &Template, kind: &str, scope: &Scope) -> Result<Vec<String>, TemplateError> {
    let resources = template.resources(kind, scope)?;
    Ok(resources.into_iter().map(|(id, _)| id.to_owned()).collect())
}

fn resolved(template: &Template, kind: &str, scope: &Scope) -> Result<Vec<(String, Value)>, TemplateError> {
    let empty = json!({});
    template
        .resources(kind, scope)?
        .into_iter()
        .map(|(id, resource)| {
            let properties = scope.resolve(resource.get("Properties").unwrap_or(&empty));
            properties.map(|properties| (id.to_owned(), properties))
        })
        .collect()
}

fn name(properties: &Value, property: &str, id: &str) -> String {
    properties.get(property).and_then(Value::as_str).unwrap_or(id).to_owned()
}
