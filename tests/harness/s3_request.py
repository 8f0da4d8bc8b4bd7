"""Requests to an S3 server by a test itself: for what the program never does, and to clean up behind it."""
import datetime
import hashlib
import hmac
import http.client
import re
import urllib.parse


def send(env, method, path, query="", body=b"", **headers):
    """One request, signed by the credentials of env (AWS_…). @return status and body."""
    server = urllib.parse.urlsplit(env["AWS_ENDPOINT_URL_S3"])
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    body_hash = hashlib.sha256(body).hexdigest()
    region = env.get("AWS_REGION", "us-east-1")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"host": server.netloc, "x-amz-date": now, "x-amz-content-sha256": body_hash}
    names = ";".join(sorted(sent))
    path = urllib.parse.quote(path)
    request = "\n".join([method, path, query, *(f"{name}:{sent[name]}" for name in sorted(sent)), "", names, body_hash])
    scope = f"{now[:8]}/{region}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = ("AWS4" + env["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    sent["authorization"] = (f"AWS4-HMAC-SHA256 Credential={env['AWS_ACCESS_KEY_ID']}/{scope}, SignedHeaders={names}, "
                             f"Signature={hmac.new(key, text.encode(), hashlib.sha256).hexdigest()}")
    kind = http.client.HTTPSConnection if server.scheme == "https" else http.client.HTTPConnection
    connection = kind(server.netloc, timeout=60)
    try:
        connection.request(method, path + ("?" + query if query else ""), body=body, headers=sent)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def empty(env, bucket):
    """Removes every object and the bucket: of a test's own."""
    while True:
        status, body = send(env, "GET", f"/{bucket}", "list-type=2")
        keys = re.findall("<Key>(.*?)</Key>", body.decode())
        if status != 200 or not keys:
            break
        for key in keys:
            send(env, "DELETE", f"/{bucket}/{key}")
    send(env, "DELETE", f"/{bucket}")
