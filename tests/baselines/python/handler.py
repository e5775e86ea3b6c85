"""Stores what it is sent: one PutItem."""

import boto3

client = boto3.client("dynamodb")


def handler(event, context):
    item = {"pk": {"S": "baseline"}, "sk": {"S": event["requestContext"]["requestId"]}, "body": {"S": event["body"]}}
    client.put_item(TableName="deskbell", Item=item)
    return {"statusCode": 201, "body": "{}"}
