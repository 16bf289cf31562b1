internal import Clock
internal import Machine
package import Postgres
internal import Synchronization

/// A part of a run whose time is measured.
package enum RunStage: String, CaseIterable, Sendable {
  /// Connecting, and the checks of the database.
  case opening
  /// Listing, hashing and reading the stores for the plan.
  case planning
  /// Copying files, and verifying the copies.
  case backups
  /// The texts are sent to a service that makes their vectors.
  case fetching
  /// Creating the table, the ledger and shared models.
  case preparing
  /// Reading the structure and the metadata of each store.
  case reading
  /// Fitting models, and measuring those of small stores.
  case fitting
  /// Comparing each store with the database, locking it, and committing it.
  case committing
  /// Reading rows, reducing and sending them; the models of large stores are measured here.
  case loading
  /// Reading the rows back and comparing them.
  case readingBack = "reading_back"
  /// Building the table's index.
  case index
}

/// The time that a stage took.
package struct StageTime: Sendable, Equatable {
  /// The stage that was measured.
  package let stage: RunStage
  /// The seconds that the stage took, added up over all stores.
  package var seconds = 0.0
  /// The seconds for which the stage has kept processors busy with this program.
  package var program = 0.0
  /// The seconds for which the stage has kept processors busy with the server process of its
  /// session; nil where the server runs elsewhere, or where this time cannot be read.
  package var server: Double?
}

/// Measures where the time of a run goes.
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
  ///   - outer: a stage that contains this stage, and does not count its time.
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

  /// The clocks at one moment.
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
