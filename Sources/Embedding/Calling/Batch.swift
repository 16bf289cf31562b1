/// The texts of one request.
struct Batch {
  /// A text with its key.
  struct Entry {
    let key: EmbeddingKey
    let text: String
  }

  var entries: [Entry] = []
  private(set) var bytes = 0
  /// Which attempt to send the texts comes next.
  var attempt = 1
  /// The time before which the texts are not sent again.
  var notBefore = 0.0
  /// True where the texts were sent before, and the request failed.
  var isRepeated = false

  init() {}

  init(_ entries: some Sequence<Entry>) { for entry in entries { append(entry) } }

  func hasRoom(for text: String, limits: BatchLimits) -> Bool {
    entries.isEmpty
      || entries.count < limits.texts && bytes + text.utf8.count <= limits.bytes
  }

  mutating func append(_ entry: Entry) {
    entries.append(entry)
    bytes += entry.text.utf8.count
  }

  /// The two halves of the batch.
  var halves: [Batch] {
    let middle = entries.count / 2
    return [Batch(entries[..<middle]), Batch(entries[middle...])]
  }

  /// The most tokens that a service can count for the texts.
  var mostTokens: Int { EmbeddingPrice.mostTokens(ofTexts: entries.count, bytes: bytes) }
}
