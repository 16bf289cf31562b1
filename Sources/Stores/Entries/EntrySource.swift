internal import Files
internal import JSON

/// The entries of a store's documents, each read by its position.
protocol EntrySource: AnyObject {
  /// The file that the entries are read from, for messages.
  var path: String { get }
  /// The number of entries.
  var count: Int { get }
  /// The names of the members of an entry.
  var names: EntryNames { get }

  /// Replaces `entry` by the entry at a position.
  func read(_ position: Int, into entry: inout JSONEntry) throws(StoreError)
  /// Refuses the store where one of its files has changed since it was opened.
  func checkUnchanged() throws(StoreError)
}
