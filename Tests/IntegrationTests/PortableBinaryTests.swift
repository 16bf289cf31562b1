import Foundation
import TestSupport
import Testing

/// Tests the whole program on an emulated processor without AVX.
@Suite struct PortableBinaryTests {
  static let emulator = "/usr/bin/qemu-x86_64"

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: emulator),
      "qemu-x86_64 is missing (Debian's qemu-user)"),
    arguments: ["portable", ""])
  func `the program reads, fits and measures without AVX`(level: String) throws {
    #if arch(x86_64)
      let folder = try TemporaryDirectory("portable")
      try writeStore(in: folder)
      let outcome = try run(
        Self.emulator,
        [
          "-cpu", "Nehalem", Ferry.binary, "migrate", "--dry-run", "--dimensions", "16",
          "--min-recall", "0",
        ],
        environment: Ferry.clean("", ["VECTOR_FERRY_CPU": level]), directory: folder.path)
      #expect(outcome.status == 0, "\(outcome.text)\(outcome.errorText)")
      #expect(outcome.text.contains("Measured recall@10"))
      #expect(outcome.text.contains("PCA + re-rank 16"))
    #endif
  }

  /// Writes a store for runs that need no database.
  private func writeStore(in folder: TemporaryDirectory) throws {
    let place = "user_data/ann/vector_store_notes"
    let rows = Ferry.rows(40, dimensions: 24)
    try folder.write(Ferry.pickle(rows), to: "\(place)/vectors.pkl")
    let json = try JSONSerialization.data(withJSONObject: Ferry.texts(40).map { ["text": $0] })
    try folder.write([UInt8](json), to: "\(place)/metadata.json")
  }
}
