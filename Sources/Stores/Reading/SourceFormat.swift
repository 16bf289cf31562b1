package import Files

/// A kind of files that contain stores: how they are recognised, described, read and refused.
///
/// A format executes nothing that it reads, checks each number that comes from a file, and throws a
/// ``StoreError`` that names the file, the place in it, the problem and the remedy.
package protocol SourceFormat: Sendable {
  /// The format's name in listings and manifests, which never changes.
  var name: String { get }
  /// The beginning of the names of the format's folders; nil where a folder may have any name.
  var folderPrefix: String? { get }

  /// Returns the stores of an entry in a user's folder; an empty list where the entry is no store.
  ///
  /// Checks the name, the entry's kind, and at most the first bytes of files. An error stops the
  /// scan of that user.
  func stores(at entry: UserEntry) throws(StoreError) -> [RecognizedStore]
  /// Looks for a collection's files in a folder; called where a recognized store does not name its
  /// files, and for a folder that has a copy of one store's files and nothing else.
  func files(of collection: String, in folder: Directory) throws(StoreError) -> FoundFiles
  /// Returns true where these are the names of all files of one store, in the order of
  /// `files(of:in:)`.
  func isWhole(_ names: [String]) -> Bool
  /// Returns the kind of data in a file with this name.
  func content(of file: String) -> StoreFile.Content

  /// Describes a store for listings; facts that would need a complete reading are nil.
  func describe(_ store: FoundStore, in folder: Directory) -> StorePeek
  /// Returns true where a quick check suggests that the store cannot be read.
  func isProbablyUnreadable(in folder: Directory) -> Bool
  /// Returns the refusal of files with holes, which must not be read or hashed to their end; nil
  /// where they may be read.
  func refusalOfHoles(in folder: Directory) -> StoreError?

  /// Opens a store's vectors and texts, and checks everything except the vectors' numbers.
  func open(_ store: FoundStore, in folder: Directory, _ settings: ReadSettings)
    throws(StoreError) -> any OpenedStore
  /// Opens a store's vectors; texts are not read, and no key is needed.
  func openVectors(of store: FoundStore, in folder: Directory) throws(StoreError)
    -> any VectorSource
}

extension SourceFormat {
  package var folderPrefix: String? { nil }
  package func files(of collection: String, in folder: Directory) throws(StoreError) -> FoundFiles {
    let names = try folder.entryNames().compactMap { String(validating: $0, as: UTF8.self) }
    let isStore = isWhole(names)
    return isStore ? try FoundFiles(named: names, in: folder) : FoundFiles(missing: names)
  }
  package func isProbablyUnreadable(in folder: Directory) -> Bool { false }
  package func refusalOfHoles(in folder: Directory) -> StoreError? { nil }
}

/// The settings for reading a store.
package struct ReadSettings {
  /// The keys of encrypted files.
  package let keys: KeyRing
  /// The changes that the operator allows.
  package let options: ReadOptions
  /// The rules for timestamps without an offset.
  package let zone: LocalTime
}

/// A store that has been opened and checked, whose documents are read in order.
package protocol OpenedStore: AnyObject {
  /// True where a part of the store is encrypted.
  var isEncrypted: Bool { get }
  /// The number of vectors in the files.
  var vectorCount: Int { get }
  /// The number of entries in the files, with and without text.
  var entryCount: Int { get }
  /// The number of documents that can be read from the store.
  var documentCount: Int { get }
  /// The findings for the operator, except those about vectors' numbers.
  var findings: [StoreFinding] { get }
  /// The texts that are equal, byte for byte, to the text of an earlier document, in the documents'
  /// order.
  var repeatedTexts: [RepeatedValue] { get }
  /// The vectors; vector `i` belongs to document `i`, and vectors after the last document are
  /// unused.
  var vectors: any VectorSource { get }

  /// Makes reading start at the first document again.
  func rewind()
  /// Replaces a batch's documents and vectors by those of a range.
  ///
  /// After opening or `rewind()`, the first range begins at 0 and each later range where the range
  /// before it ended; a range has at least one document.
  func read(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError)
  /// Replaces a batch's documents by those of a range, as `read` does, and leaves the batch's
  /// vectors as they are.
  func readDocuments(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError)
  /// Refuses the store where one of its files has changed since it was opened.
  func checkUnchanged() throws(StoreError)
}

extension OpenedStore {
  package func readDocuments(_ range: Range<Int>, into batch: inout DocumentBatch)
    throws(StoreError)
  {
    let vectors = batch.vectors
    try read(range, into: &batch)
    batch.vectors = vectors
  }
}

/// A source of vectors of one dimension, read in any order.
package protocol VectorSource {
  /// The path of the file that the vectors are read from, as it is shown to the operator.
  var path: String { get }
  /// The number of vectors.
  var count: Int { get }
  /// The number of numbers in each vector; 0 where there are no vectors.
  var dimensions: Int { get }
  /// Replaces `vectors` by those of a range, one after the other; refuses NaN and infinity.
  func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError)
}
