internal import CCrypto

/// A hash of libcrypto, fetched once and used again for each value.
final class HashFunction {
  private let algorithm: OpaquePointer
  private let context: OpaquePointer
  /// Remembered until the value is finished, so that only that can throw.
  private var hasFailed = false

  /// A hash function by libcrypto's name for it, such as `SHA256`.
  init(_ name: String) throws(StoreError) {
    guard let algorithm = EVP_MD_fetch(nil, name, nil), let context = EVP_MD_CTX_new() else {
      throw Self.refusal(name)
    }
    self.algorithm = algorithm
    self.context = context
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_free(algorithm)
  }

  /// Begins a value.
  func begin() { hasFailed = EVP_DigestInit_ex2(context, algorithm, nil) != 1 }

  /// Adds bytes to the value.
  func add(_ bytes: UnsafeRawBufferPointer) {
    if EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) != 1 { hasFailed = true }
  }

  /// Adds a number, its most significant byte first.
  func add(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.bigEndian) { add($0) }
  }

  /// Adds bytes behind their number, which has 64 bits.
  func add(countAnd bytes: UnsafeRawBufferPointer) {
    add(UInt64(bytes.count))
    add(bytes)
  }

  /// Adds a text's UTF-8 behind the number of its bytes.
  func add(countAnd text: String) {
    var text = text
    text.withUTF8 { add(countAnd: UnsafeRawBufferPointer($0)) }
  }

  /// The first sixteen bytes of the value's hash, as two big-endian halves.
  func finish() throws(StoreError) -> (high: UInt64, low: UInt64) {
    var halves = [UInt64](repeating: 0, count: Int(EVP_MAX_MD_SIZE) / 8)
    let isDone = halves.withUnsafeMutableBytes { buffer in
      EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
    }
    if hasFailed || !isDone { throw Self.refusal("a hash") }
    return (UInt64(bigEndian: halves[0]), UInt64(bigEndian: halves[1]))
  }

  private static func refusal(_ name: String) -> StoreError {
    StoreError(
      .file, file: "libcrypto", problem: "\(name) is not available",
      remedy: "check the installation of OpenSSL")
  }
}
