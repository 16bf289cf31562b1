package import Files
internal import Pickle

/// The documents of LangChain's FAISS: an index beside a pickle of texts.
///
/// The documents are in the order of their positions in the index. The texts are in memory, as the
/// library has them; the vectors are read from the index.
package final class FaissRows: LibraryRows {
  /// The classes whose objects the pickle may have; nothing else is accepted in it.
  private static let stores: Set<String> = [
    "langchain.docstore.in_memory.InMemoryDocstore",
    "langchain_community.docstore.in_memory.InMemoryDocstore",
  ]
  private static let documents: Set<String> = [
    "langchain.schema.Document", "langchain_core.documents.base.Document",
    "langchain.docstore.document.Document", "langchain.schema.document.Document",
  ]

  package var path: String { index.file.path }
  package var count: Int { entries.count }
  package var dimensions: Int { index.dimensions }
  private let index: FaissIndex
  private let texts: InputFile
  /// The documents, each with the place of its vector.
  private var entries: [(document: LibraryDocument, offset: Int64)] = []

  /// Opens an index and its pickle; each position of the index must have a document, and each
  /// document one position.
  package init(index file: InputFile, texts: InputFile) throws(FileError) {
    index = try FaissIndex(file)
    self.texts = texts
    let pickle = PickledObjects(path: texts.path)
    let value = try pickle.value(
      FilePickleSource(handle: texts), classes: Self.stores.union(Self.documents))
    guard case .tuple(let parts) = value, parts.count == 2,
      case .dictionary(let documents)? =
        PickledObjects.attributes(of: parts[0], Self.stores)?["_dict"],
      case .dictionary(let positions) = parts[1]
    else { throw pickle.refusal("the pickle does not have the form that LangChain writes") }
    try join(try Self.byID(documents, pickle), try Self.byPosition(positions, pickle), pickle)
    try checkUnchanged()
  }

  /// Counts the vectors of an index, for listings.
  package static func look(at file: InputFile) throws(FileError) -> (count: Int, dimensions: Int) {
    let index = try FaissIndex(file)
    return (index.count, index.dimensions)
  }

  package func document(at position: Int) throws(FileError) -> LibraryDocument {
    entries[position].document
  }

  package func readVectors(
    _ range: Range<Int>, into vectors: UnsafeMutableBufferPointer<Float>
  ) throws(FileError) {
    for (number, position) in range.enumerated() {
      let part = UnsafeMutableBufferPointer(
        rebasing: vectors[number * dimensions..<(number + 1) * dimensions])
      let bytes = UnsafeMutableRawBufferPointer(part)
      guard try index.file.read(into: bytes, at: entries[position].offset) == bytes.count else {
        throw FileError(
          .changed, file: path, problem: "became shorter while it was read",
          remedy: "stop the application that writes the file, then run again")
      }
    }
  }

  package func checkUnchanged() throws(FileError) {
    try index.file.checkUnchanged()
    try texts.checkUnchanged()
  }

  private static func byPosition(
    _ pairs: [PickleValue.Pair], _ pickle: PickledObjects
  ) throws(FileError) -> [(position: Int, id: String)] {
    var found: [(position: Int, id: String)] = []
    for pair in pairs {
      guard case .int(let position) = pair.key, case .string(let id) = pair.value else {
        throw pickle.refusal("a position does not name a document's id")
      }
      found.append((position, id))
    }
    return found.sorted { $0.position < $1.position }
  }

  private static func byID(
    _ pairs: [PickleValue.Pair], _ pickle: PickledObjects
  ) throws(FileError) -> [[UInt8]: PickleValue] {
    var found: [[UInt8]: PickleValue] = [:]
    for pair in pairs {
      guard case .string(let id) = pair.key else {
        throw pickle.refusal("a document has an id that is no text")
      }
      found[Array(id.utf8)] = pair.value
    }
    return found
  }

  private func join(
    _ documents: [[UInt8]: PickleValue], _ positions: [(position: Int, id: String)],
    _ pickle: PickledObjects
  ) throws(FileError) {
    let ids = index.ids ?? (0..<Int64(index.count)).map { $0 }
    let order = ids.indices.sorted { ids[$0] < ids[$1] }
    guard order.count == positions.count,
      zip(order, positions).allSatisfy({ ids[$0] == Int64($1.position) })
    else {
      throw FileError(
        .pairing, file: path,
        problem: "the index has \(ids.count) vectors, and the pickle names \(positions.count) "
          + "positions that are not the same ones",
        remedy: "make the index anew from the documents (FAISS.from_documents), and save it")
    }
    for (place, entry) in zip(order, positions) {
      guard let value = documents[Array(entry.id.utf8)] else {
        throw pickle.refusal("the document of position \(entry.position) is missing")
      }
      let document = try Self.document(entry.id, value, pickle)
      entries.append((document, index.offset(of: place)))
    }
    // A document without a position has no vector.
    let without = documents.count - Set(positions.map { Array($0.id.utf8) }).count
    guard without == 0 else {
      throw FileError(
        .pairing, file: texts.path,
        problem: "\(without) documents of the pickle have no vector",
        remedy: "make the index anew from the documents (FAISS.from_documents), and save it")
    }
  }

  private static func document(
    _ id: String, _ value: PickleValue, _ pickle: PickledObjects
  ) throws(FileError) -> LibraryDocument {
    let place = "document \(ShownText.of(id))"
    guard let fields = PickledObjects.attributes(of: value, documents) else {
      throw pickle.refusal("is no document of LangChain", place: place)
    }
    guard case .string(let text)? = fields["page_content"] else {
      throw pickle.refusal("has no text", place: place)
    }
    var metadata = MetadataText()
    if case .dictionary(let pairs)? = fields["metadata"] {
      if let problem = metadata.appendMembers(pairs) {
        throw pickle.refusal("the metadata have \(problem), which JSON does not have", place: place)
      }
    } else if let other = fields["metadata"], other != .none {
      throw pickle.refusal("the metadata are no dictionary", place: place)
    }
    if metadata.hasInfinity {
      throw pickle.refusal("the metadata have an infinite number", place: place)
    }
    return LibraryDocument(
      id: id, text: text, metadata: metadata.finished(), hasNaN: metadata.hasNaN)
  }
}
