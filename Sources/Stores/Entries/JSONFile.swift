internal import Files
internal import JSON

/// An open JSON file of a store: it is walked through once, and its values are read again by their
/// places.
struct JSONFile {
  let handle: InputFile
  let limits: JSONLimits

  /// Opens a file; refuses one that is compressed or has large holes.
  ///
  /// - Parameter numberMembers: the members of entries that are arrays of many numbers.
  init(
    _ name: String, in folder: Directory, _ options: ReadOptions, numberMembers: [String] = []
  ) throws(StoreError) {
    handle = try folder.openFile(named: name)
    if let kind = try ForeignKind(handle) { throw kind.refusal(.metadata, handle.path) }
    if let refusal = handle.refusalOfHoles { throw refusal }
    var limits = JSONLimits()
    limits.escapesUnstorable = options.escapeNUL
    limits.numberMembers = numberMembers
    self.limits = limits
  }

  /// The file's path.
  var path: String { handle.path }

  /// Passes a walker at the beginning of the file to `body`, and refuses the file where `body`
  /// leaves anything after the outermost value.
  func walk(_ body: (JSONWalker) throws -> Void) throws(StoreError) {
    do {
      let walker = try JSONWalker(FileByteSource(handle), limits: limits)
      try body(walker)
      try walker.finish()
    } catch {
      throw refusal(error)
    }
    try handle.checkUnchanged()
  }

  /// Replaces `bytes` by a part of the file, and zeros after it.
  func read(_ part: FilePart, into bytes: inout [UInt8]) throws(StoreError) {
    bytes.removeAll(keepingCapacity: true)
    bytes.append(contentsOf: repeatElement(0, count: part.count + NumberArray.padding))
    var failure: StoreError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(StoreError) {
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<part.count])
        if try handle.read(into: target, at: Int64(part.offset)) < part.count { failure = changed }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// Reads the object that is a part of the file.
  func read(_ part: FilePart, index: Int, into entry: inout JSONEntry, _ bytes: inout [UInt8])
    throws(StoreError)
  {
    try read(part, into: &bytes)
    try parse(bytes, count: part.count, index: index, into: &entry)
  }

  /// Reads an object from bytes that were made of parts of the file.
  func parse(_ bytes: [UInt8], count: Int, index: Int, into entry: inout JSONEntry)
    throws(StoreError)
  {
    do {
      try bytes.withUnsafeBytes { all in
        try entry.read(UnsafeRawBufferPointer(rebasing: all[..<count]), limits: limits)
      }
      entry.number(index)
    } catch {
      throw refusal(error, entry: index)
    }
  }

  /// Creates the refusal for an error from reading or parsing the file.
  ///
  /// - Parameter entry: the index of an entry whose bytes alone were parsed: the places in the error
  ///   are not those in the file.
  func refusal(_ error: any Error, entry: Int? = nil) -> StoreError {
    switch error {
    case let error as StoreError: return error
    case let error as JSONError:
      var place = error.entry.map { "entry \($0), \(error.position)" } ?? "\(error.position)"
      if let entry { place = "entry \(entry)" }
      return StoreError(
        .metadata, file: path, place: place, problem: "\(error.reason)", remedy: "")
    default: return StoreError(.file, file: path, problem: "\(error)", remedy: "")
    }
  }

  /// The refusal of a file that is not what it was when it was opened.
  var changed: StoreError {
    StoreError(
      .changed, file: path, problem: "changed while it was read",
      remedy: "stop the application that writes the file, then run again")
  }
}
