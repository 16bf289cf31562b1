/// One kind of files that hold stores: how they are recognised, described, read and refused.
///
/// A format executes nothing that it reads, checks each number that comes from a file, and throws a
/// ``StoreError`` that names the file, the place in it, the problem and the remedy.
package protocol SourceFormat: Sendable {
  /// The name, as listings and manifests have it; it never changes.
  var name: String { get }
  /// What the name of each of its folders begins with; nil where a folder may have any name.
  var folderPrefix: String? { get }

  /// Finds the stores of an entry in a user's folder, none where it is something else.
  ///
  /// Looks at the name, at the entry's kind, and at the first bytes of files at most. What throws
  /// stops the scan of that user.
  func stores(at entry: UserEntry) throws(StoreError) -> [StoreSighting]
  /// Looks for a collection's files in a folder.
  func files(of collection: String, in folder: StoreDirectory) throws(StoreError) -> FoundFiles
  /// True where files of these names are all files of one store, in the order of `files`.
  func isWhole(_ names: [String]) -> Bool
  /// What a file of this name holds.
  func content(of file: String) -> StoreFile.Content

  /// Describes a store for listings; what cannot be told without reading all of it is nil.
  func describe(_ store: FoundStore, in folder: StoreDirectory) -> StorePeek
  /// True where what costs next to nothing to find out speaks against the store.
  func isUnlikelyToPair(in folder: StoreDirectory) -> Bool
  /// Why the files are not to be read to their end, nor hashed; nil where nothing is against it.
  func refusalOfHoles(in folder: StoreDirectory) -> StoreError?

  /// Opens a store's vectors and texts, and checks everything but the vectors' numbers.
  func open(_ store: FoundStore, in folder: StoreDirectory, _ settings: ReadSettings)
    throws(StoreError) -> any OpenedStore
  /// Opens a store's vectors; texts are not looked at, and no key is needed.
  func openVectors(of store: FoundStore, in folder: StoreDirectory) throws(StoreError)
    -> any VectorSource
}

extension SourceFormat {
  package var folderPrefix: String? { nil }
  package func isUnlikelyToPair(in folder: StoreDirectory) -> Bool { false }
  package func refusalOfHoles(in folder: StoreDirectory) -> StoreError? { nil }
}

/// What a store is read with.
package struct ReadSettings {
  /// The keys of encrypted files.
  package let keys: KeyRing
  /// What the operator allows.
  package let options: ReadOptions
  /// The rules for timestamps without an offset.
  package let zone: LocalTime
}

/// A store that has been opened and checked, whose documents are read in order.
package protocol OpenedStore: AnyObject {
  /// True where a part of it is encrypted.
  var isEncrypted: Bool { get }
  /// How many vectors the files have.
  var vectorCount: Int { get }
  /// How many texts the files have.
  var entryCount: Int { get }
  /// How many documents there will be.
  var documentCount: Int { get }
  /// What the operator should know, but for what vectors' numbers show.
  var findings: [StoreFinding] { get }
  /// The vectors; that of document `i` is number `i`, and those behind the last are left over.
  var vectors: any VectorSource { get }

  /// Makes the next documents read be the first ones.
  func rewind()
  /// Replaces a batch's documents and vectors by those of a range.
  ///
  /// After `rewind()` ranges come one behind the other, from 0, each of at least one document.
  func read(_ range: Range<Int>, into batch: inout DocumentBatch) throws(StoreError)
  /// Refuses the store where one of its files is no longer what was opened.
  func checkUnchanged() throws(StoreError)
}

/// Vectors of one dimension, read in any order.
package protocol VectorSource {
  /// How many there are.
  var count: Int { get }
  /// How many numbers each has; 0 where there are none.
  var dimensions: Int { get }
  /// Replaces `vectors` by those of a range, one behind the other; refuses NaN and infinity.
  func read(_ range: Range<Int>, into vectors: inout [Float]) throws(StoreError)
}
