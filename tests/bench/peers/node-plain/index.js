// The bet with nothing but the AWS SDK: the entry is the idempotency record.

import { answer, place } from "../bet.js";

export const handler = (event) => answer(event, place);
