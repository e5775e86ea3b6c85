"""Asks AWS, or what stands for it at AWS_ENDPOINT_URL, by AWS' own SDK for Python.

Reads a call a line as JSON (service, operation, parameters), and writes its answer, or the error's code, as another line.
"""

import json
import sys

import boto3
from botocore.exceptions import ClientError

clients = {}


def plain(value):
    """What JSON does not have: a stream, bytes, or a time."""
    if hasattr(value, "read"):
        value = value.read()
    return value.decode() if isinstance(value, bytes) else str(value)


for line in sys.stdin:
    call = json.loads(line)
    name = call["service"]
    if name not in clients:
        clients[name] = boto3.client(name)
    try:
        answer = getattr(clients[name], call["operation"])(**call["parameters"])
        told = {"answer": answer}
    except ClientError as error:
        told = {"error": str(error)}
    print(json.dumps(told, default=plain), flush=True)
