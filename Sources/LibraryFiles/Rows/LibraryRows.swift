package import Files

/// A document as another library has stored it, without its vector.
package struct LibraryDocument: Sendable, Equatable {
  /// The document's id in the library.
  package var id: String
  /// The text; nil where the library has none, which is not the same as an empty text.
  package var text: String?
  /// The metadata as a JSON object in UTF-8, without spaces.
  package var metadata: [UInt8]
  /// True where a value of the metadata is NaN, which became null.
  package var hasNaN = false

  /// Creates a document from its parts.
  package init(id: String, text: String?, metadata: [UInt8], hasNaN: Bool = false) {
    self.id = id
    self.text = text
    self.metadata = metadata
    self.hasNaN = hasNaN
  }
}

/// The documents of one collection, with their vectors, in an order that does not change.
///
/// Opening checks that documents and vectors belong together. Numbers of vectors are not checked.
package protocol LibraryRows: AnyObject {
  /// The path of the file that the vectors are read from, as it is shown to the operator.
  var path: String { get }
  /// The number of documents.
  var count: Int { get }
  /// The number of numbers in each vector; 0 where there are no vectors.
  var dimensions: Int { get }

  /// Reads the document at a position.
  func document(at position: Int) throws(FileError) -> LibraryDocument
  /// Fills `vectors` with those of a range, one after the other; there is exactly enough room.
  func readVectors(_ range: Range<Int>, into vectors: UnsafeMutableBufferPointer<Float>)
    throws(FileError)
  /// Returns true where the files hold the vector at a position only as a unit vector and a length,
  /// so that the last digits of its numbers may differ from what was given.
  func isRebuilt(at position: Int) -> Bool
  /// Refuses where one of the files has changed since it was opened.
  func checkUnchanged() throws(FileError)
}

extension LibraryRows {
  package func isRebuilt(at position: Int) -> Bool { false }
}

extension FileError.Kind {
  /// Rows of another library that could not be read.
  package static let rows = Self(rawValue: "metadata")
  /// Vectors of another library that could not be read.
  static let vectorData = Self(rawValue: "vectors")
  /// Documents without vectors, or vectors without documents.
  static let pairing = Self(rawValue: "count")
  /// Vectors of different dimensions.
  static let widths = Self(rawValue: "dimensions")
}
