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
  /// Making table, ledger and shared models.
  case preparing
  /// Reading the structure and the metadata of each store.
  case reading
  /// Fitting models, and measuring those of small stores.
  case fitting
  /// Comparing each store with the database, locking it, and committing it.
  case committing
  /// Reading rows, reducing and sending them; large stores are measured here.
  case loading
  /// Reading the rows back and comparing them.
  case readingBack = "reading_back"
  /// Building the table's index.
  case index
}

/// The time that a stage took.
package struct StageTime: Sendable, Equatable {
  /// The stage.
  package let stage: RunStage
  /// The seconds that the stage took, those of all stores together.
  package var seconds = 0.0
  /// The seconds for which the stage has kept processors busy with this program.
  package var program = 0.0
  /// The seconds for which the stage has kept processors busy with the server process of its
  /// session; nil where the server runs elsewhere or hides them.
  package var server: Double?
}

/// Measures where the time of a run goes.
package final class RunTimings: Sendable {
  private let times: Mutex<[RunStage: StageTime]> = Mutex([:])

  /// Creates timings in which no stage has taken any time.
  package init() {}

  /// Calls `body` and adds the time that it takes to a stage.
  ///
  /// - Parameters:
  ///   - outer: a stage that is being measured around this one, which does not count the time.
  ///   - connection: the session that the stage uses; nil where its server is not to be asked.
  package func measure<Result, Problem: Error>(
    _ stage: RunStage, within outer: RunStage? = nil, on connection: Connection? = nil,
    _ body: () throws(Problem) -> Result
  ) throws(Problem) -> Result {
    let before = Moment(connection)
    defer {
      let time = Moment(connection).time(of: stage, since: before)
      times.withLock { times in
        times[stage, default: StageTime(stage: stage)].add(time, factor: 1)
        if let outer { times[outer, default: StageTime(stage: outer)].add(time, factor: -1) }
      }
    }
    return try body()
  }

  /// The stages that took any time, in the order of a run.
  package var stages: [StageTime] {
    times.withLock { times in RunStage.allCases.compactMap { times[$0] } }
  }

  /// The clocks at one moment.
  private struct Moment {
    let seconds = MonotonicClock.seconds()
    let program = ProcessorTime.ofThisProcess()
    let server: Double?

    init(_ connection: Connection?) {
      // A process of this number on another machine is no concern of ours.
      server = connection.flatMap { connection in
        connection.host.hasPrefix("/")
          ? ProcessorTime.of(process: connection.backendPID, named: "postgres") : nil
      }
    }

    func time(of stage: RunStage, since start: Moment) -> StageTime {
      var server: Double?
      if let now = self.server, let before = start.server { server = now - before }
      return StageTime(
        stage: stage, seconds: seconds - start.seconds, program: program - start.program,
        server: server)
    }
  }
}

extension StageTime {
  fileprivate mutating func add(_ other: StageTime, factor: Double) {
    seconds += factor * other.seconds
    program += factor * other.program
    if let more = other.server { server = (server ?? 0) + factor * more }
  }
}
