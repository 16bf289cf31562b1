/// The parts of an answer as they arrive; a value without a connection.
struct HTTPAnswerParts {
  /// The largest accepted head in bytes; services send smaller ones.
  static let largestHead = 64 * 1024
  /// The largest accepted body in bytes; the largest batch of the largest vectors needs less.
  static let largestBody = 64 * 1024 * 1024

  /// The error of an answer with a larger body.
  static let tooLarge = HTTPError.malformed("more than 64 MiB")

  private var status = 0
  private var headers: [String: String] = [:]
  private var body: [UInt8] = []
  private var headBytes = 0
  private var isHeadComplete = false
  /// The reason why the answer is not accepted; nil as long as the answer may be accepted.
  private(set) var fault: HTTPError?

  /// Takes one line of the head; returns false where the answer is not accepted.
  mutating func takeLine(_ line: UnsafeRawBufferPointer) -> Bool {
    headBytes += line.count
    guard headBytes <= Self.largestHead else {
      fault = .malformed("a head of more than 64 KiB")
      return false
    }
    var text = Substring(decoding: line, as: UTF8.self)
    while let last = text.unicodeScalars.last, last == "\r" || last == "\n" {
      text.unicodeScalars.removeLast()
    }
    if text.hasPrefix("HTTP/") {
      // Another answer of the same request: the one before was an interim one.
      (headers, isHeadComplete) = ([:], false)
      status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    } else if text.isEmpty {
      isHeadComplete = true
    } else if !isHeadComplete, let colon = text.firstIndex(of: ":") {
      let name = text[..<colon].lowercased()
      let value = text[text.index(after: colon)...].trimmed
      headers[name] = headers[name].map { "\($0), \(value)" } ?? value
    }
    return true
  }

  /// Takes the next bytes of the body; returns false where the answer is not accepted.
  mutating func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard body.count + bytes.count <= Self.largestBody else {
      fault = Self.tooLarge
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  /// Returns the answer once the connection says that it has ended; throws where it is incomplete.
  func whole() throws(HTTPError) -> HTTPAnswer {
    guard isHeadComplete, status >= 200 else {
      throw .broken(reason: "in the middle of the answer")
    }
    if let encoding = headers["content-encoding"], encoding.lowercased() != "identity" {
      throw .malformed("it is compressed, which was not asked for")
    }
    return HTTPAnswer(status: status, headers: headers, body: body)
  }
}

extension Substring {
  /// The text without spaces and tabs at both ends.
  fileprivate var trimmed: String {
    let blank: Set<Character> = [" ", "\t"]
    guard let first = firstIndex(where: { !blank.contains($0) }),
      let last = lastIndex(where: { !blank.contains($0) })
    else { return "" }
    return String(self[first...last])
  }
}
