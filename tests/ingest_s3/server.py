"""An S3 server on 127.0.0.1 that checks signatures and permissions; it ends with its standard input.

First line out: address, key id and secret of a user who may read bucket `lake`, all but `private/`.
Bucket `lake` begins with `many/0000.csv` to `many/1099.csv`, more than one page of a listing.
Each line in, a JSON list of a key and a path, stores that file there, and `done` comes back.
"""

import json
import logging
import sys

import boto3
from moto import settings
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"


def client(service, key):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )


def user(iam, name, *statements):
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=json.dumps(policy))
    return iam.create_access_key(UserName=name)["AccessKey"]


iam = client("iam", {"AccessKeyId": "first", "SecretAccessKey": "first"})
writer = user(iam, "writer", {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
reader = user(
    iam,
    "reader",
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"},
    {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::lake/private/*"},
)
# From here on nobody gets in without a signature.
settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
s3 = client("s3", writer)
s3.create_bucket(Bucket="lake")
for i in range(1100):
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object("lake", f"many/{i:04}.csv", f"a,y\n{i},1\n".encode())
print(json.dumps([endpoint, reader["AccessKeyId"], reader["SecretAccessKey"]]), flush=True)
for line in sys.stdin:
    key, path = json.loads(line)
    with open(path, "rb") as body:
        s3.put_object(Bucket="lake", Key=key, Body=body.read())
    print("done", flush=True)
