internal import Files
internal import JSON

/// The header of the format `.safetensors`: its length, and a JSON object with the type, the shape
/// and the place of each array.
struct Safetensors {
  /// The largest number of bytes of a header, as the format's own library has it.
  private static let limit = 100_000_000

  /// Returns the outline of the only array in a file.
  static func outline(of file: InputFile) throws -> ArrayOutline {
    let size = Int(file.facts.size)
    let length = try number(in: file)
    guard length > 1, length <= limit, length <= size - 8 else {
      throw UnreadableArray(
        problem: "its header has no possible length", remedy: "restore the file")
    }
    var bytes = [UInt8](repeating: 0, count: length)
    let done = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 8) }
    guard done == length else { throw invalid }
    let header = try bytes.withUnsafeBytes { try JSONEntry(copying: $0) }
    let arrays = header.members.filter { header.key(of: $0) != "__metadata__" }
    guard arrays.count == 1, let array = try header.object(of: arrays[0]) else {
      throw UnreadableArray(
        problem: "has \(arrays.count) arrays", remedy: "save the vectors alone in a file")
    }
    let shape = try numbers("shape", of: array)
    let place = try numbers("data_offsets", of: array)
    guard shape.count == 2 else {
      throw UnreadableArray(problem: "has \(shape.count) dimensions; an array of vectors has 2")
    }
    let outline = ArrayOutline(
      element: try element(of: array), rows: shape[0], columns: shape[1], offset: 8 + length)
    guard place.count == 2, place[0] == 0, place[1] == outline.byteCount,
      place[1] == size - 8 - length
    else { throw invalid }
    return outline
  }

  private static func element(of array: JSONEntry) throws -> ArrayElement {
    let name = array.member(named: "dtype").flatMap { array.string(of: $0) } ?? ""
    switch name {
    case "F64": return .float64
    case "F32": return .float32
    case "F16": return .float16
    case "BF16": return .bfloat16
    default:
      throw UnreadableArray(
        problem: "has numbers of the type \(name.prefix(20))",
        remedy: "save the vectors as an array of F32")
    }
  }

  /// Reads a member that is an array of whole numbers.
  private static func numbers(_ name: String, of array: JSONEntry) throws -> [Int] {
    guard let member = array.member(named: name), member.kind == .array else { throw invalid }
    let text = String(decoding: array.bytes[member.value].dropFirst().dropLast(), as: UTF8.self)
    return try text.split(separator: ",").map { word in
      guard let number = Int(word.filter { !$0.isWhitespace }), number >= 0 else { throw invalid }
      return number
    }
  }

  private static func number(in file: InputFile) throws -> Int {
    var bytes = [UInt8](repeating: 0, count: 8)
    let done = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
    guard done == 8, bytes[7] < 0x10 else { throw invalid }
    return bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private static var invalid: UnreadableArray {
    UnreadableArray(
      problem: "its header is not one that the library writes", remedy: "restore the file")
  }
}
