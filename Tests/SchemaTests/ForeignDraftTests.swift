import SQLText
import Foundation
import TestSupport
import Testing

import MigrationFiles
import OwnSchema

/// Tests new files in the folder of another tool.
@Suite struct ForeignDraftTests {
  @Test(arguments: [
    (["1_a.sql": "-- +goose Up\nSELECT 1;"], ["2_new.sql"], "-- +goose Up\n\n\n-- +goose Down\n\n"),
    (["009_a.sql": "-- +migrate Up\nSELECT 1;"], ["010_new.sql"], "-- +migrate Up"),
    (
      ["099_a.sql": "SELECT 1;", "tern.conf": ""], ["100_new.sql"], "---- create above / drop below"
    ),
    (["01_a.up.sql": "SELECT 1;"], ["02_new.up.sql", "02_new.down.sql"], ""),
    (["V1.9__a.sql": "SELECT 1;"], ["V1.10__new.sql"], ""),
    (["V9__a.sql": "", "U9__a.sql": ""], ["V10__new.sql", "U10__new.sql"], ""),
    (["1700000000000_a.sql": "-- Up Migration\nSELECT 1;"], ["000_new.sql"], "-- Down Migration"),
    (["1_a.sql": "SELECT 1;"], ["_new.sql"], "-- migrate:up"),
    ([:], ["_new.sql"], "-- migrate:up"),
  ])
  func `make writes in the folder's form, after its newest number`(
    files: [String: String], names: [String], text: String
  ) throws {
    let folder = try TemporaryDirectory("make")
    for (name, text) in files { try folder.write(text, to: name) }
    let written = try MigrationDraft(name: "New").write(to: folder.path)
    #expect(written.count == names.count)
    for (path, name) in zip(written, names) { #expect(path.hasSuffix(name), "\(path)") }
    #expect(try String(contentsOfFile: written[0], encoding: .utf8).contains(text) || text.isEmpty)
    let forms = try MigrationSet.read(directory: folder.path).forms
    #expect(forms.filter { !$0.isOwn }.count <= 1)
  }

  @Test(arguments: [
    ["sqitch.plan": "%project=p\n"], ["1_a.sql": "SELECT 1;\n--> statement-breakpoint\nSELECT 2;"],
    ["1_a.sql": "-- +goose Up\n", "2_b.sql": "-- migrate:up\n"],
  ])
  func `make refuses where it cannot write what the tool would take`(files: [String: String])
    throws
  {
    let folder = try TemporaryDirectory("make")
    for (name, text) in files { try folder.write(text, to: name) }
    #expect(throws: SchemaError.self) { try MigrationDraft(name: "New").write(to: folder.path) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == files.count)
  }
}
