import TestSupport
import Testing

@testable import Postgres

struct EmbeddedServerAddressTests {
  @Test(arguments: [
    ("/srv/app/.vector-ferry/run", "/srv/app/.vector-ferry/run"),
    ("/a b/ü", "/a%20b/%C3%BC"),
    ("/q&x=%'", "/q%26x%3D%25%27"),
  ])
  func `A URL carries the directory with everything odd encoded`(path: String, encoded: String) {
    let url = EmbeddedServerAddress(socketDirectory: path).url
    #expect(url == "postgresql://vector_ferry@/vector_ferry?host=\(encoded)&port=5432")
  }

  @Test(arguments: [
    ("default_version = '0.8.5'\n", [0, 8, 5]),
    ("comment = 'x'\ndefault_version = '0.10.0'\nrelocatable = true\n", [0, 10, 0]),
    ("comment = 'x'\n", nil),
    ("default_version = 1\n", nil),
  ])
  func `pgvector's version is read from its control file`(control: String, version: [Int]?) {
    #expect(BinariesSearch.defaultVersion(control) == version)
  }

  @Test func `Every error says what to do or what happened`() {
    let errors: [EmbeddedServerError] = [
      .noBinaries(found: ["/usr/lib/postgresql/15/bin: PostgreSQL 15.18 without pgvector"]),
      .otherMajorVersion(dataDirectory: "/d", data: 15, atHand: [16]),
      .notOwner(path: "/d", owner: "somebody"), .notPrivate(path: "/d", owner: "somebody"),
      .noAccount(reason: "none"), .busy(lock: "/l", seconds: 3),
      .system(operation: "write", path: "/d", code: 28),
      .program(name: "initdb", status: 1, output: "words"),
      .ended(log: "/log", tail: "words"), .silent(log: "/log", tail: "words", seconds: 3),
      .unstoppable(process: 7, seconds: 3),
    ]
    for error in errors { #expect("\(error)".count > 20, "\(error)") }
    #expect("\(errors[0])".contains("postgresql-16-pgvector"))
    #expect("\(errors[6])" == "cannot write /d: No space left on device")
  }
}
