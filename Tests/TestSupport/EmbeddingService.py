"""A stand-in for an embedding service on loopback, which can be told to misbehave.

usage: EmbeddingService.py FOLDER [CERTIFICATE KEY]

Writes its port to FOLDER/port and each request to FOLDER/log, one JSON object a line. Before each
answer it takes the first step off the list in FOLDER/plan; with none left it answers well.
"""

import fcntl, hashlib, json, os, re, socket, ssl, sys, threading, time

folder = sys.argv[1]
lock = threading.Lock()
DIMENSIONS = 32


def embedding(text, dimensions):
    """Texts that share words are near each other; the same text is always the same vector."""
    vector = [0.001] * dimensions
    for word in re.findall(r"\w+", text.lower()):
        digest = hashlib.sha256(word.encode()).digest()
        for i in range(0, 24, 3):
            place = (digest[i] * 256 + digest[i + 1]) % dimensions
            vector[place] += 1.0 if digest[i + 2] % 2 else -1.0
    length = sum(x * x for x in vector) ** 0.5
    return [x / length for x in vector]


def path(name):
    return os.path.join(folder, name)


def next_step():
    with lock, open(path("plan.lock"), "a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        try:
            with open(path("plan")) as file:
                steps = json.load(file)
        except FileNotFoundError:
            return {}
        if not steps:
            return {}
        with open(path("plan.new"), "w") as file:
            json.dump(steps[1:], file)
        os.replace(path("plan.new"), path("plan"))
        return steps[0]


def note(entry):
    with lock, open(path("log"), "a") as file:
        file.write(json.dumps(entry) + "\n")


def good_body(question, target, step):
    texts = question["input"]
    dimensions = question.get("dimensions", step.get("dimensions", DIMENSIONS))
    vectors = [embedding(text, dimensions) for text in texts]
    wrong = step.get("wrong")
    if wrong == "model":
        vectors = [vector[::-1] for vector in vectors]
    if wrong == "count":
        vectors = vectors[1:]
    if wrong == "dimensions":
        vectors[-1] = vectors[-1][:-1]
    if wrong == "nan":
        vectors[-1][3] = float("nan")
    if wrong == "null":
        vectors[-1][3] = None
    if wrong == "large":
        vectors[-1][3] = 1e60
    if wrong == "zero":
        vectors[-1] = [0] * dimensions
    if target.endswith("/api/embed"):
        answer = {"model": question["model"], "embeddings": vectors}
        answer["prompt_eval_count"] = sum(len(t.split()) for t in texts)
        return answer
    data = [
        {"object": "embedding", "index": i, "embedding": vector}
        for i, vector in enumerate(vectors)
    ]
    if wrong == "shuffled":
        data.reverse()
    if wrong == "index":
        data[-1]["index"] = 0
    tokens = step.get("tokens", sum(len(t.split()) for t in texts))
    answer = {"object": "list", "data": data, "model": question["model"]}
    if wrong != "usage":
        answer["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
    return answer


def answer_bytes(question, target, step):
    if "raw" in step:
        return step["raw"].encode()
    status = step.get("status", 200)
    unwanted = [t for t in question.get("input", []) if "UNWANTED" in t]
    if unwanted:
        status = 400
        body = {"error": {"message": "cannot take this: " + unwanted[0], "code": None}}
    else:
        body = step["body"] if "body" in step else good_body(question, target, step)
    body = body if isinstance(body, str) else json.dumps(body)
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
    for name, value in step.get("headers", {}).items():
        head += f"{name}: {value}\r\n"
    body = body.encode()
    if "pieces" in step:
        chunks = b""
        sizes = step["pieces"]
        i = 0
        while body:
            size = sizes[i % len(sizes)]
            chunks += b"%x;ext=1\r\n" % len(body[:size]) + body[:size] + b"\r\n"
            body = body[size:]
            i += 1
        return head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\nA: b\r\n\r\n"
    if step.get("unbounded"):
        return head.encode() + b"Connection: close\r\n\r\n" + body
    return head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body


def read_request(stream):
    first = stream.readline()
    if not first:
        return None
    headers = {}
    while True:
        line = stream.readline().strip()
        if not line:
            break
        name, value = line.decode().split(":", 1)
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", "0")))
    return first.decode().split()[1], headers, body


def serve(connection, number):
    try:
        if len(sys.argv) > 2:
            connection = context.wrap_socket(connection, server_side=True)
        if os.path.exists(path("greeting")):
            connection.sendall(open(path("greeting"), "rb").read())
            time.sleep(1)
            return
        stream = connection.makefile("rb")
        while True:
            request = read_request(stream)
            if request is None:
                return
            target, headers, body = request
            question = json.loads(body)
            note(
                {
                    "connection": number,
                    "path": target,
                    "authorization": headers.get("authorization"),
                    "host": headers.get("host"),
                    "question": question,
                }
            )
            step = next_step()
            # Until the test writes another plan.
            while step.get("hold") and json.load(open(path("plan"))) == []:
                time.sleep(0.01)
            if "delay" in step:
                time.sleep(step["delay"])
            answer = answer_bytes(question, target, step)
            if "cut" in step:
                connection.sendall(answer[: step["cut"]])
                return
            if "drip" in step:
                for byte in answer:
                    connection.sendall(bytes([byte]))
            else:
                connection.sendall(answer)
            if step.get("close") or step.get("unbounded"):
                return
    except (OSError, ValueError):
        pass
    finally:
        try:
            connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        connection.close()


if len(sys.argv) > 2:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", 0))
listener.listen(64)
with open(path("port.new"), "w") as file:
    file.write(str(listener.getsockname()[1]))
os.replace(path("port.new"), path("port"))
parent = os.getppid()


def watch():
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


threading.Thread(target=watch, daemon=True).start()
number = 0
while True:
    client, _ = listener.accept()
    number += 1
    threading.Thread(target=serve, args=(client, number), daemon=True).start()
