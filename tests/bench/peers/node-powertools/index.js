// The same bet, made idempotent by Powertools for AWS Lambda.

import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { answer, dynamodb, place } from "../bet.js";

const config = new IdempotencyConfig({
  eventKeyJmesPath: "transaction_uuid",
  payloadValidationJmesPath: "[user, amount, round]",
  throwOnNoIdempotencyKey: true,
});
const persistenceStore = new DynamoDBPersistenceLayer({
  tableName: process.env.IDEMPOTENCY_TABLE,
  awsSdkV3Client: dynamodb,
});
const placeOnce = makeIdempotent(place, { persistenceStore, config });

export const handler = (event, context) => {
  config.registerLambdaContext(context);
  return answer(event, placeOnce);
};
