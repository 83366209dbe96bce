// A stake of Hub88's seamless wallet: one consistent read, one transaction of the wallet and its entry.

import { createPublicKey, verify } from "node:crypto";
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";

const TABLE = process.env.PEER_TABLE;
const HUB88_KEY = createPublicKey(process.env.HUB88_PUBLIC_KEY);
const ATTEMPTS = 3;

export const dynamodb = new DynamoDBClient({});

/** Answers API Gateway's event with what `place` makes of the stake. */
export async function answer(event, place) {
  const body = Buffer.from(event.body, event.isBase64Encoded ? "base64" : "utf8");
  if (!isAuthentic(body, event.headers["x-hub88-signature"])) {
    return reply({ status: "RS_ERROR_INVALID_SIGNATURE" });
  }
  let stake;
  try {
    stake = JSON.parse(body);
  } catch {
    return reply({ status: "RS_ERROR_WRONG_SYNTAX" });
  }
  const problem = check(stake);
  const outcome = problem ? { status: problem } : await place(stake);
  return reply({ request_uuid: stake.request_uuid, ...outcome });
}

/** Takes the stake from the wallet. A repeat is answered as the first time. */
export async function place(stake) {
  const pk = { S: `PLAYER#${stake.user}` };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const wallet = await read({ pk, sk: { S: "WALLET" } });
    if (!wallet || wallet.token.S !== stake.token) return { status: "RS_ERROR_INVALID_TOKEN" };
    if (wallet.currency.S !== stake.currency) return { status: "RS_ERROR_WRONG_CURRENCY" };
    const before = Number(wallet.balance.N);
    const after = before - stake.amount;
    if (after < 0) return refuse(pk, stake);
    const entry = {
      pk,
      sk: { S: `TX#${stake.transaction_uuid}` },
      amount: { N: String(stake.amount) },
      balance: { N: String(after) },
      currency: wallet.currency,
      game: { S: stake.game_code },
      round: { S: stake.round },
      posted: { S: new Date().toISOString() },
    };
    try {
      await dynamodb.send(transaction(entry, before, after));
      return accepted(entry, stake);
    } catch (error) {
      if (error.name !== "TransactionCanceledException") throw error;
      const [first] = error.CancellationReasons;
      if (first.Code === "ConditionalCheckFailed") return repeat(first.Item, stake);
      // Somebody else changed the wallet in between.
    }
  }
  return { status: "RS_ERROR_UNKNOWN" };
}

function transaction(entry, before, after) {
  return new TransactWriteItemsCommand({
    TransactItems: [
      {
        Put: {
          TableName: TABLE,
          Item: entry,
          ConditionExpression: "attribute_not_exists(pk)",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
      },
      {
        Update: {
          TableName: TABLE,
          Key: { pk: entry.pk, sk: { S: "WALLET" } },
          UpdateExpression: "SET balance = :after",
          ConditionExpression: "balance = :before",
          ExpressionAttributeValues: { ":before": { N: String(before) }, ":after": { N: String(after) } },
        },
      },
    ],
  });
}

async function read(key) {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: TABLE, Key: key, ConsistentRead: true }));
  return Item;
}

/** Too little money, unless the stake was taken before. */
async function refuse(pk, stake) {
  const entry = await read({ pk, sk: { S: `TX#${stake.transaction_uuid}` } });
  return entry ? repeat(entry, stake) : { status: "RS_ERROR_NOT_ENOUGH_MONEY" };
}

function repeat(entry, stake) {
  const same = Number(entry.amount.N) === stake.amount && entry.round.S === stake.round;
  return same ? accepted(entry, stake) : { status: "RS_ERROR_DUPLICATE_TRANSACTION" };
}

function accepted(entry, stake) {
  return { user: stake.user, status: "RS_OK", currency: entry.currency.S, balance: Number(entry.balance.N) };
}

function isAuthentic(body, signature) {
  return Boolean(signature) && verify("RSA-SHA256", body, HUB88_KEY, Buffer.from(signature, "base64"));
}

function check(stake) {
  const texts = ["request_uuid", "transaction_uuid", "user", "token", "game_code", "currency", "round"];
  if (texts.some((name) => stake[name] === undefined)) return "RS_ERROR_WRONG_SYNTAX";
  if (texts.some((name) => typeof stake[name] !== "string")) return "RS_ERROR_WRONG_TYPES";
  return Number.isSafeInteger(stake.amount) && stake.amount >= 0 ? undefined : "RS_ERROR_WRONG_TYPES";
}

function reply(body) {
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}
