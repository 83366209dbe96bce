//! What the platform relies on of each service, asked through the real SDK clients. An emulator crate that is
//! upgraded must still pass these.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::{
    AttributeValue, ConsumedCapacity, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::ObjectLockMode;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use pitboss_local::Data;

use crate::support;

fn item(entries: &[(&str, &str)]) -> HashMap<String, AttributeValue> {
    entries.iter().map(|(k, v)| ((*k).to_owned(), AttributeValue::S((*v).to_owned()))).collect()
}

fn put_new(table: &str, entries: &[(&str, &str)]) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item(entries)))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    TransactWriteItem::builder().put(put.build().unwrap()).build()
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_and_returns_the_old_items() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::dynamodb(cloud.env());
    let table = cloud.reference("LedgerTable").unwrap();
    let write = |value: &'static str| {
        client
            .transact_write_items()
            .transact_items(put_new(table, &[("pk", "p"), ("sk", "ACCOUNT"), ("value", value)]))
            .transact_items(put_new(table, &[("pk", "p"), ("sk", value)]))
            .return_consumed_capacity("TOTAL".into())
    };
    let written = write("first").send().await.unwrap();
    let units: Vec<_> =
        written.consumed_capacity().iter().filter_map(ConsumedCapacity::capacity_units).collect();
    assert_eq!(units, [4.0], "two small items cost two units each");

    let error = write("second").send().await.unwrap_err().into_service_error();
    let aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException(
        cancelled,
    ) = error
    else {
        panic!("{error:?}")
    };
    let reasons = cancelled.cancellation_reasons();
    assert_eq!(reasons[0].code(), Some("ConditionalCheckFailed"));
    assert_eq!(reasons[0].item().unwrap()["value"], AttributeValue::S("first".into()));
    assert_eq!(reasons[1].code(), Some("None"));
    let left = client.get_item().table_name(table).set_key(Some(item(&[("pk", "p"), ("sk", "second")])));
    assert!(left.send().await.unwrap().item.is_none(), "a cancelled transaction writes nothing");
    cloud.stop().await;
}

#[tokio::test]
async fn of_many_writers_on_one_version_exactly_one_wins() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::dynamodb(cloud.env());
    let table = cloud.reference("LedgerTable").unwrap();
    let number = |n: u32| AttributeValue::N(n.to_string());
    let mut account = item(&[("pk", "p"), ("sk", "ACCOUNT")]);
    account.insert("version".into(), number(1));
    client.put_item().table_name(table).set_item(Some(account)).send().await.unwrap();
    let write = |n: u32| {
        let bump = Update::builder()
            .table_name(table)
            .set_key(Some(item(&[("pk", "p"), ("sk", "ACCOUNT")])))
            .update_expression("SET version = :next")
            .condition_expression("version = :read")
            .expression_attribute_values(":read", number(1))
            .expression_attribute_values(":next", number(2));
        client
            .transact_write_items()
            .transact_items(TransactWriteItem::builder().update(bump.build().unwrap()).build())
            .transact_items(put_new(table, &[("pk", "p"), ("sk", &format!("TX#{n}"))]))
            .send()
    };
    let outcomes = futures::future::join_all((0..20).map(write)).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert_eq!(client.scan().table_name(table).send().await.unwrap().count(), 2);
    cloud.stop().await;
}

#[tokio::test]
async fn a_transaction_sent_twice_under_one_token_is_done_once() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::dynamodb(cloud.env());
    let table = cloud.reference("LedgerTable").unwrap();
    let send = |sk: &'static str| {
        client
            .transact_write_items()
            .client_request_token("once")
            .transact_items(put_new(table, &[("pk", "p"), ("sk", sk)]))
            .send()
    };
    send("TX#1").await.unwrap();
    send("TX#1").await.unwrap();
    let other = send("TX#2").await.unwrap_err().into_service_error();
    assert!(other.is_idempotent_parameter_mismatch_exception(), "{other:?}");
    cloud.stop().await;
}

#[tokio::test]
async fn indexes_are_ordered_sparse_and_paged() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::dynamodb(cloud.env());
    let table = cloud.reference("LedgerTable").unwrap();
    for (sk, posted, queue) in
        [("TX#b", "2", None), ("TX#a", "3", Some("waiting")), ("TX#c", "1", Some("waiting"))]
    {
        let mut entry = item(&[("pk", "p"), ("sk", sk), ("posted", posted)]);
        entry.extend(queue.map(|queue| ("queue".to_owned(), AttributeValue::S(queue.to_owned()))));
        client.put_item().table_name(table).set_item(Some(entry)).send().await.unwrap();
    }
    let query = |index: &str, key: &str, value: &str| {
        client
            .query()
            .table_name(table)
            .index_name(index)
            .key_condition_expression(format!("{key} = :v"))
            .expression_attribute_values(":v", AttributeValue::S(value.into()))
            .scan_index_forward(false)
            .limit(2)
    };
    let keys = |items: &[HashMap<String, AttributeValue>]| -> Vec<String> {
        items.iter().map(|item| item["sk"].as_s().unwrap().clone()).collect()
    };
    let first = query("statement", "pk", "p").send().await.unwrap();
    assert_eq!(keys(first.items()), ["TX#a", "TX#b"]);
    let start = first.last_evaluated_key().cloned();
    let second = query("statement", "pk", "p").set_exclusive_start_key(start).send().await.unwrap();
    assert_eq!(keys(second.items()), ["TX#c"]);
    let waiting = query("queue", "queue", "waiting").send().await.unwrap();
    assert_eq!(keys(waiting.items()), ["TX#a", "TX#c"]);
    cloud.stop().await;
}

#[tokio::test]
async fn a_table_stream_gives_every_change_in_order() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::dynamodb(cloud.env());
    let table = cloud.reference("LedgerTable").unwrap();
    for n in 0..5 {
        let entry = item(&[("pk", "p"), ("sk", &format!("TX#{n}"))]);
        client.put_item().table_name(table).set_item(Some(entry)).send().await.unwrap();
    }
    let streams = support::streams(cloud.env());
    let arn = streams.list_streams().send().await.unwrap().streams()[0].stream_arn().unwrap().to_owned();
    let described = streams.describe_stream().stream_arn(&arn).send().await.unwrap();
    let shard = described.stream_description().unwrap().shards()[0].shard_id().unwrap().to_owned();
    let iterator = streams
        .get_shard_iterator()
        .stream_arn(&arn)
        .shard_id(shard)
        .shard_iterator_type("TRIM_HORIZON".into())
        .send()
        .await
        .unwrap();
    let page =
        streams.get_records().set_shard_iterator(iterator.shard_iterator).limit(3).send().await.unwrap();
    let rest =
        streams.get_records().set_shard_iterator(page.next_shard_iterator.clone()).send().await.unwrap();
    let all: Vec<_> = page.records().iter().chain(rest.records()).filter_map(|r| r.dynamodb()).collect();
    assert_eq!((page.records().len(), all.len()), (3, 5));
    let numbers: Vec<_> = all.iter().map(|record| record.sequence_number().unwrap()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert!(all.iter().all(|record| record.new_image().is_some() && record.old_image().is_none()));
    cloud.stop().await;
}

#[tokio::test]
async fn kinesis_keeps_order_within_a_partition_and_moves_its_iterators() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::kinesis(cloud.env());
    let name = cloud.reference("EventsStream").unwrap();
    let mut shard = None;
    for n in 0..6_u8 {
        let put = client.put_record().stream_name(name).partition_key("ply_1").data(vec![n].into());
        shard = Some(put.send().await.unwrap().shard_id().to_owned());
    }
    let iterator = client
        .get_shard_iterator()
        .stream_name(name)
        .set_shard_id(shard.clone())
        .shard_iterator_type("TRIM_HORIZON".into());
    let mut position = iterator.send().await.unwrap().shard_iterator;
    let mut read = Vec::new();
    let mut last = None;
    for _ in 0..4 {
        let page = client.get_records().set_shard_iterator(position).limit(2).send().await.unwrap();
        read.extend(page.records().iter().map(|record| record.data().as_ref()[0]));
        last = page.records().last().map(|record| record.sequence_number().to_owned()).or(last);
        position = page.next_shard_iterator;
    }
    assert_eq!(read, [0, 1, 2, 3, 4, 5]);
    let after = client
        .get_shard_iterator()
        .stream_name(name)
        .set_shard_id(shard)
        .shard_iterator_type("AFTER_SEQUENCE_NUMBER".into())
        .set_starting_sequence_number(last);
    let after = after.send().await.unwrap().shard_iterator;
    client.put_record().stream_name(name).partition_key("ply_1").data(vec![9].into()).send().await.unwrap();
    let page = client.get_records().set_shard_iterator(after).send().await.unwrap();
    assert_eq!(page.records()[0].data().as_ref(), [9]);
    cloud.stop().await;
}

#[tokio::test]
async fn a_queue_hides_shows_again_and_gives_up_messages() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::sqs(cloud.env());
    // A queue of its own: the one in the template has a consumer.
    let dead = cloud.reference("DeadLetters").unwrap();
    let policy =
        r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:DeadLetters","maxReceiveCount":1}"#;
    let made = client
        .create_queue()
        .queue_name("own")
        .attributes("VisibilityTimeout".into(), "1")
        .attributes("RedrivePolicy".into(), policy);
    let own = made.send().await.unwrap().queue_url.unwrap();
    client.send_message().queue_url(&own).message_body("payout").send().await.unwrap();
    let receive = |url: &str, wait| client.receive_message().queue_url(url).wait_time_seconds(wait);
    let first = receive(&own, 1).send().await.unwrap();
    assert_eq!(first.messages()[0].body(), Some("payout"));
    assert!(receive(&own, 0).send().await.unwrap().messages().is_empty(), "it is hidden");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert!(receive(&own, 1).send().await.unwrap().messages().is_empty(), "it was given up");
    let given_up = receive(dead, 1).send().await.unwrap();
    let message = &given_up.messages()[0];
    assert_eq!(message.body(), Some("payout"));
    let handle = message.receipt_handle().unwrap();
    client.delete_message().queue_url(dead).receipt_handle(handle).send().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(receive(dead, 0).send().await.unwrap().messages().is_empty());
    cloud.stop().await;
}

#[tokio::test]
async fn a_batch_is_sent_and_a_message_can_be_shown_again_early() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::sqs(cloud.env());
    let url = client.create_queue().queue_name("own").send().await.unwrap().queue_url.unwrap();
    let entry = |id: &str| {
        SendMessageBatchRequestEntry::builder().id(id).message_body(format!("body {id}")).build().unwrap()
    };
    let sent =
        client.send_message_batch().queue_url(&url).entries(entry("1")).entries(entry("2")).send().await;
    assert_eq!(sent.unwrap().successful().len(), 2);
    let receive = || client.receive_message().queue_url(&url).max_number_of_messages(10).send();
    let received = receive().await.unwrap();
    assert_eq!(received.messages().len(), 2);
    let handle = received.messages()[0].receipt_handle().unwrap();
    let change = client.change_message_visibility().queue_url(&url).receipt_handle(handle);
    change.visibility_timeout(0).send().await.unwrap();
    assert_eq!(receive().await.unwrap().messages().len(), 1);
    cloud.stop().await;
}

#[tokio::test]
async fn a_data_key_unwraps_only_in_its_context_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let data = Data::Dir(dir.path().into());
    let cloud = support::start(data.clone(), support::idle()).await.unwrap();
    let key = cloud.reference("DataKey").unwrap().to_owned();
    let made = support::kms(cloud.env())
        .generate_data_key()
        .key_id("alias/data")
        .key_spec("AES_256".into())
        .encryption_context("player", "ply_1")
        .send()
        .await
        .unwrap();
    assert_eq!(made.plaintext().unwrap().as_ref().len(), 32);
    assert!(made.key_id().unwrap().ends_with(&key));
    cloud.stop().await;

    let cloud = support::start(data, support::idle()).await.unwrap();
    let client = support::kms(cloud.env());
    let unwrap = |player: &str| {
        client
            .decrypt()
            .set_ciphertext_blob(made.ciphertext_blob.clone())
            .key_id(&key)
            .encryption_context("player", player)
    };
    assert_eq!(unwrap("ply_1").send().await.unwrap().plaintext, made.plaintext);
    let error = unwrap("ply_2").send().await.unwrap_err().into_service_error();
    assert!(error.is_invalid_ciphertext_exception(), "{error:?}");
    cloud.stop().await;
}

#[tokio::test]
async fn secrets_are_read_by_name() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::secrets(cloud.env());
    let read = |name: &str| client.get_secret_value().secret_id(name);
    let vendors = read(&cloud.env()["VENDORS_SECRET"]).send().await.unwrap();
    let vendors: serde_json::Value = serde_json::from_str(vendors.secret_string().unwrap()).unwrap();
    assert_eq!(vendors["url"], cloud.url());
    let identity = read("pitboss/identity").send().await.unwrap();
    assert!(identity.secret_string().unwrap().contains("jwt_private_key_pkcs8_b64"));
    let error = read("pitboss/nothing").send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    cloud.stop().await;
}

#[tokio::test]
async fn a_locked_version_cannot_be_deleted_and_hides_behind_no_newer_one() {
    let cloud = support::start(Data::Memory, support::idle()).await.unwrap();
    let client = support::s3(cloud.env());
    let bucket = cloud.reference("SealsBucket").unwrap();
    let put = |body: &'static [u8]| {
        client
            .put_object()
            .bucket(bucket)
            .key("roots/a.json")
            .body(ByteStream::from_static(body))
            .object_lock_mode(ObjectLockMode::Compliance)
            .object_lock_retain_until_date(DateTime::from_secs(4_102_444_800))
            .send()
    };
    let first = put(b"first").await.unwrap().version_id.unwrap();
    let delete = client.delete_object().bucket(bucket).key("roots/a.json").version_id(&first);
    let refused = delete.clone().bypass_governance_retention(true).send().await.unwrap_err();
    assert_eq!(refused.into_service_error().code(), Some("AccessDenied"));
    put(b"second").await.unwrap();

    let get = client.get_object().bucket(bucket).key("roots/a.json").version_id(first).send().await.unwrap();
    assert_eq!(get.object_lock_mode(), Some(&ObjectLockMode::Compliance));
    assert_eq!(get.body.collect().await.unwrap().into_bytes().as_ref(), b"first");
    let list = client.list_objects_v2().bucket(bucket).prefix("roots/").send().await.unwrap();
    assert_eq!(list.contents().iter().map(|it| it.key().unwrap()).collect::<Vec<_>>(), ["roots/a.json"]);
    let none = client.get_object().bucket(bucket).key("none").send().await.unwrap_err();
    assert!(none.into_service_error().is_no_such_key());
    cloud.stop().await;
}
