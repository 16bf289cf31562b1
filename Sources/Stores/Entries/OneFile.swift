internal import Files

extension UserEntry {
  /// Recognizes a store that is a single file in a user's folder; nil where the entry is something
  /// else.
  ///
  /// The collection is the file's name without its ending.
  ///
  /// - Parameters:
  ///   - endings: the endings that the name may have; a file that the operator has named may have
  ///     any name.
  ///   - isStore: decides by the first bytes of the file.
  func storeFile(
    endings: [String], where isStore: (InputFile) -> Bool
  ) throws(StoreError) -> RecognizedStore? {
    guard name.isUTF8, name.bytes.first != UInt8(ascii: ".") else { return nil }
    let ending = endings.first { name.text.lowercased().hasSuffix(".\($0)") }
    guard ending != nil || isGiven, try facts()?.kind == .regular,
      let file = try? directory.openFile(named: name.text), isStore(file)
    else { return nil }
    return RecognizedStore(
      collection: EntryName(bytes: stem), isFolder: false, fileNames: [name.text])
  }

  /// The endings of files that have an array of vectors and no texts.
  static let arrayEndings = ["npy", "npz", "safetensors"]

  /// The name of the entry without its ending.
  var stem: [UInt8] {
    let dot = name.bytes.lastIndex(of: UInt8(ascii: ".")) ?? 0
    return dot > 0 ? Array(name.bytes[..<dot]) : name.bytes
  }
}
