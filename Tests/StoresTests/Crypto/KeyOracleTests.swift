import Digests
import Files
import Foundation
import JSON
import Stores
import TestSupport
import Testing

/// Compares keys and tokens with those of PyPI's `cryptography`.
@Suite("Keys and tokens, as Python has them", .needsPython)
struct KeyOracleTests {
  /// A user with a master key, and tokens of this user.
  private struct Case: Encodable {
    let master: String
    let user: String
    let tokens: Int
    let seed: UInt64
  }

  private struct Verdict: Decodable {
    struct Token: Decodable {
      let change: String
      let text: String
      /// The plaintext of the token; nil where the token is refused.
      let plaintext: String?
    }
    let key: String
    let tokens: [Token]
  }

  private static let judge = #"""
    import base64, hashlib, hmac, json, random, sys
    from cryptography.fernet import Fernet, InvalidToken
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    def password(master):
        try: return base64.urlsafe_b64decode(master)
        except Exception: return master.encode()
    def derive(master, user):
        if not master: return hashlib.sha256(f"default_key_{user}".encode()).digest()
        kdf = PBKDF2HMAC(hashes.SHA256(), 32, user.encode(), 100000)
        return kdf.derive(password(master))
    def signed(key, body):
        return base64.urlsafe_b64encode(body + hmac.digest(key[:16], body, "sha256"))

    def flip(key, token, r):
        raw = bytearray(base64.urlsafe_b64decode(token))
        raw[r.randrange(len(raw))] ^= 1 << r.randrange(8)
        return base64.urlsafe_b64encode(raw)
    def letter(key, token, r):
        place = r.randrange(len(token))
        return token[:place] + bytes([r.randrange(256)]) + token[place + 1:]
    def cut(key, token, r): return token[:r.randrange(len(token))]
    def noise(key, token, r):
        for _ in range(r.randrange(1, 9)):
            place = r.randrange(len(token))
            token = token[:place] + r.choice([b"\n", b" ", b"\r\n", b"%", b"\xc3\xa9", b"."]) + token[place:]
        return token
    def ends(key, token, r): return r.choice([b"\n", b" ", b"="]) + token + r.choice([b"\n", b"=", b"==\n"])
    def standard(key, token, r): return token.replace(b"-", b"+").replace(b"_", b"/")
    def other(key, token, r): return Fernet(Fernet.generate_key()).encrypt(b"[]")
    def version(key, token, r):
        body = bytearray(base64.urlsafe_b64decode(token)[:-32])
        body[0] = r.randrange(256)
        return signed(key, bytes(body))
    def unpadded(key, token, r):
        body = base64.urlsafe_b64decode(token)[:-32]
        return signed(key, body[:-1 - r.randrange(len(body) - 1)])
    def blocks(key, token, r):
        body = base64.urlsafe_b64decode(token)[:-32]
        return signed(key, body[:25 + 16 * r.randrange((len(body) - 25) // 16 + 1)])
    def scrambled(key, token, r):
        body = bytearray(base64.urlsafe_b64decode(token)[:-32])
        body[r.randrange(9, len(body))] ^= 1 << r.randrange(8)
        return signed(key, bytes(body))
    def empty(key, token, r): return b""
    changes = [flip, letter, cut, noise, ends, standard, other, version, unpadded, blocks, scrambled, empty]

    for line in sys.stdin:
        case = json.loads(line)
        r = random.Random(case["seed"])
        key = derive(case["master"], case["user"])
        text = base64.urlsafe_b64encode(key).decode()
        fernet = Fernet(text)
        tokens = []
        for _ in range(case["tokens"]):
            token = fernet.encrypt(r.randbytes(r.choice([0, 1, 15, 16, 17, 100, 1000, 5000])))
            name = "none"
            if r.random() < 0.7:
                change = r.choice(changes)
                name = change.__name__
                token = change(key, token, r)
            try: plaintext = hashlib.sha256(fernet.decrypt(token)).hexdigest()
            except InvalidToken: plaintext = None
            tokens.append({"change": name, "text": token.hex(), "plaintext": plaintext})
        print(json.dumps({"key": text, "tokens": tokens}))
    """#

  @Test("every key is Python's, every token is decrypted or refused as Python does it")
  func agreement() throws {
    let seed: UInt64 = 7
    var random = SeededGenerator(seed: seed)
    // Deriving a key from a master key takes the most time, so several tokens share one key.
    let cases = (0..<(Oracle.isFullRun ? 2_500 : 30)).map { _ in
      Case(
        master: Self.master(&random), user: Self.user(&random), tokens: Oracle.isFullRun ? 4 : 10,
        seed: random.next() >> 1)
    }
    let encoder = JSONEncoder()
    let lines = try cases.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
    let output = try Oracle.run(Self.judge, input: Data(lines.joined().utf8)).output
    let verdicts = try output.split(separator: 10).map {
      try JSONDecoder().decode(Verdict.self, from: $0)
    }
    try #require(verdicts.count == cases.count)
    var (decrypted, refused) = (0, 0)
    for (item, verdict) in zip(cases, verdicts) {
      let ring = KeyRing(environment: ["ENCRYPTION_MASTER_KEY": item.master])
      let keys = try (0..<ring.candidates).map {
        try ring.key(ofDirectory: item.user, candidate: $0)
      }
      let expected = try #require(FernetKey(base64: verdict.key))
      let key = try #require(
        keys.first { $0.matches(expected) }, "seed \(seed): \(item.master), \(item.user)")
      for token in verdict.tokens {
        let found = try decrypt(token.text, key, chunk: Int.random(in: 1...500, using: &random))
        #expect(found == token.plaintext, "seed \(seed), \(token.change): \(token.text)")
        if found == nil { refused += 1 } else { decrypted += 1 }
      }
    }
    #expect(decrypted > cases.count && refused > cases.count, "\(decrypted) \(refused)")
  }

  private func decrypt(_ token: String, _ key: FernetKey, chunk: Int) throws -> String? {
    let digits = Array(token.utf8)
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
    do {
      let plaintext = try Fernet.open(MemoryByteSource(bytes, chunk: chunk), key: key)
      return try SHA256.digest(of: plaintext).description
    } catch is FernetError {
      return nil
    }
  }

  // MARK: Cases

  private static func text(
    _ alphabet: String, _ counts: ClosedRange<Int>, _ random: inout SeededGenerator
  ) -> String {
    let letters = Array(alphabet.unicodeScalars)
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: counts, using: &random) {
      text.append(letters.randomElement(using: &random) ?? "x")
    }
    return String(text)
  }

  private static func master(_ random: inout SeededGenerator) -> String {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    let valid = text(digits, 42...42, &random) + "A="
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return valid
    case 1: return valid.prefix(20) + "\r\n " + valid.dropFirst(20) + "\n"
    case 2: return text(digits + " !$%&()?.,;", 1...40, &random)
    case 3: return text("äöüßéñ ключ鍵🗝aA1=", 1...20, &random)
    case 4: return String(valid.dropLast(Int.random(in: 1...3, using: &random)))
    case 5: return valid + text("=", 1...3, &random)
    case 6: return valid + " # " + text("prod key", 1...12, &random)
    case 7: return text("!?$. =", 1...6, &random)
    case 8: return text(digits, 1_000...1_003, &random)
    case 9: return valid.replacing("-", with: "+").replacing("_", with: "/")
    default: return ""
    }
  }

  private static func user(_ random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<8, using: &random) {
    case 0: return ""
    case 1: return text("abcdefghij0123456789_-", 300...400, &random)
    case 2: return text("jörgÅéñ", 1...10, &random)
    case 3: return text("e\u{301}a\u{308}", 2...6, &random)
    case 4: return text("用户🚢", 1...5, &random)
    case 5: return text("ab", 1...3, &random) + "@example.org"
    default: return text("abcdefghij0123456789_-", 1...20, &random)
    }
  }
}
