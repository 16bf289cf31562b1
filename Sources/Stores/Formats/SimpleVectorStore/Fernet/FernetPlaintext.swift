internal import CCrypto
internal import Digests
public import JSON

/// The plaintext of an authenticated token, decrypted while it is read.
public final class FernetPlaintext: ByteSource {
  private var body: TokenBody
  private let context: OpaquePointer
  private let code: MessageAuthenticator
  private let key: FernetKey
  /// The tag with which the token was authenticated.
  private let tag: [UInt8]
  private var header: [UInt8] = []
  /// The decrypted bytes; those from `taken` on have not been read yet.
  private var ready: [UInt8] = []
  private var taken = 0
  private var isAtEnd = false

  init(_ token: any RewindableByteSource, key: FernetKey, tag: [UInt8]) throws {
    guard let context = EVP_CIPHER_CTX_new() else { throw CryptoError(operation: "AES-128-CBC") }
    self.context = context
    self.key = key
    self.tag = tag
    body = TokenBody(token)
    code = try key.withHalves { signing, _ in try MessageAuthenticator(key: signing) }
  }

  deinit {
    EVP_CIPHER_CTX_free(context)
    wipe(&ready)
  }

  /// Fills the beginning of `buffer` with the next bytes of the plaintext; returns their number, 0
  /// at the end.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while taken == ready.count {
      if isAtEnd { return 0 }
      try decryptMore()
    }
    let count = min(buffer.count, ready.count - taken)
    ready.withUnsafeBytes {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[taken..<taken + count]))
    }
    taken += count
    return count
  }

  private func decryptMore() throws {
    ready.removeAll(keepingCapacity: true)
    taken = 0
    let hasMore = try body.next { bytes in
      try code.update(bytes)
      let missing = min(Fernet.headerLength - header.count, bytes.count)
      if missing > 0 {
        header.append(contentsOf: bytes[..<missing])
        if header.count < Fernet.headerLength { return }
        try start()
      }
      try decrypt(UnsafeRawBufferPointer(rebasing: bytes[missing...]))
    }
    if !hasMore { try finish() }
  }

  private func start() throws(CryptoError) {
    let isReady = key.withHalves { _, encryption in
      EVP_DecryptInit_ex(
        context, EVP_aes_128_cbc(), nil, encryption.bindMemory(to: UInt8.self).baseAddress,
        Array(header[9...])) == 1
    }
    if !isReady { throw CryptoError(operation: "AES-128-CBC") }
  }

  private func decrypt(_ bytes: UnsafeRawBufferPointer) throws {
    guard let input = bytes.bindMemory(to: UInt8.self).baseAddress, !bytes.isEmpty else { return }
    ready.append(contentsOf: repeatElement(0, count: bytes.count + 16))
    var count: Int32 = 0
    let isDone = EVP_DecryptUpdate(context, &ready, &count, input, Int32(bytes.count)) == 1
    ready.removeLast(ready.count - Int(count))
    if !isDone { throw CryptoError(operation: "AES-128-CBC") }
  }

  /// Checks that the decrypted bytes are those that were authenticated, and then checks their
  /// padding.
  private func finish() throws {
    isAtEnd = true
    guard try code.finish(matches: tag), body.tag == tag else { throw FernetError.changed }
    ready = [UInt8](repeating: 0, count: 32)
    var count: Int32 = 0
    guard EVP_DecryptFinal_ex(context, &ready, &count) == 1 else {
      ready.removeAll()
      throw FernetError.invalidPadding
    }
    ready.removeLast(ready.count - Int(count))
  }
}
