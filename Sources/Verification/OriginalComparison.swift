internal import Models
internal import Stores

/// Compares the kept originals of a store with the vectors of its files.
final class OriginalComparison {
  private let digests: ReducedDigest
  /// The number of originals that hold the files' vectors and belong to their rows.
  private(set) var same = 0
  /// The number of originals that differ from the files, or belong to another vector than the row's.
  private(set) var different = 0
  /// The first document whose original differs; nil where none does.
  private(set) var first: Document?

  init() throws { digests = try ReducedDigest() }

  /// Compares the original of a document whose row has the vector of the files.
  ///
  /// - Parameters:
  ///   - original: the original and the digest of the vector that it belongs to; nil where the
  ///     document has no original.
  ///   - row: the row's vector as it was read.
  ///   - vector: the document's unreduced vector in the files.
  func compare(
    _ original: (field: UnsafeRawBufferPointer, digest: UnsafeRawBufferPointer)?,
    row: UnsafeRawBufferPointer, of document: Document, _ vector: ArraySlice<Float>
  ) throws {
    guard let original else { return }
    if isHalfvec(original.field, of: vector),
      try digests.digest(ofField: row).elementsEqual(original.digest)
    {
      same += 1
    } else {
      different += 1
      if first == nil { first = document }
    }
  }

  /// The difference in words; nil where there is none.
  var problem: String? {
    guard let first else { return nil }
    let documents =
      different == 1
      ? "the original of 1 document is not the files' vector"
      : "the originals of \(different) documents are not the files' vectors"
    return "searches of this store rank by originals, but \(documents) (the first: position "
      + "\(first.position), \(first.id)): run migrate --force for this store"
  }
}
