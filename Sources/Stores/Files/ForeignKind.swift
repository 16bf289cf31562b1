internal import Files

/// The kind of a file whose contents do not fit its name, recognized by its first bytes.
enum ForeignKind: CaseIterable {
  case gzip, bzip2, xz, zstd, zip, pointer

  /// Recognizes the kind of a file by its first bytes; nil where the file is of none of these
  /// kinds.
  init?(_ file: InputFile) throws(StoreError) {
    var bytes = [UInt8](repeating: 0, count: 64)
    var failure: StoreError?
    let count = bytes.withUnsafeMutableBytes { buffer in
      do throws(StoreError) {
        return try file.read(into: buffer, at: 0)
      } catch {
        failure = error
        return 0
      }
    }
    if let failure { throw failure }
    let head = bytes[..<count]
    guard let kind = Self.allCases.first(where: { head.starts(with: $0.signature) }) else {
      return nil
    }
    self = kind
  }

  private var signature: [UInt8] {
    switch self {
    case .gzip: [0x1F, 0x8B]
    case .bzip2: Array("BZh".utf8)
    case .xz: [0xFD] + Array("7zXZ".utf8) + [0]
    case .zstd: [0x28, 0xB5, 0x2F, 0xFD]
    case .zip: Array("PK".utf8) + [3, 4]
    case .pointer: Array("version https://git-lfs.github.com/spec/".utf8)
    }
  }

  /// The problem and the remedy in words.
  private var words: (problem: String, remedy: String) {
    switch self {
    case .gzip: ("is compressed with gzip", "unpack it with gunzip")
    case .bzip2: ("is compressed with bzip2", "unpack it with bunzip2")
    case .xz: ("is compressed with xz", "unpack it with unxz")
    case .zstd: ("is compressed with zstd", "unpack it with unzstd")
    case .zip:
      ("is a zip archive", "unpack the archive, and replace it by the file that it contains")
    case .pointer:
      (
        "is a pointer of Git LFS and not the file itself",
        "fetch the file with: git lfs pull"
      )
    }
  }

  /// Creates the refusal of a file of this kind.
  func refusal(_ kind: StoreError.Kind, _ path: String) -> StoreError {
    StoreError(kind, file: path, problem: words.problem, remedy: words.remedy)
  }
}
