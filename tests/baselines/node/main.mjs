// Lambda's runtime for the handler, as short as it gets: the one that AWS publishes (aws-lambda-ric) takes some 10 ms more.
import { Agent, request } from "node:http";
import { handler } from "./handler.mjs";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true });

const ask = (method, path, body) =>
  new Promise((resolve, reject) => {
    const asked = request({ hostname, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}` }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve({ id: answer.headers["lambda-runtime-aws-request-id"], body: Buffer.concat(chunks) }));
    });
    asked.on("error", reject);
    asked.end(body);
  });

const run = async () => {
  for (;;) {
    const event = await ask("GET", "next");
    try {
      const answer = await handler(JSON.parse(event.body));
      await ask("POST", `${event.id}/response`, JSON.stringify(answer));
    } catch (error) {
      await ask("POST", `${event.id}/error`, JSON.stringify({ errorMessage: String(error) }));
    }
  }
};

run();
