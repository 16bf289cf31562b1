/// A file with one vector: a JSON array of numbers, or an array as `numpy.save` writes it.
package enum VectorFile {
  /// The largest size of a file, in bytes: a vector of 16,000 dimensions is smaller in both
  /// formats.
  package static let largestSize = 1_000_000

  /// Reads the vector; refuses bytes of any other form, with the reason.
  package static func read(_ bytes: [UInt8]) throws(SearchError) -> [Float] {
    let vector =
      bytes.starts(with: NumpyArray.magic)
      ? try NumpyArray(bytes).vector() : try json(bytes)
    guard !vector.isEmpty else { throw SearchError("it holds no numbers") }
    guard vector.allSatisfy(\.isFinite) else {
      throw SearchError("number \((vector.firstIndex { !$0.isFinite } ?? 0) + 1) is not finite")
    }
    return vector
  }

  private static func json(_ bytes: [UInt8]) throws(SearchError) -> [Float] {
    let blank: [UInt8] = [0x20, 0x0A, 0x0D, 0x09]
    func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
      let front = bytes.drop { blank.contains($0) }
      return front.lastIndex { !blank.contains($0) }.map { front[...$0] } ?? []
    }
    let text = trimmed(bytes[...])
    guard text.count >= 2, text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else {
      throw SearchError(
        "the file is neither a JSON array nor an array of NumPy",
        remedy: "write the vector with json.dump(list(vector)) or numpy.save")
    }
    let inside = trimmed(text.dropFirst().dropLast())
    if inside.isEmpty { return [] }
    var vector: [Float] = []
    for element in inside.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
      let word = trimmed(element)
      guard word.allSatisfy({ Array("0123456789+-.eE".utf8).contains($0) }),
        let number = Double(String(decoding: word, as: UTF8.self))
      else { throw SearchError("element \(vector.count + 1) is not a number") }
      vector.append(Float(number))
    }
    return vector
  }
}
