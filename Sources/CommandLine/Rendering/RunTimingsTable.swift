internal import JSON
internal import Messages
internal import Migration

/// The time of each stage of a run, as a table and as JSON.
struct RunTimingsTable {
  private let stages: [StageTime]
  private let seconds: Double
  /// True where stores are migrated one after another; only then can processor time be shown by
  /// stage.
  private let isSequential: Bool

  /// Creates the table of stages.
  ///
  /// - Parameters:
  ///   - jobs: the number of stores that were migrated at the same time.
  ///   - seconds: the number of seconds that the whole run took.
  init(_ stages: [StageTime], jobs: Int, seconds: Double) {
    self.stages = stages
    self.seconds = seconds
    isSequential = jobs == 1
  }

  /// The table of stages in lines of text.
  var lines: [Message] {
    var table = Table([
      .left("STAGE"), .right("SECONDS"), .right("SHARE"), .right("PROGRAM"), .right("SERVER"),
    ])
    for time in stages {
      let share = seconds > 0 ? 100 * time.seconds / seconds : 0
      table.append([
        "\(time.stage.name)", "\(time.seconds.shown(digits: 2))",
        "\(share.shown(digits: 0)) %", processorTime(time.program), processorTime(time.server),
      ])
    }
    return [
      isSequential
        ? "Where the time went (PROGRAM and SERVER: seconds of processor time):"
        : "Where the time went, of all stores together:"
    ] + table.lines()
  }

  private func processorTime(_ seconds: Double?) -> Message {
    guard isSequential, let seconds else { return "-" }
    return "\(seconds.shown(digits: 2))"
  }

  /// The stages as `--json` shows them.
  var json: JSONValue {
    .array(
      stages.map { time in
        [
          "stage": .string(time.stage.rawValue), "seconds": .double(time.seconds),
          "program_processor_seconds": isSequential ? .double(time.program) : .null,
          "server_processor_seconds": isSequential
            ? time.server.map { .double($0) } ?? .null : .null,
        ]
      })
  }
}

extension RunStage {
  /// The name of the stage for people.
  fileprivate var name: String {
    switch self {
    case .opening: "opening the database"
    case .planning: "reading stores for the plan"
    case .backups: "making backups"
    case .fetching: "fetching new vectors"
    case .preparing: "preparing the database"
    case .reading: "opening stores"
    case .fitting: "fitting models"
    case .committing: "comparing and committing"
    case .loading: "loading rows"
    case .readingBack: "reading rows back"
    case .index: "building the index"
    }
  }
}
