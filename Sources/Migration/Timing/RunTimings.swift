internal import Clock
internal import Machine
package import Postgres
internal import Synchronization

/// A part of a run whose time is measured.
package enum RunStage: String, CaseIterable, Sendable {
  /// The run connects, and checks the database.
  case opening
  /// The run lists, hashes and reads the stores for the plan.
  case planning
  /// The run copies files, and verifies the copies.
  case backups
  /// The run sends texts to a service, which makes their vectors.
  case fetching
  /// The run creates the table, the ledger and shared models.
  case preparing
  /// The run reads the structure and the metadata of each store.
  case reading
  /// The run fits models, and measures those of small stores.
  case fitting
  /// The run compares each store with the database, locks it, and commits it.
  case committing
  /// The run reads rows, reduces and sends them; it also measures the models of large stores.
  case loading
  /// The run reads the written rows back and compares them.
  case readingBack = "reading_back"
  /// The run builds the table's index.
  case index
}

/// The time that a stage took.
package struct StageTime: Sendable, Equatable {
  /// The stage that was measured.
  package let stage: RunStage
  /// The seconds that the stage took, added up over all stores.
  package var seconds = 0.0
  /// The processor time that this program has used in the stage, in seconds.
  package var program = 0.0
  /// The processor time that the session's server process has used in the stage, in seconds; nil
  /// where the server runs elsewhere, or where this time cannot be read.
  package var server: Double?
}

/// Measures the time of each stage of a run.
package final class RunTimings: Sendable {
  private struct Times {
    var stages: [RunStage: StageTime] = [:]
    /// The server's time of inner stages, which is subtracted from an outer stage when that stage
    /// ends.
    var inner: [RunStage: Double] = [:]
  }

  private let times = Mutex(Times())

  /// Creates timings in which no stage has taken any time.
  package init() {}

  /// Calls `body` and adds the time that it takes to a stage.
  ///
  /// - Parameters:
  ///   - outer: the stage during which this stage runs; it does not count the time of this stage.
  ///   - connection: the session that the stage uses; nil where the server's time is not measured.
  package func measure<Result, Problem: Error>(
    _ stage: RunStage, within outer: RunStage? = nil, on connection: Connection? = nil,
    _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    let before = Moment(connection)
    defer {
      let after = Moment(connection)
      times.withLock { times in
        let seconds = after.seconds - before.seconds
        let program = after.program - before.program
        var server: Double?
        if let end = after.server, let start = before.server {
          server = end - start - (times.inner[stage] ?? 0)
        }
        times.inner[stage] = nil
        times.stages[stage, default: StageTime(stage: stage)].add(seconds, program, server)
        if let outer {
          times.stages[outer, default: StageTime(stage: outer)].add(-seconds, -program, nil)
          if let server { times.inner[outer, default: 0] += server }
        }
      }
    }
    return try body()
  }

  /// The stages that took any time, in the order of a run.
  package var stages: [StageTime] {
    times.withLock { times in RunStage.allCases.compactMap { times.stages[$0] } }
  }

  /// The values of the clocks at one moment.
  private struct Moment {
    let seconds = MonotonicClock.seconds()
    let program = ProcessorTime.ofThisProcess()
    let server: Double?

    init(_ connection: Connection?) {
      // On another machine, a different process has this number.
      server = connection.flatMap { connection in
        connection.host.hasPrefix("/")
          ? ProcessorTime.of(process: connection.backendPID, named: "postgres") : nil
      }
    }
  }
}

extension StageTime {
  fileprivate mutating func add(_ seconds: Double, _ program: Double, _ server: Double?) {
    self.seconds += seconds
    self.program += program
    if let server { self.server = (self.server ?? 0) + server }
  }
}
