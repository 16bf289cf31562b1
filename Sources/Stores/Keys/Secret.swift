internal import CCrypto

/// Secret bytes, which are wiped when the last owner releases them, and which no description shows.
final class Secret: Sendable, CustomStringConvertible, CustomReflectable {
  // The bytes are written only in `init` and wiped in `deinit`, so any thread may read them.
  private nonisolated(unsafe) let bytes: UnsafeMutableRawBufferPointer

  /// Creates a secret of `count` bytes; the bytes that `fill` does not write are zero.
  init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    bytes = .allocate(byteCount: max(count, 1), alignment: 16)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
    self.count = count
    try fill(UnsafeMutableRawBufferPointer(rebasing: bytes[..<count]))
  }

  /// Creates a copy of bytes; the caller must wipe the original.
  convenience init(_ source: UnsafeRawBufferPointer) {
    self.init(count: source.count) { $0.copyMemory(from: source) }
  }

  deinit {
    OPENSSL_cleanse(bytes.baseAddress, bytes.count)
    bytes.deallocate()
  }

  let count: Int

  /// Lends the bytes.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
  }

  /// Returns true where the two secrets have the same bytes; the time that this takes reveals
  /// nothing about the bytes.
  func matches(_ other: Secret) -> Bool {
    withBytes { first in
      other.withBytes { second in
        first.count == second.count
          && CRYPTO_memcmp(first.baseAddress, second.baseAddress, first.count) == 0
      }
    }
  }

  var description: String { "<secret>" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

/// Wipes an array that held a secret.
func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
  bytes.removeAll()
}
