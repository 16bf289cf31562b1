/// The names that a format gives to the members of its entries; of each list, the first name that
/// an entry has is used.
struct EntryNames {
  /// The names of the source's id.
  var ids = ["id"]
  /// The names of the text; a member that is not a string, or is empty, is passed over.
  var texts = ["text", "page_content", "content"]
  /// The names of the time when the document was made.
  var timestamps = ["timestamp"]
  /// The names of the vector, where it is in the same entry as the text.
  var vectors: [String] = []

  /// The names that most programs use.
  static let usual = EntryNames()
}
