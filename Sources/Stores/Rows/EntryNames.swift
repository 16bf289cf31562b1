/// How a format names the members of its entries; of each list the first that is there counts.
struct EntryNames {
  /// The source's id.
  var ids = ["id"]
  /// The text: a string that is not empty.
  var texts = ["text", "page_content", "content"]
  /// When the document was made.
  var timestamps = ["timestamp"]
  /// The vector, where it stands beside the text.
  var vectors: [String] = []

  /// The names that most programs give.
  static let usual = EntryNames()
}
