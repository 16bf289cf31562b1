import Testing

@testable import Postgres

@Suite struct QuotingTests {
  @Test(arguments: [
    ("plain", "\"plain\""), ("With Case", "\"With Case\""), ("od\"d", "\"od\"\"d\""),
    ("\"; DROP TABLE x; --", "\"\"\"; DROP TABLE x; --\""), ("ünïcode", "\"ünïcode\""),
    ("nul\0inside", "\"nulinside\""), ("back\\slash", "\"back\\slash\""),
    ("x\u{600}\"", "\"x\u{600}\"\"\""), ("x\"\u{301}", "\"x\"\"\u{301}\""),
  ])
  func `an identifier quotes itself`(name: String, quoted: String) {
    #expect(Identifier(name).quoted == quoted)
  }

  @Test(arguments: [
    ("plain", "'plain'"), ("it's", "'it''s'"), ("a\\b", " E'a\\\\b'"), ("'\\'", " E'''\\\\'''"),
    ("", "''"), ("日本", "'日本'"), ("x\u{600}'", "'x\u{600}'''"),
    ("x'\u{301}", "'x''\u{301}'"), ("\\\u{301}", " E'\\\\\u{301}'"),
  ])
  func `a literal quotes itself, whatever the server's settings`(value: String, quoted: String) {
    #expect(Literal(value).quoted == quoted)
  }

  @Test(arguments: [
    ("vector_documents", "\"vector_documents\""), ("app.docs", "\"app\".\"docs\""),
  ])
  func `a table name may carry its schema`(text: String, quoted: String) {
    #expect(QualifiedName(parsing: text)?.quoted == quoted)
  }

  @Test(arguments: ["", ".", "a.", ".b", "a.b.c", String(repeating: "x", count: 64)])
  func `a table name that cannot be one is refused`(text: String) {
    #expect(QualifiedName(parsing: text) == nil)
  }

  @Test func `values become numbered parameters, names stand in the text`() {
    let inner: SQL = "x = \(1) AND y = \("two")"
    let table = QualifiedName("t")
    let sql: SQL = "SELECT \(Identifier("a")) FROM \(table) WHERE \(inner) OR z = \(true)"
    #expect(sql.text == "SELECT \"a\" FROM \"t\" WHERE x = $1 AND y = $2 OR z = $3")
    #expect(sql.parameters.map(\.type) == [TypeID.int8, TypeID.text, TypeID.bool])
    #expect(sql.parameters[1].bytes == Array("two".utf8))
  }

  @Test func `an injected value cannot leave its parameter`() {
    let hostile = "'; DROP TABLE users; --"
    let sql: SQL = "SELECT \(hostile)"
    #expect(sql.text == "SELECT $1")
  }

  @Test func `joined pieces keep their values in order`() {
    let sql = SQL.joined(["\(1)", "\(2)", "\(3)"], separator: ", ")
    #expect(sql.text == "$1, $2, $3")
    #expect(sql.parameters.map(\.bytes) == [1, 2, 3].map { Int64($0).networkBytes })
  }

  @Test func `a vector is sent as pgvector reads it`() {
    let bytes = VectorValue([1, -2]).parameter.bytes
    #expect(bytes == [0, 2, 0, 0, 0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0])
  }
}
