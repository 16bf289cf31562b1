import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite(.enabled(if: ServerTrial.isPossible, "no PostgreSQL with pgvector: ./run_tests.sh"))
struct EmbeddedServerTests {
  @Test func `A server is made, answers, stops, and starts again with its data`() throws {
    let trial = try ServerTrial()
    #expect(try trial.server.status().state == .absent)
    #expect(try !trial.server.stop())
    let address = try trial.server.start()
    try trial.keep(7)
    #expect(try trial.server.start() == address)
    #expect(try trial.server.status().state == .running(try trial.process))
    #expect(try trial.server.stop())
    #expect(try trial.server.status().state == .stopped)
    #expect(try trial.server.status().major == ServerTrial.binaries?.major)
    #expect(try !trial.server.stop())
    try trial.expectKept(7)
  }

  @Test func `It has pgvector and safe settings, is private, and stands on its own`() throws {
    setenv("VECTOR_FERRY_CANARY", "not-a-real-secret", 1)
    let trial = try ServerTrial()
    try trial.server.start()
    try expectSettings(trial)
    try expectPrivacy(trial)
    let process = try trial.process
    #expect(getsid(process) == process)
    let variables = try String(contentsOfFile: "/proc/\(process)/environ", encoding: .utf8)
    #expect(!variables.contains("CANARY"))
    let input = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/0")
    #expect(input == "/dev/null")
  }

  private func expectSettings(_ trial: ServerTrial) throws {
    #expect(try trial.sql("create extension vector") != nil)
    #expect(try trial.sql("select '[1,2]'::vector <=> '[2,4]'::vector") == "0")
    #expect(try trial.sql("select current_user, current_database()") == "vector_ferry|vector_ferry")
    #expect(try trial.sql("select lower('ÄÖÜ')") == "äöü")
    for (setting, value) in [
      ("server_encoding", "UTF8"), ("data_checksums", "on"), ("fsync", "on"),
      ("full_page_writes", "on"), ("synchronous_commit", "on"), ("listen_addresses", ""),
    ] {
      #expect(try trial.sql("show \(setting)") == value, "\(setting)")
    }
  }

  private func expectPrivacy(_ trial: ServerTrial) throws {
    for folder in [try trial.server.address.socketDirectory, try trial.place.data] {
      let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions]
      #expect(mode as? Int == 0o700, "\(folder)")
    }
    #expect(try trial.sql("select count(*) from pg_hba_file_rules where type <> 'local'") == "0")
    let sockets = try run("/bin/sh", ["-c", "ls -l /proc/\(try trial.process)/fd"]).text
    let inodes = Set(sockets.matches(of: /socket:\[(\d+)\]/).map { String($0.output.1) })
    #expect(!inodes.isEmpty)
    for table in ["tcp", "tcp6"] {
      let lines = try String(contentsOfFile: "/proc/net/\(table)", encoding: .utf8)
      let used = lines.split(separator: "\n").map { $0.split(separator: " ") }
        .filter { $0.count > 9 && inodes.contains(String($0[9])) }
      #expect(used.isEmpty, "\(table)")
    }
  }

  @Test func `Many starts at once share one server`() async throws {
    let trial = try ServerTrial()
    let server = trial.server
    let addresses = try await withThrowingTaskGroup(of: EmbeddedServerAddress.self) { group in
      for _ in 0..<4 { group.addTask { try server.start() } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(Set(addresses.map(\.url)).count == 1)
    #expect(try trial.sql("select 1") == "1")
    let log = try String(contentsOfFile: try trial.place.log, encoding: .utf8)
    #expect(log.components(separatedBy: "ready to accept connections").count == 2)
  }

  @Test(arguments: [String(repeating: "long/", count: 40), "spaced 'quoted', $HOME ünïcode\""])
  func `The directory may have any name`(name: String) throws {
    let trial = try ServerTrial(name)
    try trial.keep(3)
    let folder = try trial.server.address.socketDirectory
    #expect(folder.hasPrefix("/tmp/vector-ferry-"))
    #expect(try trial.server.stop())
    try trial.expectKept(3)
    #expect(try trial.server.address.socketDirectory == folder)
    try trial.server.stop()
    try FileManager.default.removeItem(atPath: folder)
  }
}
