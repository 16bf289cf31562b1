#!/usr/bin/env python3
"""Writes the sample stores of user_data_samples/, the same bytes at every run.

The texts are in sample-texts/, one JSON object a line. Their embeddings come from no model:
a text is the weighted sum of one pseudo-random direction per word, word pair and subject, so
that texts with common words or a common subject are near each other. Integer arithmetic up
to the last division keeps them equal on every machine.

    make-samples.py [--out DIR]      write the stores
    make-samples.py --check          compare the stores with what would be written
    make-samples.py --neighbours N   print the nearest texts of every Nth document
    make-samples.py --embed TEXT     print TEXT's 3072 numbers as a pgvector literal
"""

import argparse
import collections
import datetime
import hashlib
import json
import math
import os
import pickle
import re
import sys

sys.dont_write_bytecode = True
import fernet  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))

# ASCII "vector-ferry-sample-key-not-real" in base64: seals invented texts, protects nothing.
SAMPLE_MASTER_KEY = "dmVjdG9yLWZlcnJ5LXNhbXBsZS1rZXktbm90LXJlYWw="

Store = collections.namedtuple("Store", "user collection texts dimensions model encrypted")

STORES = [
    Store("juniper", "personal_assistant", "juniper.jsonl", 3072, "sample-2", True),
    Store("sorrel", "carnet_de_voyage_日本_été", "sorrel.jsonl", 3072, "sample-2", False),
    Store("willow", "legacy-notes", "willow-legacy.jsonl", 768, "sample-1", False),
    Store("willow", "personal_assistant", "willow.jsonl", 3072, "sample-2", False),
]

STOP_WORDS = set(
    """a about after again all an and are as at be before but by can do does first for from had
    has have how i if in is it its me my next no not of off on once one only or other out per so
    than that the their them then there they this three time to two too under until up was we
    what when where which who why will with without you your das dem den der des die ein eine
    im ist nicht und vom zur zum au aux ce cet dans de des du en est et la le les l ne par pas
    pour puis que un une al con del el los que se su y""".split()
)

# Beginnings of words, in several languages, that speak of one subject.
SUBJECTS = {
    "train": "train railway berth zug nachtzug поезд pociąg tren gare couchette 列車 駅",
    "ferry": "ferry ferries island quay fähre insel île quai πλοίο νησί フェリー 島 vapur ada "
    "lautta saar",
    "sailing": "sail boat harbour tide knots dinghy wind",
    "hotel": "hotel hôtel ξενοδοχ room zimmer chambre δωμάτιο breakfast frühstück petit dun dün",
    "sea": "sea meer mer θάλασσα 海 morze beach lighthouse lake lac see озер 湖",
    "market": "market marché mercado סוק שוק بشوق سوق ตลาด 早市 בשוק",
    "hike": "hike hiking hut trail mountain wanderung hütte sentier refuge 山 göngu skál fog nebel "
    "霧 walk",
    "museum": "museum musée 博物館 chart",
    "packing": "packing shirt socks luggage valise chemises chaussettes suitcase",
    "soup": "soup soupe sopa zuppa phở 찌개 김치 दाल lentil",
    "baking": "bread dough sourdough bake cake oven flour focaccia rye yeast pain pão pane",
    "cooking": "fry roast garlic onion simmer sauce spoon stock curry pasta rice oil ail alho pan "
    "pickled jam lemon recipe spinach chilli",
    "garden": "garden plant seedling sow prune compost soil slug vegetable rose lettuce hedge tree",
    "nature": "bird nest bees hive honey feeder mushroom kestrel swift oak leaves",
    "interview": "interview behavioral coding question answer interviewer",
    "application": "applied application recruiter offer role resume cover salary hire hiring job",
    "design": "design cache limiter queue retries scan backoff",
    "database": "postgresql sql query index transaction table database vacuum hnsw vector pgvector "
    "backup dump rows migrat",
    "programming": "python swift function compiler code git commit branch docker shell script list "
    "graph string variable css javascript",
    "operations": "incident server linux password alarm disk logs ssh certificate restore deploy",
    "meeting": "meeting agreed retrospective team planning",
    "book": "book novel chapter essays history author reading",
    "running": "run running ran knee kilometre shoes",
    "medical": "doctor tablet blood dentist vaccination allergy migraine pain physio exercise",
    "sleep": "sleep asleep slept evening",
    "money": "money budget savings account rent tax insurance bank fees salary receipts",
    "family": "sister father grandmother brother nephew aunt family gift birthday wedding",
    "journal": "journal proud promises fear afraid",
    "home": "flat kitchen boiler tap paint moving sofa landlord radiator repair",
    "cat": "cat vet",
    "music": "piano violin choir concert tune tuner practice bow quartet rehearsal",
    "photo": "photo camera film lens light",
    "craft": "wood woodwork plane pottery clay glaze sewing shelf board",
    "game": "chess game crossword king pawn",
    "language": "spanish language tenses",
    "writing": "writing write writer documentation sentence letter message",
}

# Scripts that put no space between words: their letters count in pairs.
UNSPACED = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")


def words_of(text):
    """The lower-case words of a text; in unspaced scripts, pairs of letters."""
    words = []
    for word in re.findall(r"[^\s!-/:-@\[-`{-~«»“”„‘’、。，；：·—–]+", text.lower()):
        if UNSPACED.search(word):
            words += [word[i : i + 2] for i in range(max(1, len(word) - 1))]
        elif word not in STOP_WORDS:
            words.append(word)
    return words


def subjects_of(word):
    """The subjects that a word belongs to."""
    for subject, beginnings in SUBJECTS.items():
        for beginning in beginnings.split():
            short = len(beginning) <= 3 and beginning.isascii()
            inside = UNSPACED.match(beginning) and beginning in word
            if inside or (word.rstrip("s") == beginning if short else word.startswith(beginning)):
                yield subject
                break


def features_of(text):
    """What a text is made of, each with its weight: words, pairs of words, subjects."""
    words = words_of(text)
    features = {}
    for word in words:
        features["word " + word[:7]] = 3
    for first, second in zip(words, words[1:]):
        features["pair " + first[:7] + " " + second[:7]] = 1
    counts = collections.Counter(subject for word in words for subject in subjects_of(word))
    for subject, count in counts.items():
        features["subject " + subject] = 5 * min(count, 4)
    return features


class Embedder:
    """Turns texts into unit vectors; the rarity of words is taken from a body of texts."""

    def __init__(self, texts, dimensions, model):
        self.dimensions, self.model, self.directions = dimensions, model, {}
        self.size = len(texts)
        self.spread = collections.Counter(name for text in texts for name in features_of(text))

    def direction(self, feature):
        """A pseudo-random direction: odd integers between -255 and 255."""
        if feature not in self.directions:
            seed = (self.model + "\0" + feature).encode()
            drawn = hashlib.shake_256(seed).digest(self.dimensions)
            self.directions[feature] = [2 * byte - 255 for byte in drawn]
        return self.directions[feature]

    def embed(self, text):
        """A unit vector, nine decimals a number, as an embedding service prints it."""
        weights = {}
        for feature, weight in features_of(text).items():
            rarity = (self.size // max(1, self.spread[feature])).bit_length()
            weights[feature] = 100 * weight * rarity
        # Real embeddings share a mean direction: so do these.
        weights["mean"] = math.isqrt(sum(w * w for w in weights.values()) * 6 // 10) or 1
        total = [0] * self.dimensions
        for feature, weight in sorted(weights.items()):
            total = [t + weight * d for t, d in zip(total, self.direction(feature))]
        length = math.sqrt(sum(t * t for t in total))
        return [round(t / length, 9) for t in total]


def texts_of(store):
    """The store's documents as they stand in sample-texts/."""
    with open(os.path.join(HERE, "sample-texts", store.texts), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def text_of(document):
    return document.get("text") or document["page_content"]


def dated(store, documents):
    """The documents with the id and the local time that the Python class would add."""
    moment = datetime.datetime(2024, 9, 2, 7, 40, 11)
    for number, document in enumerate(documents):
        digest = hashlib.sha256(f"{store.user}/{store.collection}/{number}".encode()).digest()
        moment += datetime.timedelta(
            minutes=int.from_bytes(digest[:2], "big") % 2600,
            microseconds=int.from_bytes(digest[2:6], "big") % 1_000_000,
        )
        unix_time = int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
        yield {
            "id": f"doc_{number}_{unix_time}",
            **document,
            "timestamp": moment.isoformat(timespec="microseconds"),
        }


def files_of(store, embedder):
    """The store's files: path below the root, and bytes."""
    documents = texts_of(store)
    vectors = [embedder.embed(text_of(document)) for document in documents]
    entries = list(dated(store, documents))
    metadata = json.dumps(entries, ensure_ascii=False, indent=2).encode()
    if store.encrypted:
        iv = hashlib.sha256(b"sample iv " + store.user.encode()).digest()[:16]
        key = fernet.user_key(store.user, SAMPLE_MASTER_KEY)
        metadata = fernet.seal(key, metadata, 1_735_689_600, iv)
    folder = f"{store.user}/vector_store_{store.collection}"
    return len(documents), {
        folder + "/vectors.pkl": pickle.dumps(vectors, protocol=4),
        folder + "/metadata.json": metadata,
    }


def differences(root, expected):
    """What under `root` is not as expected, as sentences."""
    for path, content in expected.items():
        try:
            with open(os.path.join(root, path), "rb") as file:
                if file.read() != content:
                    yield f"{path}: differs"
        except OSError as error:
            yield f"{path}: {error.strerror}"
    for folder, _, names in os.walk(root):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), root)
            if path not in expected and path != "README.md":
                yield f"{path}: is not a sample"


def write(root, files):
    for path, content in files.items():
        target = os.path.join(root, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)


def show_neighbours(store, embedder, step):
    """Prints, for every `step`th document, the three that are nearest by cosine."""
    texts = [text_of(document) for document in texts_of(store)]
    vectors = [embedder.embed(text) for text in texts]
    for index in range(0, len(texts), step):
        cosines = [sum(a * b for a, b in zip(vectors[index], other)) for other in vectors]
        nearest = sorted(range(len(texts)), key=lambda other: -cosines[other])
        print(f"\n{texts[index][:90]}")
        for other in [n for n in nearest if n != index][:3]:
            print(f"  {cosines[other]:.3f}  {texts[other][:84]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default=os.path.join(HERE, "..", "user_data_samples"))
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    parser.add_argument("--neighbours", type=int, metavar="N", help="nearest of every Nth")
    parser.add_argument("--embed", metavar="TEXT", help="print the vector of a text")
    options = parser.parse_args()

    body = [text_of(document) for store in STORES for document in texts_of(store)]
    embedders = {
        (store.dimensions, store.model): Embedder(body, store.dimensions, store.model)
        for store in STORES
    }
    if options.embed is not None:
        print(json.dumps(embedders[3072, "sample-2"].embed(options.embed), separators=(",", ":")))
        return 0

    files, total = {}, 0
    for store in STORES:
        embedder = embedders[store.dimensions, store.model]
        if options.neighbours:
            print(f"\n== {store.user}/{store.collection}")
            show_neighbours(store, embedder, options.neighbours)
            continue
        count, made = files_of(store, embedder)
        files.update(made)
        total += count
        sealed = "  encrypted" if store.encrypted else ""
        print(f"{store.user:8} {store.collection:26} {count:4} x {store.dimensions}{sealed}")
    if options.neighbours:
        return 0
    print(f"total    {len(STORES)} stores, {total} documents, {sum(map(len, files.values()))} bytes")
    print(f"ENCRYPTION_MASTER_KEY={SAMPLE_MASTER_KEY}  (of the samples only)")
    if not options.check:
        write(options.out, files)
        return 0
    wrong = list(differences(options.out, files))
    print("\n".join(wrong) if wrong else "every file is as this script writes it")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
