/// Assembles an answer from pieces of bytes of any size (RFC 9112).
///
/// The reader is a value without a socket: it takes bytes and reports when the answer is complete.
struct HTTPAnswerReader {
  private enum State {
    case head
    case fixed(left: Int)
    case chunkSize
    case chunk(left: Int)
    case chunkEnd
    case trailer
    case untilClose
    case done
  }

  /// The largest accepted head in bytes; services send smaller ones.
  static let largestHead = 64 * 1024
  /// The largest accepted body in bytes; the largest batch of the largest vectors needs less.
  static let largestBody = 64 * 1024 * 1024

  private var state = State.head
  /// The bytes of an incomplete line, or of the head.
  private var line: [UInt8] = []
  private var status = 0
  private var headers: [String: String] = [:]
  private var body: [UInt8] = []
  private var headBytes = 0
  /// True where the connection can be used for another request.
  private(set) var keepsAlive = false
  /// True where any byte of the answer has arrived.
  private(set) var hasBegun = false

  /// The whole answer; nil as long as it is incomplete.
  var answer: HTTPAnswer? {
    guard case .done = state else { return nil }
    return HTTPAnswer(status: status, headers: headers, body: body)
  }

  /// Adds the next bytes.
  mutating func take(_ bytes: ArraySlice<UInt8>) throws(HTTPError) {
    var rest = bytes
    if !rest.isEmpty { hasBegun = true }
    while !rest.isEmpty {
      switch state {
      case .head, .chunkSize, .chunkEnd, .trailer: try takeLine(&rest)
      case .fixed(let left):
        let count = move(&rest, atMost: left)
        state = count == left ? .done : .fixed(left: left - count)
      case .chunk(let left):
        let count = move(&rest, atMost: left)
        state = count == left ? .chunkEnd : .chunk(left: left - count)
      case .untilClose:
        guard body.count + rest.count <= Self.largestBody else { throw Self.tooLarge }
        _ = move(&rest, atMost: rest.count)
      case .done:
        // Bytes that were not requested: the connection is not used again.
        keepsAlive = false
        return
      }
    }
  }

  /// Notes that the connection has ended; throws where the answer is incomplete.
  mutating func end() throws(HTTPError) {
    switch state {
    case .untilClose: state = .done
    case .done: break
    default:
      throw .broken(reason: hasBegun ? "in the middle of the answer" : "before an answer")
    }
  }

  private static let tooLarge = HTTPError.malformed("more than 64 MiB")

  private mutating func move(_ rest: inout ArraySlice<UInt8>, atMost limit: Int) -> Int {
    let piece = rest.prefix(limit)
    body += piece
    rest = rest.dropFirst(piece.count)
    return piece.count
  }

  private mutating func takeLine(_ rest: inout ArraySlice<UInt8>) throws(HTTPError) {
    let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
    line += rest[..<end]
    headBytes += end - rest.startIndex + 1
    guard headBytes <= Self.largestHead else { throw .malformed("a head of more than 64 KiB") }
    guard end < rest.endIndex else { return rest = [] }
    rest = rest[(end + 1)...]
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    defer { line.removeAll(keepingCapacity: true) }
    switch state {
    case .head: try takeHead()
    case .chunkSize: try takeChunkSize()
    case .chunkEnd:
      guard line.isEmpty else { throw .malformed("a chunk longer than its size says") }
      // The framing of chunks does not count as head.
      headBytes = 0
      state = .chunkSize
    default: if line.isEmpty { state = .done }
    }
  }

  private mutating func takeHead() throws(HTTPError) {
    if status == 0 {
      status = try Self.status(line)
      keepsAlive = line.starts(with: "HTTP/1.1".utf8)
      return
    }
    guard line.isEmpty else { return try takeField() }
    if (100..<200).contains(status) {
      // An interim answer; the final one follows.
      guard status != 101 else { throw .malformed("status 101") }
      (status, headers) = (0, [:])
      return
    }
    try beginBody()
  }

  private static func status(_ line: [UInt8]) throws(HTTPError) -> Int {
    let words = String(decoding: line, as: UTF8.self).split(separator: " ")
    guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0",
      words[1].utf8.count == 3, let status = Int(words[1]), (100...599).contains(status)
    else { throw .malformed("no HTTP/1.1") }
    return status
  }

  private mutating func takeField() throws(HTTPError) {
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > 0,
      line[..<colon].allSatisfy({ (0x21...0x7E).contains($0) })
    else { throw .malformed("a header without a name") }
    let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
    let blank: Set<UInt8> = [0x20, 0x09]
    let tail = line[(colon + 1)...].drop { blank.contains($0) }
    let end = tail.lastIndex { !blank.contains($0) }.map { $0 + 1 } ?? tail.startIndex
    let value = String(decoding: tail[..<end], as: UTF8.self)
    headers[name] = headers[name].map { "\($0), \(value)" } ?? value
  }

  private mutating func beginBody() throws(HTTPError) {
    if let connection = headers["connection"]?.lowercased() {
      if connection.contains("close") { keepsAlive = false }
      if connection.contains("keep-alive") { keepsAlive = true }
    }
    if let encoding = headers["content-encoding"], encoding.lowercased() != "identity" {
      throw .malformed("it is compressed, which was not asked for")
    }
    headBytes = 0
    if let encoding = headers["transfer-encoding"] {
      guard encoding.lowercased() == "chunked", headers["content-length"] == nil else {
        throw .malformed("its end is not clear")
      }
      state = .chunkSize
    } else if let text = headers["content-length"] {
      let isNumber = !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
      guard isNumber, let length = Int(text) else { throw .malformed("an invalid length") }
      guard length <= Self.largestBody else { throw Self.tooLarge }
      state = length == 0 ? .done : .fixed(left: length)
    } else if status == 204 || status == 304 {
      state = .done
    } else {
      keepsAlive = false
      state = .untilClose
    }
  }

  private mutating func takeChunkSize() throws(HTTPError) {
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != 0x20 }
    guard (1...8).contains(digits.count), digits.allSatisfy({ UInt8(ascii: "0")...0x66 ~= $0 }),
      let size = Int(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw .malformed("a chunk without a size") }
    guard body.count + size <= Self.largestBody else { throw Self.tooLarge }
    state = size == 0 ? .trailer : .chunk(left: size)
  }
}
