// Runs a handler under the Lambda Runtime API. Leaner than AWS's own client, which favours the peers.

const http = require("node:http");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const { handler } = require(process.argv[2]);

function call(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}` });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.end(body);
  });
}

async function serveOne() {
  const { headers, body } = await call("GET", "next");
  const awsRequestId = headers["lambda-runtime-aws-request-id"];
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  const context = { awsRequestId, getRemainingTimeInMillis: () => deadline - Date.now() };
  try {
    const answer = await handler(JSON.parse(body), context);
    await call("POST", `${awsRequestId}/response`, JSON.stringify(answer));
  } catch (error) {
    const failure = { errorType: error.name, errorMessage: error.message, stackTrace: [error.stack] };
    await call("POST", `${awsRequestId}/error`, JSON.stringify(failure));
  }
}

(async () => {
  for (;;) await serveOne();
})();
