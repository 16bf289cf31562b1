/// The names that a format gives to the members of its entries; of each list, the first name that
/// occurs in an entry is used.
struct EntryNames {
  /// The names that the member with an entry's id may have.
  var ids = ["id"]
  /// The names that the member with the text may have; a member that is not a string, or is empty,
  /// is passed over.
  var texts = ["text", "page_content", "content"]
  /// The names that the member with the time of creation may have.
  var timestamps = ["timestamp"]
  /// The names that the member with the vector may have, where the vector is in the same entry as
  /// the text.
  var vectors: [String] = []

  /// The names that most programs use.
  static let usual = EntryNames()
}
