internal import Files
internal import JSON

/// The documents that changes of the log have made, changed or deleted after the tables stopped.
final class ChromaReplay {
  private struct State {
    /// The row that the document has in the tables; nil for a document that is only in the log.
    var row: Int64?
    var id: String
    /// The members of the metadata, each with the text of its value; nil for a deleted document.
    var members: [(key: String, value: [UInt8])]?
    var text: String?
    var hasNaN = false
  }

  private let path: String
  private var states: [State] = []
  private var numbers: [[UInt8]: Int] = [:]
  /// The rows of the tables that do not count any more.
  private(set) var replacedRows: Set<Int64> = []

  init(_ path: String) { self.path = path }

  /// The documents that live, in the order of their first change.
  var documents: [(row: Int64, id: String)] {
    states.enumerated().compactMap { $1.members == nil ? nil : (-1 - Int64($0), $1.id) }
  }

  /// Returns the document of a number in `documents`.
  func document(_ row: Int64) -> LibraryDocument {
    let state = states[Int(-1 - row)]
    var object = [UInt8(ascii: "{")]
    for (index, member) in (state.members ?? []).enumerated() {
      if index > 0 { object.append(UInt8(ascii: ",")) }
      object += MetadataText.quoted(member.key) + [UInt8(ascii: ":")] + member.value
    }
    return LibraryDocument(
      id: state.id, text: state.text, metadata: object + [UInt8(ascii: "}")],
      hasNaN: state.hasNaN)
  }

  /// Returns true where the document of an id has been noted.
  func knows(_ id: String) -> Bool { numbers[Array(id.utf8)] != nil }

  /// Notes the document that the tables have for an id, nil where they have none.
  func note(_ id: String, _ known: (row: Int64, document: LibraryDocument)?) throws {
    var state = State(row: known?.row, id: id)
    if let known {
      replacedRows.insert(known.row)
      state.members = try Self.members(of: known.document.metadata)
      state.text = known.document.text
      state.hasNaN = known.document.hasNaN
    }
    numbers[Array(id.utf8)] = states.count
    states.append(state)
  }

  /// Applies a change to a document that has been noted: 0 adds, 1 updates, 2 does either, 3
  /// deletes.
  func apply(number: Int64, operation: Int64, id: String, metadata: String?) throws(FileError) {
    guard let index = numbers[Array(id.utf8)] else { return }
    let lives = states[index].members != nil
    switch operation {
    case 3:
      states[index].members = nil
      states[index].text = nil
      states[index].hasNaN = false
    case 0 where lives, 1 where !lives: break
    default:
      if !lives { states[index].members = [] }
      guard let metadata else { break }
      do {
        try merge(metadata, into: index)
      } catch {
        throw FileError(
          .rows, file: path, place: "embeddings_queue, row \(number)",
          problem: "the metadata of the change cannot be read: \(error)",
          remedy: "open the folder with the version of Chroma that wrote it, and change the "
            + "document there")
      }
    }
  }

  private func merge(_ metadata: String, into index: Int) throws {
    let (text, hasNaN) = ChromaReplay.withoutNaN(Array(metadata.utf8))
    if hasNaN { states[index].hasNaN = true }
    var limits = JSONLimits()
    limits.escapesUnstorable = false
    let entry = try JSONEntry(reading: MemoryByteSource(text), limits: limits)
    for member in entry.members {
      let key = entry.key(of: member)
      if key == ChromaDocuments.textKey {
        states[index].text = entry.string(of: member)
        continue
      }
      states[index].members?.removeAll { $0.key.utf8.elementsEqual(key.utf8) }
      if member.kind == .null { continue }
      let value = Array(entry.bytes[member.value])
      let isNaN = hasNaN && value == Self.markOfNaN
      states[index].members?.append((key, isNaN ? Array("null".utf8) : value))
    }
  }

  private static func members(of object: [UInt8]) throws -> [(key: String, value: [UInt8])] {
    let entry = try JSONEntry(reading: MemoryByteSource(object))
    return entry.members.map { (entry.key(of: $0), Array(entry.bytes[$0.value])) }
  }

  /// The text that takes the place of NaN until the change is applied, because null removes a key;
  /// Chroma has no lists of nulls.
  private static let markOfNaN = Array("[null]".utf8)

  /// Replaces the word NaN, which Python writes and JSON does not have; a word in a string stays.
  static func withoutNaN(_ text: [UInt8]) -> (text: [UInt8], hasNaN: Bool) {
    let word = Array("NaN".utf8)
    var output: [UInt8] = []
    var isInString = false
    var hasNaN = false
    var index = 0
    while index < text.count {
      let byte = text[index]
      if isInString, byte == UInt8(ascii: "\\"), index + 1 < text.count {
        output += text[index...index + 1]
        index += 2
        continue
      }
      if byte == UInt8(ascii: "\"") { isInString.toggle() }
      if !isInString, byte == word[0], text[index...].starts(with: word) {
        output += markOfNaN
        hasNaN = true
        index += word.count
        continue
      }
      output.append(byte)
      index += 1
    }
    return (output, hasNaN)
  }
}
