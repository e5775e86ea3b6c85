// Stores what it is sent: one PutItem. The client without the high-level conveniences, bundled into one file.
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});

export const handler = async (event) => {
  const Item = { pk: { S: "baseline" }, sk: { S: event.requestContext.requestId }, body: { S: event.body } };
  await client.send(new PutItemCommand({ TableName: "deskbell", Item }));
  return { statusCode: 201, body: "{}" };
};
