import Foundation
import JSON
import Postgres
import TestSupport
import Testing

/// Tests what other programs get of a run: lines of JSON, metrics, and a command after the run.
@Suite(.needsServer)
struct EventLogTests {
  /// Stores of which the one of `bad` has no metadata for its vectors.
  private func ferry(_ count: Int) throws -> Ferry {
    let ferry = try Ferry()
    for number in 0..<count {
      try ferry.writeStore(
        user: "user\(number)", rows: Ferry.rows(12, dimensions: 16, seed: UInt64(number)),
        texts: Ferry.texts(12))
    }
    try ferry.writeStore(
      user: "bad", rows: Ferry.rows(2, dimensions: 16), texts: Ferry.texts(1))
    return ferry
  }

  private struct Line: Decodable {
    let time: String
    let run: String?
    let event: String
    let user: String?
    let outcome: String?
    let reason: String?
    let exit_code: Int?
    let documents: Int?
  }

  private func lines(_ ferry: Ferry, _ name: String = "log.jsonl") throws -> [Line] {
    let text = try String(contentsOfFile: ferry.folder.file(name), encoding: .utf8)
    #expect(text.hasSuffix("\n"))
    return try text.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
  }

  @Test(arguments: ["1", "3"])
  func `a log has every stage of every store once`(jobs: String) throws {
    let ferry = try ferry(8)
    let outcome = try ferry.run(
      "--yes", "--dimensions", "8", "--jobs", jobs, "--log-file", "log.jsonl")
    #expect(outcome.status == 1)
    let lines = try lines(ferry)
    for number in 0..<8 {
      #expect(
        lines.filter { $0.user == "user\(number)" }.map(\.event) == [
          "store_planned", "store_copied", "store_started", "store_opened", "model_fitting",
          "model_measured", "store_loading", "store_finished",
        ])
    }
    let bad = lines.filter { $0.user == "bad" }
    #expect(bad.map(\.event) == ["store_planned", "store_finished"])
    #expect(bad.last?.outcome == "failed" && bad.last?.reason?.contains("1") == true)
    #expect(lines.first?.event == "run_started" && lines.last?.event == "run_finished")
    #expect(lines.last?.exit_code == 1 && lines.last?.documents == 96)
    #expect(lines.map(\.time) == lines.map(\.time).sorted())
    let runs = Set(lines.drop { $0.event != "run_begun" }.map(\.run))
    #expect(runs.count == 1 && runs.first??.count == 36)
    // A second run is appended.
    #expect(try ferry.run("--yes", "--log-file", "log.jsonl", "--user", "user1").status == 0)
    let both = try self.lines(ferry)
    #expect(both.count > lines.count && both.count { $0.event == "run_started" } == 2)
  }

  @Test func `after a kill every line of the log is whole`() throws {
    let ferry = try ferry(6)
    let run = try ferry.start(
      "--yes", "--dimensions", "8", "--jobs", "1", "--log-file", "log.jsonl",
      environment: ["VECTOR_FERRY_PAUSE_AT": "before-commit"])
    #expect(run.waitForError("paused at before-commit"))
    run.signal(SIGKILL)
    #expect(try run.finish().status == -SIGKILL)
    let lines = try lines(ferry)
    #expect(lines.last?.event != "run_finished")
    #expect(lines.contains { $0.event == "store_loading" })
  }

  @Test func `a descriptor gets the same lines as the file, and may be closed`() throws {
    let ferry = try ferry(2)
    let script = """
      "$0" migrate --yes --dimensions 8 --log-file log.jsonl --events 3 3>events.jsonl
      "$0" migrate --yes --force --events 3 3> >(head -n 1 >one.jsonl)
      echo "status $?"
      """
    let outcome = try TestSupport.run(
      "/bin/bash", ["-c", script, Ferry.binary],
      environment: Ferry.clean(ferry.database.url, [:]), directory: ferry.folder.path)
    #expect(outcome.text.contains("status 1"), "\(outcome.text)")
    #expect(outcome.text.contains("Total documents migrated: 24"))
    let file = try Data(contentsOf: URL(filePath: ferry.folder.file("log.jsonl")))
    #expect(try Data(contentsOf: URL(filePath: ferry.folder.file("events.jsonl"))) == file)
    #expect(outcome.errorText.contains("can no longer be written to file descriptor 3"))
  }

  @Test(
    arguments: [
      (["--log-file", "nowhere/log.jsonl"], 3, "the log file nowhere/log.jsonl cannot be opened"),
      (
        ["--metrics-file", "nowhere/m.prom"], 3, "the metrics file nowhere/m.prom cannot be written"
      ),
      (
        ["--metrics-file", "/dev/null"], 3,
        "the metrics file /dev/null exists and is no ordinary file"
      ),
      (["--events", "77"], 3, "file descriptor 77 cannot be used for events"),
      (["--events", "1"], 2, "--events"),
    ] as [([String], Int32, String)])
  func `a place that cannot be written to is refused before anything is done`(
    options: [String], status: Int32, message: String
  ) throws {
    let ferry = try ferry(1)
    let outcome = try ferry.run(command: ["migrate", "--yes"] + options)
    #expect(outcome.status == status)
    #expect(outcome.errorText.contains(message), "\(outcome.errorText)")
    #expect(try ferry.scalar("SELECT to_regclass('vector_documents') IS NULL") == true)
  }

  @Test func `metrics tell what became of the stores, and the command after the run, too`() throws {
    let ferry = try ferry(3)
    let outcome = try ferry.run(
      "--yes", "--json", "--metrics-file", "run.prom", "--on-finish",
      """
      echo "$VECTOR_FERRY_EXIT_CODE $VECTOR_FERRY_STORES $VECTOR_FERRY_FAILED \
      $VECTOR_FERRY_DOCUMENTS ${#VECTOR_FERRY_RUN}" >finished; echo loud
      """)
    #expect(outcome.status == 1)
    let finished = try String(contentsOfFile: ferry.folder.file("finished"), encoding: .utf8)
    #expect(finished == "1 4 1 36 36\n")
    // Standard output is one JSON document.
    #expect(!outcome.text.contains("loud") && outcome.errorText.contains("loud"))
    let metrics = try String(contentsOfFile: ferry.folder.file("run.prom"), encoding: .utf8)
    for line in [
      "vector_ferry_run_stores{outcome=\"migrated\"} 3",
      "vector_ferry_run_stores{outcome=\"failed\"} 1", "vector_ferry_run_documents 36",
      "vector_ferry_run_running 0", "vector_ferry_run_exit_code 1",
    ] {
      #expect(metrics.contains(line + "\n"), "\(metrics)")
    }
  }

  @Test func `the command also runs after a refusal, and its failure is only a warning`() throws {
    let ferry = try ferry(1)
    let outcome = try ferry.run(
      "--yes", "--user-data-dir", "missing", "--on-finish",
      "echo \"code $VECTOR_FERRY_EXIT_CODE\"; exit 7")
    #expect(outcome.status == 3)
    #expect(outcome.errorText.contains("code 3"), "\(outcome.errorText)")
    #expect(outcome.errorText.contains("the command of --on-finish failed: it ended with 7"))
  }
}
