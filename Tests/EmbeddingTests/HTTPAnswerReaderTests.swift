import Testing

@testable import Embedding

/// Answers in whatever pieces they come.
struct HTTPAnswerReaderTests {
  private static let fixed =
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a:  2 \r\n\r\nhello"
  private static let chunked =
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"
    + "2;a=b\r\nhe\r\n003\r\nllo\r\n0\r\nTrailer: x\r\n\r\n"

  @Test(arguments: [fixed, chunked])
  func `an answer is the same in pieces of every size`(text: String) throws {
    let bytes = Array(text.utf8)
    for size in 1...bytes.count {
      var reader = HTTPAnswerReader()
      for start in stride(from: 0, to: bytes.count, by: size) {
        #expect(reader.answer == nil, "size \(size), at \(start)")
        try reader.take(bytes[start..<min(start + size, bytes.count)])
      }
      let answer = try #require(reader.answer, "size \(size)")
      #expect(answer.status == 200 && answer.body == Array("hello".utf8))
      #expect(reader.keepsAlive)
    }
  }

  @Test(arguments: [fixed, chunked])
  func `an answer that ends early is broken at every byte`(text: String) throws {
    let bytes = Array(text.utf8)
    for count in 0..<bytes.count {
      var reader = HTTPAnswerReader()
      try reader.take(bytes[..<count])
      #expect(throws: HTTPError.self, "\(count)") { try reader.end() }
    }
  }

  @Test func `repeated headers are joined and names are read in lower case`() throws {
    var reader = HTTPAnswerReader()
    try reader.take(Array(Self.fixed.utf8)[...])
    #expect(reader.answer?.headers["x-a"] == "1, 2")
  }

  @Test(arguments: [
    ("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false),
    ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", true),
    ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", false),
    ("HTTP/1.1 200 OK\nContent-Length: 1\n\nx", true),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200", false),
    ("HTTP/1.1 204\r\n\r\n", true),
  ])
  func `a connection is kept only where the answer allows it`(text: String, isKept: Bool) throws {
    var reader = HTTPAnswerReader()
    try reader.take(Array(text.utf8)[...])
    #expect(reader.answer != nil && reader.keepsAlive == isKept)
  }

  @Test func `an answer without a length ends with the connection`() throws {
    var reader = HTTPAnswerReader()
    try reader.take(Array("HTTP/1.1 500 X\r\n\r\nabc".utf8)[...])
    #expect(reader.answer == nil)
    try reader.end()
    #expect(reader.answer?.body == Array("abc".utf8) && !reader.keepsAlive)
  }

  @Test(arguments: [
    ("SSH-2.0-x\r\n", "no HTTP"), ("HTTP/2 200\r\n", "no HTTP"), ("HTTP/1.1 99\r\n", "no HTTP"),
    ("HTTP/1.1 101 X\r\n\r\n", "status 101"),
    ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "an invalid length"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "an invalid length"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n", "more than 64 MiB"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "an invalid length"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "end is not clear"),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
      "end is not clear"
    ),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "without a size"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", "without a size"),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n", "more than 64 MiB"),
    (
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      "longer than its size says"
    ),
    ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", "compressed"),
    ("HTTP/1.1 200 OK\r\n folded\r\n", "without a name"),
    ("HTTP/1.1 200 OK\r\n: x\r\n", "without a name"),
  ])
  func `what is no clear answer is refused`(text: String, words: String) {
    var reader = HTTPAnswerReader()
    let error = #expect(throws: HTTPError.self) { try reader.take(Array(text.utf8)[...]) }
    #expect(error?.words.contains(words) == true, "\(String(describing: error))")
  }

  @Test func `a head without an end is given up`() {
    var reader = HTTPAnswerReader()
    #expect(throws: HTTPError.malformed("a head of more than 64 KiB")) {
      try reader.take(Array("HTTP/1.1 200 OK\r\n".utf8)[...])
      while true {
        try reader.take(Array("A: \(String(repeating: "x", count: 999))\r\n".utf8)[...])
      }
    }
  }
}
