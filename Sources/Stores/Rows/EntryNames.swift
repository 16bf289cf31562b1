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
  /// The names that a member may have whose value is an object of metadata: the members of this
  /// object become members of the document's metadata.
  var objects: [String] = []
  /// The names of members that are left out where they are null, because the library writes null for
  /// what a document does not have.
  var optional: [String] = []
  /// The members that every entry has, each with the names that it may have.
  var required: [[String]] = []
  /// The names that a member may have that is a time of creation in seconds since 1970.
  var seconds: [String] = []

  /// The names that tables of documents have.
  static let tables: EntryNames = {
    var names = EntryNames()
    names.ids = ["id", "_id", "uuid", "rowid", "doc_id"]
    names.texts = ["text", "page_content", "content", "document"]
    names.vectors = ["embedding", "vector", "embeddings", "vectors", "text_embedding"]
    names.objects = ["metadata", "meta", "payload"]
    return names
  }()

  /// The names that most programs use.
  static let usual = EntryNames()
}
