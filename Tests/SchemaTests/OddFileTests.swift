import Foundation
import TestSupport
import Testing

import MigrationFiles
import OwnSchema
@testable import Schema

/// Tests files that people have saved or named in unusual ways.
@Suite struct OddFileTests {
  private func refusal(_ files: [String: [UInt8]]) throws -> SchemaError? {
    let folder = try TemporaryDirectory("odd")
    for (name, bytes) in files { try folder.write(bytes, to: name) }
    return #expect(throws: SchemaError.self) { try MigrationSet.read(directory: folder.path) }
  }

  @Test(arguments: [
    (Array("SELECT 1;\n -- é ".utf8) + [0xE9, 0x0A], ":2:7: the byte 0xE9 is not UTF-8", "UTF-8"),
    ([0xC3], ":1:1: the byte 0xC3", "UTF-8"),
    (Array("a".utf8) + [0xED, 0xA0, 0x80], ":1:2:", "UTF-8"),
    ([0xFF, 0xFE, 0x53, 0x00], "UTF-16", "iconv"), ([0xFE, 0xFF, 0x00, 0x53], "UTF-16", "iconv"),
    (Array("SELECT\n1".utf8) + [0], ":2:2: the file holds a zero byte", "UTF-8"),
  ])
  func `what is not UTF-8 is refused with its place and a way out`(
    bytes: [UInt8], problem: String, remedy: String
  ) throws {
    let error = try refusal(["1_a.sql": bytes])
    #expect(error?.problem.contains("1_a.sql") == true)
    #expect(error?.problem.contains(problem) == true, "\(error?.problem ?? "")")
    #expect(error?.remedy.contains(remedy) == true)
  }

  @Test func `a pair whose numbers are written differently is told how to be one`() throws {
    let error = try refusal(["01_a.up.sql": Array("SELECT 1;".utf8), "1_a.down.sql": []])
    #expect(error?.problem.contains("01_a.up.sql") == true)
    #expect(
      error?.problem.contains("1_a.down.sql write the same number in two ways") == true)
    #expect(error?.remedy == "call the second 01_a.down.sql")
    let alone = try refusal(["1_a.down.sql": []])
    #expect(alone?.remedy.contains("add 1_a.up.sql") == true)
  }

  @Test(arguments: ["folder", "pipe"])
  func `a folder or a pipe with a migration's name is refused as what it is`(kind: String) throws {
    let folder = try TemporaryDirectory("odd")
    let path = folder.file("1_a.sql")
    if kind == "folder" { mkdir(path, 0o700) } else { mkfifo(path, 0o600) }
    let error = #expect(throws: SchemaError.self) {
      try MigrationSet.read(directory: folder.path)
    }
    #expect(error?.problem.contains("1_a.sql has the name of a migration and is") == true)
    #expect(error?.problem.contains(kind == "folder" ? "a folder" : "not an ordinary file") == true)
  }

  @Test(arguments: [
    ("", true), ("\n \n", true), ("-- migrate:up\n\n\n-- migrate:down\n\n", true),
    ("-- migrate:up transaction:false\n-- migrate:down\nSELECT 1;", true),
    ("-- nothing to do here\n", false), ("-- migrate:up\n-- as agreed\n-- migrate:down\n", false),
    ("/* later */", false), ("SELECT 1", false),
  ])
  func `a file that nobody has filled in does not count as applied`(text: String, isRefused: Bool)
    throws
  {
    let folder = try TemporaryDirectory("odd")
    try folder.write(text, to: "1_a.sql")
    let state = SetState(set: try MigrationSet.read(directory: folder.path), rows: [])
    let plan = Result { try SchemaPlan(.up(.all), state: state, options: SchemaOptions()) }
    switch plan {
    case .success(let plan): #expect(!isRefused && plan.steps.count == 1)
    case .failure(let error):
      #expect(isRefused && "\(error)".contains("1_a.sql has an empty up migration"))
    }
  }
}
