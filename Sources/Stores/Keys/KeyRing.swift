internal import CCrypto
public import Digests
internal import Synchronization

/// Derives each user's key as the application does, and remembers up to 64 keys.
///
/// With a master key, a user's key is PBKDF2-HMAC-SHA256 of a password, with 100,000 iterations and
/// the user id as salt. The password is the master key decoded from URL-safe base64 where that is
/// possible, as leniently as Python does it, and otherwise the master key's own bytes. Without a
/// master key, a user's key is the SHA-256 of `default_key_` and the user id.
///
/// A master key with text after its padding gives one password in older versions of Python and
/// another in newer versions. Both passwords are then candidates; the authentication of a token
/// shows which of the two was used.
public final class KeyRing: Sendable, CustomStringConvertible, CustomReflectable {
  private struct Name: Hashable {
    // These are the bytes of the UTF-8: two ids with different bytes have different keys, although
    // Swift may consider the two strings equal.
    let userID: [UInt8]
    let candidate: Int
  }

  private static let iterations: Int32 = 100_000
  private static let remembered = 64

  private let passwords: [Secret]
  private let userIDs: UserIDMap
  private let keys = Mutex<[Name: FernetKey]>([:])

  /// Creates a ring with the master key in `ENCRYPTION_MASTER_KEY`.
  ///
  /// An empty variable counts as not set, as it does for the application.
  public init(environment: [String: String], userIDs: UserIDMap = .identity) {
    self.userIDs = userIDs
    let text = environment["ENCRYPTION_MASTER_KEY"] ?? ""
    passwords = text.isEmpty ? [] : Self.passwords(of: text)
  }

  /// True where a master key is set.
  public var hasMasterKey: Bool { !passwords.isEmpty }

  /// The number of keys that a user may have; more than one only where versions of Python decode
  /// the master key differently.
  public var candidates: Int { max(passwords.count, 1) }

  private static func passwords(of text: String) -> [Secret] {
    let older = password(of: text, .upToPadding)
    let newer = password(of: text, .throughPadding)
    return older.matches(newer) ? [older] : [older, newer]
  }

  /// Returns the password for a master key: the decoded bytes, or the key's own UTF-8 bytes where
  /// Python refuses to decode the key, as it does for text outside ASCII.
  private static func password(of text: String, _ reading: LaxBase64Decoder.Reading) -> Secret {
    var bytes = Array(text.utf8)
    if bytes.allSatisfy({ $0 < 0x80 }),
      let decoded = try? LaxBase64Decoder.decode(bytes, reading)
    {
      wipe(&bytes)
      bytes = decoded
    }
    defer { wipe(&bytes) }
    return bytes.withUnsafeBytes { Secret($0) }
  }

  /// Derives one of the candidate keys for the user of this directory; candidates are counted from
  /// 0.
  public func key(
    ofDirectory directory: String, candidate: Int = 0
  ) throws(CryptoError) -> FernetKey {
    let userID = Array(userIDs.userID(ofDirectory: directory).utf8)
    let name = Name(userID: userID, candidate: candidate)
    if let known = keys.withLock({ $0[name] }) { return known }
    let password = passwords.isEmpty ? nil : passwords[candidate]
    let key = FernetKey(try derive(userID, from: password))
    keys.withLock { keys in
      if keys.count >= Self.remembered { keys.removeAll() }
      keys[name] = key
    }
    return key
  }

  private func derive(_ userID: [UInt8], from password: Secret?) throws(CryptoError) -> Secret {
    do {
      return try Secret(count: 32) { key in
        let isDerived =
          password.map { stretch($0, salt: userID, into: key) }
          ?? hash(Array("default_key_".utf8) + userID, into: key)
        if !isDerived { throw CryptoError(operation: "deriving a key") }
      }
    } catch {
      throw CryptoError(operation: "deriving a key")
    }
  }

  private func stretch(
    _ password: Secret, salt: [UInt8], into key: UnsafeMutableRawBufferPointer
  ) -> Bool {
    return password.withBytes { password in
      PKCS5_PBKDF2_HMAC(
        password.bindMemory(to: CChar.self).baseAddress, Int32(password.count),
        salt, Int32(salt.count), Self.iterations, EVP_sha256(),
        Int32(key.count), key.bindMemory(to: UInt8.self).baseAddress) == 1
    }
  }

  private func hash(_ text: [UInt8], into key: UnsafeMutableRawBufferPointer) -> Bool {
    EVP_Digest(
      text, text.count, key.bindMemory(to: UInt8.self).baseAddress, nil, EVP_sha256(), nil) == 1
  }

  /// A text that says whether there is a master key, and nothing else.
  public var description: String {
    hasMasterKey ? "<keys, master key set>" : "<keys, no master key>"
  }
  /// An empty mirror, so that nothing secret is shown.
  public var customMirror: Mirror { Mirror(self, children: []) }
}
