import Foundation
import TestSupport
import Testing

/// Tests the display of a run's progress on a terminal, picture by picture.
@Suite(.needsServer, .enabled(if: Oracle.isAvailable))
struct RunDisplayTests {
  /// The facts that `Fixtures/record-terminal.py` reports about a run.
  private struct Recording: Decodable {
    let status: Int32
    let pictures: Int
    let widths: [String: Int]
    let problems: [String]
    let shares: [String: [Int]]
    let final: [String]
  }

  /// Runs a migration of fifty stores on a terminal.
  ///
  /// - Parameter actions: what happens to the terminal or the program, and when.
  private func record(
    columns: Int, _ actions: String, _ arguments: [String] = [], in ferry: Ferry? = nil
  ) throws -> Recording {
    let ferry = try ferry ?? ferryWithStores()
    let python = try #require(Oracle.python)
    let outcome = try TestSupport.run(
      python,
      [
        "\(Oracle.repository)/Tests/IntegrationTests/Fixtures/record-terminal.py", "\(columns)",
        actions, Ferry.binary, "migrate", "--yes", "--index", "none",
      ] + arguments,
      environment: Ferry.clean(
        ferry.database.url, ["TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"]),
      directory: ferry.folder.path)
    return try JSONDecoder().decode(Recording.self, from: Data(outcome.text.utf8))
  }

  private func ferryWithStores() throws -> Ferry {
    let ferry = try Ferry()
    let python = try #require(Oracle.python)
    let made = try TestSupport.run(
      python,
      [
        "\(Oracle.repository)/Scripts/make-store.py", "--rows", "40", "--dimensions", "3072",
        "--rank", "30", "--users", "50", "--collection", "notes", "--out",
        ferry.folder.file("user_data"),
      ])
    #expect(made.status == 0, "\(made.text)")
    return ferry
  }

  @Test(arguments: [(40, 100), (80, 40), (160, 70)])
  func `the bar of a run is one whole line that only grows, also where the terminal is resized`(
    columns: Int, later: Int
  ) throws {
    let recording = try record(
      columns: columns, "[[\"Migrating [23]. of 50\", \"resize\", \(later)]]",
      ["--jobs", "2"])
    #expect(recording.status == 0, "\(recording.final)")
    #expect(recording.problems == [])
    #expect(recording.pictures > 5)
    #expect(recording.widths.count == 2, "\(recording.widths)")
    #expect(recording.final.contains("Successful: 50"), "\(recording.final)")
    #expect(recording.shares.values.contains { $0.max() ?? 0 >= 50 }, "\(recording.shares)")
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 130)] as [(Int32, Int32)])
  func `after a signal, nothing of the bar is left on the terminal`(
    signal: Int32, status: Int32
  ) throws {
    let recording = try record(
      columns: 80, "[[\"Migrating 1. of 50\", \"signal\", \(signal)]]")
    #expect(recording.status == status, "\(recording.final)")
    #expect(recording.problems == [])
    #expect(recording.final.contains { $0.hasPrefix("Interrupted:") }, "\(recording.final)")
  }

  @Test func `failures are counted in the bar, and after the run nothing of the bar is left`()
    throws
  {
    let ferry = try ferryWithStores()
    for number in 1...3 {
      try Data("[]".utf8).write(
        to: URL(
          filePath: ferry.folder.file(
            "user_data/bulk-\(number)/vector_store_notes/metadata.json")))
    }
    let recording = try record(columns: 100, "[[\"[123] failed\", \"resize\", 90]]", in: ferry)
    #expect(recording.status == 1, "\(recording.final)")
    #expect(recording.problems == [])
    #expect(recording.final.contains("Failed: 3"), "\(recording.final)")
  }
}
