internal import Bounds
package import Ledger
internal import Digests
package import Postgres
internal import OwnSchema
package import Stores

/// A store's unreduced vectors in half precision, in `vector_ferry.originals`.
package struct OriginalsTable {
  let connection: Connection
  /// The store's id in the ledger.
  let store: Int

  package init(connection: Connection, store: Int) {
    self.connection = connection
    self.store = store
  }

  /// The table of originals; it is created when originals are first kept.
  package static let name = QualifiedName(schema: FerrySchema.name, "originals")

  /// Returns true where the table exists.
  package static func exists(on connection: Connection) throws -> Bool {
    try connection.scalar("SELECT to_regclass(\(name.quoted)) IS NOT NULL") == true
  }

  /// Returns true where this session can write originals, into the existing table or into a table
  /// that it creates.
  package static func isWritable(on connection: Connection) throws -> Bool {
    try connection.scalar(ModelQueries.canKeepOriginals) ?? false
  }

  /// The remedy for a store whose originals cannot be kept.
  static let remedy =
    "divide the row's numbers by its length, which changes no cosine, or migrate the store without "
    + "originals (--keep-original never); existing ones are then deleted"

  /// Refuses rows that half precision cannot hold.
  ///
  /// - Parameter file: the name of the file that the numbers were read from.
  package static func check(_ rows: [Float], of documents: [Document], in file: String)
    throws(Failure)
  {
    guard !documents.isEmpty else { return }
    let width = rows.count / documents.count
    for (index, document) in documents.enumerated() {
      let fault = rows.withUnsafeBufferPointer { rows in
        HalfPrecision.fault(
          of: UnsafeBufferPointer(rebasing: rows[index * width..<(index + 1) * width]))
      }
      guard let fault else { continue }
      throw Failure(
        .source, "\(file), \(fault.words(ofRow: document.position))", remedy: remedy)
    }
  }

  /// Counts the originals of documents that the ledger does not list.
  package func countOfAdded() throws -> Int {
    guard try Self.exists(on: connection) else { return 0 }
    return try connection.scalar(ModelQueries.addedOriginals(store: store)) ?? 0
  }

  /// Counts the documents of the ledger that have no original; nil where the table does not exist.
  package func countOfMissing() throws -> Int? {
    guard try Self.exists(on: connection) else { return nil }
    return try connection.scalar(ModelQueries.missingOriginals(store: store)) ?? 0
  }

  /// Deletes the store's originals: all of them, or only those of documents in the ledger.
  package func remove(onlyListed: Bool) throws {
    guard try Self.exists(on: connection) else { return }
    let listed: SQL =
      onlyListed
      ? """
       AND o.document_id IN (
         SELECT d.document_id FROM vector_ferry.documents d WHERE d.store_id = \(store))
      """ : ""
    try connection.query("DELETE FROM \(Self.name) o WHERE o.store_id = \(store)\(listed)")
  }
}

/// The sum of digests of originals, which compares the originals that were sent with those that are
/// read back.
package struct OriginalsDigest {
  package private(set) var sum = ContentDigest()
  private let hash: SHA256

  package init() throws { hash = try SHA256() }

  /// Adds one original: the document's id, the original as `halfvec_send` writes it, and the digest
  /// of the reduced vector.
  package mutating func add(
    id: UnsafeRawBufferPointer, halfvec: UnsafeRawBufferPointer, reduced: UnsafeRawBufferPointer
  ) throws {
    for part in [id, halfvec, reduced] { try hash.update(part) }
    guard let digest = DocumentDigest(bytes: try hash.finish().bytes.prefix(16)) else {
      preconditionFailure("a prefix of sixteen bytes")  // a programmer error
    }
    sum.add(digest)
  }
}

/// Returns true where a field that `halfvec_send` wrote holds a vector in half precision.
package func isHalfvec(_ field: UnsafeRawBufferPointer, of elements: ArraySlice<Float>) -> Bool {
  guard field.count == 4 + 2 * elements.count else { return false }
  return zip(stride(from: 4, to: field.count, by: 2), elements).allSatisfy { place, element in
    field.loadUnaligned(fromByteOffset: place, as: UInt16.self)
      == Float16(element).bitPattern.bigEndian
  }
}

/// Encodes a vector in half precision as `halfvec_send` writes it.
package func halfvecField(_ elements: ArraySlice<Float>) -> [UInt8] {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(4 + 2 * elements.count)
  withUnsafeBytes(of: UInt16(truncatingIfNeeded: elements.count).bigEndian) { bytes += $0 }
  bytes += [0, 0]
  for element in elements {
    withUnsafeBytes(of: Float16(element).bitPattern.bigEndian) { bytes += $0 }
  }
  return bytes
}
