/// Vectors that replace the vectors in a store's files; each vector is found by the text of its
/// document.
///
/// Only one thread at a time may use these vectors.
package protocol TextVectors: AnyObject {
  /// The vectors' origin in words, such as `the model M of OpenAI`.
  var origin: String { get }
  /// The number of dimensions of every vector.
  var dimensions: Int { get }
  /// The number of bytes of each key.
  var keyBytes: Int { get }

  /// Returns the key of a text; equal texts have equal keys.
  func key(of text: String) throws -> [UInt8]
  /// Returns the vector of the text with this key; nil where there is none.
  func vector(ofKey key: ArraySlice<UInt8>) throws -> [Float]?
}
