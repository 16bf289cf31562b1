"""A stand-in for an embedding service on loopback, which can be told to misbehave.

usage: EmbeddingService.py FOLDER [CERTIFICATE KEY]

Writes its port to FOLDER/port and each request to FOLDER/log, one JSON object a line. Before each
answer it takes the first step off the list in FOLDER/plan; with none left it takes the step in
FOLDER/usual, or answers well. If FOLDER/proxy exists, it is a proxy, too: it answers CONNECT with
the status in that file, and is itself the host that is connected to.
"""

import fcntl, hashlib, json, os, random, re, socket, ssl, sys, threading, time

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


chance = random.Random(7)


def drawn(step):
    """A step of which "faults" tells how likely each fault is."""
    draw = chance.random()
    for fault in step["faults"]:
        if draw < fault["share"]:
            return {**step, **fault}
        draw -= fault["share"]
    return step


def next_step():
    with lock, open(path("plan.lock"), "a") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        try:
            with open(path("plan")) as file:
                steps = json.load(file)
        except FileNotFoundError:
            steps = []
        if not steps:
            step = json.load(open(path("usual"))) if os.path.exists(path("usual")) else {}
            return drawn(step) if "faults" in step else step
        with open(path("plan.new"), "w") as file:
            json.dump(steps[1:], file)
        os.replace(path("plan.new"), path("plan"))
        return steps[0]


under_way = 0


def count(change):
    global under_way
    with lock:
        under_way += change
        return under_way


def texts_of(question):
    """The texts of a request, in the form of any service."""
    if "requests" in question:
        return [entry["content"]["parts"][0]["text"] for entry in question["requests"]]
    return question.get("input", question.get("texts", []))


def dimensions_of(question, step):
    for name in ("dimensions", "output_dimension"):
        if name in question:
            return question[name]
    if "requests" in question and "outputDimensionality" in question["requests"][0]:
        return question["requests"][0]["outputDimensionality"]
    return step.get("dimensions", DIMENSIONS)


def note(entry):
    with lock, open(path("log"), "a") as file:
        file.write(json.dumps(entry) + "\n")


def good_body(question, target, step):
    texts = texts_of(question)
    dimensions = dimensions_of(question, step)
    vectors = [embedding(text, dimensions) for text in texts]
    wrong = step.get("wrong")
    if step.get("wrong_all"):
        wrong = step["wrong_all"]
        value = {"zero": 0, "null": None, "nan": float("nan"), "large": 1e60, "long": 1e30}[wrong]
        vectors = [[value] * dimensions for _ in vectors]
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
    if wrong == "long":
        vectors[-1][3] = 1e30
    if wrong == "zero":
        vectors[-1] = [0] * dimensions
    if target.endswith(":batchEmbedContents"):
        # Of half the length: only the longest vectors of this service are normalized.
        answer = {"embeddings": [{"values": [x / 2 for x in vector]} for vector in vectors]}
        if wrong == "truncated":
            answer["embeddings"][-1]["statistics"] = {"truncated": True}
        return answer
    if target.endswith("/v2/embed"):
        tokens = sum(len(t.split()) for t in texts)
        return {
            "id": "0",
            "embeddings": {"float": vectors},
            "texts": texts,
            "meta": {"billed_units": {"input_tokens": tokens}},
        }
    if target.endswith("/api/embed"):
        answer = {"model": question["model"], "embeddings": vectors}
        answer["prompt_eval_count"] = sum(len(t.split()) for t in texts)
        return answer
    data = [
        {"object": "embedding", "index": i, "embedding": vector}
        for i, vector in enumerate(vectors)
    ]
    if wrong == "shuffled":
        chance.shuffle(data)
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
    texts = texts_of(question)
    unwanted = [t for t in texts if "UNWANTED" in t]
    if len(texts) > step.get("most_texts", 10_000):
        status = 413
        body = {"error": f"batch size {len(texts)} > maximum allowed batch size"}
    elif unwanted:
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


def connect(connection):
    """Answers CONNECT as a proxy; returns whether the connection goes on."""
    line = b""
    while not line.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return False
        line += byte
    note({"connect": line.decode().split()[1]})
    status = open(path("proxy")).read()
    connection.sendall(f"HTTP/1.1 {status} X\r\nA: b\r\n\r\n".encode())
    return status == "200"


def serve(connection, number):
    try:
        if os.path.exists(path("proxy")) and not connect(connection):
            return
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
            began = time.monotonic()
            target, headers, body = request
            question = json.loads(body)
            now = count(1)
            note(
                {
                    "connection": number,
                    "path": target,
                    "authorization": headers.get("authorization"),
                    "keys": [headers.get("api-key"), headers.get("x-goog-api-key")],
                    "under_way": now,
                    "host": headers.get("host"),
                    "question": question,
                }
            )
            step = next_step()
            # Until the test writes another plan.
            while step.get("hold") and json.load(open(path("plan"))) == []:
                time.sleep(0.01)
            answer = answer_bytes(question, target, step)
            # The answer leaves so long after the request, whatever it took to make it.
            if "delay" in step:
                time.sleep(max(0, began + step["delay"] - time.monotonic()))
            if step.get("status", 200) == 200 and "cut" not in step:
                note({"answered": texts_of(question), "at": time.time()})
            count(-1)
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
