internal import Files
internal import JSON
internal import LibraryFiles

/// Checks that PostgreSQL can store a document of another library, and escapes what it cannot store
/// where the operator allows that.
struct StorableForm {
  private let path: String
  private let options: ReadOptions
  private let limits: JSONLimits

  /// A document that can be stored, and what was found in it.
  struct Checked {
    let id: String
    let text: String?
    let metadata: [UInt8]
    let findings: [(StoreFinding.Kind, Bool)]
  }

  /// - Parameter path: the file of the documents, for messages.
  init(path: String, options: ReadOptions) {
    self.path = path
    self.options = options
    var limits = JSONLimits()
    limits.escapesUnstorable = options.escapeNUL
    self.limits = limits
  }

  /// Checks the document at a position.
  func document(_ document: LibraryDocument, at position: Int) throws(StoreError) -> Checked {
    let entry: JSONEntry
    do {
      entry = try JSONEntry(reading: MemoryByteSource(document.metadata), limits: limits)
    } catch {
      let reason = (error as? JSONError).map { "\($0.reason)" } ?? "\(error)"
      throw refusal("the metadata: \(reason)", position, "")
    }
    let hasNUL = document.id.utf8.contains(0) || document.text?.utf8.contains(0) == true
    if hasNUL, !options.escapeNUL {
      throw refusal(
        "the id or the text contains U+0000, which PostgreSQL cannot store", position,
        "remove the character with the library, or use --escape-nul")
    }
    if let text = document.text, text.utf8.count > limits.stringBytes {
      throw refusal(
        "the text is longer than \(limits.stringBytes) bytes", position, "split the document")
    }
    return Checked(
      id: hasNUL ? Self.escaped(document.id) : document.id,
      text: hasNUL ? document.text.map(Self.escaped) : document.text, metadata: entry.bytes,
      findings: [
        (.withoutText, document.text == nil),
        (.escapedCharacters, hasNUL || !entry.escapedCharacters.isEmpty),
        (.negativeZeroNumber, !entry.negativeZeros.isEmpty),
        (.numberNotStorable, document.hasNaN),
      ])
  }

  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar.value == 0 {
        result.append(contentsOf: #"\u0000"#.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  private func refusal(_ problem: String, _ position: Int, _ remedy: String) -> StoreError {
    StoreError(
      .metadata, file: path, place: "document \(position)", problem: problem, remedy: remedy)
  }
}
