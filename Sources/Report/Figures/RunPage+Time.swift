internal import Clock
internal import Journal
internal import Messages
internal import Plots

extension RunPage {
  /// The seconds that each stage took.
  var stageFigure: Figure {
    let title = "Time by stage"
    let times = Self.stageNames.compactMap { (stage, name) -> (name: String, seconds: Double)? in
      figures[RunFigure.stagePrefix + stage]?.number.map { seconds in (name: name, seconds: seconds)
      }
    }.filter { $0.seconds > 0 }
    guard !times.isEmpty else {
      return Figure(
        id: "stages", title: title,
        missing: "The run has not recorded the time of its stages: it was stopped before its end, "
          + "or is of an earlier version.")
    }
    let total = times.reduce(0) { $0 + $1.seconds }
    return Figure(
      id: "stages", title: title,
      note: "Of all stores together; where several stores were migrated at the same time, more "
        + "than the run took.",
      drawing: BarPlot(
        title: title,
        rows: times.map { time in
          BarPlot.Row(time.name, [BarPlot.Bar(time.seconds, Self.words(seconds: time.seconds))])
        }
      ).fragment,
      columns: ["Stage", "Seconds", "Share"],
      rows: times.map { time in
        [
          time.name, time.seconds.shown(digits: 2),
          "\((100 * time.seconds / total).shown(digits: 0)) %",
        ]
      })
  }

  /// The stages of a run by their names in the journal, in the order of a run.
  private static let stageNames = [
    ("opening", "Opening the database"), ("planning", "Reading stores for the plan"),
    ("backups", "Making backups"), ("fetching", "Fetching new vectors"),
    ("preparing", "Preparing the database"), ("reading", "Opening stores"),
    ("fitting", "Fitting models"), ("loading", "Reducing and sending rows"),
    ("reading_back", "Reading rows back"), ("committing", "Comparing and committing"),
    ("index", "Building the index"),
  ]

  /// The rows that were written in each second, over the time of the run.
  var rateFigure: Figure {
    let title = "Rows a second"
    let spans = writing.filter { span in
      span.outcome == .succeeded && span.milliseconds != nil && (span.documents ?? 0) > 0
    }
    guard let steps = RateSteps(spans, since: run.startedAt) else {
      return Figure(
        id: "rate", title: title, missing: "The run has written no rows.")
    }
    let unit = steps.end > 7_200 ? (name: "hours", seconds: 3600.0) : (name: "seconds", seconds: 1)
    let last = steps.end / unit.seconds
    let step = Axis.ceiling(of: last) / 5
    let most = Axis.ceiling(of: steps.highest)
    return Figure(
      id: "rate", title: title,
      note: """
        Rows that were sent, read back and committed, over the time since the plan was made. The rows \
        of a store are spread evenly over the time in which the store was written.
        """,
      drawing: LinePlot(
        title: title,
        horizontal: Axis(
          "\(unit.name) since the plan was made", 0...last, every: step,
          digits: Axis.digits(for: step)),
        vertical: Axis(
          "rows a second", 0...most, every: most / 5, digits: Axis.digits(for: most / 5)),
        series: [
          LinePlot.Series(title, steps.outline.map { ($0.x / unit.seconds, $0.y) })
        ]
      ).fragment,
      columns: ["From second", "To second", "Rows a second"],
      rows: steps.parts.map { part in
        [part.from, part.to, part.rate].map { $0.shown(digits: $0 < 100 ? 1 : 0) }
      })
  }

  /// The sizes of files and database before and after the run.
  var sizeFigure: Figure {
    let title = "Sizes before and after"
    var rows: [(name: String, before: Double?, after: Double?)] = []
    let written = stores(in: .written)
    let files = written.compactMap(\.figures.bytes)
    if !files.isEmpty {
      rows.append(("Files of the stores that were written", Double(files.reduce(0, +)), nil))
    }
    let vectors = written.compactMap { store -> (Double, Double)? in
      let facts = store.record.facts
      guard let documents = facts.documents, let source = facts.dimensions,
        let stored = store.figures.storedDimensions
      else { return nil }
      return (4 * Double(documents) * Double(source), 4 * Double(documents) * Double(stored))
    }
    if !vectors.isEmpty {
      rows.append(
        (
          "Numbers of their vectors", vectors.reduce(0) { $0 + $1.0 },
          vectors.reduce(0) { $0 + $1.1 }
        ))
    }
    for (part, name) in [
      (RunFigure.Part.table, "Table in the database"), (.indexes, "Indexes of the table"),
      (.ownSchema, "Ledger, models and originals"),
    ] {
      let before = figures[part.before]?.number
      let after = figures[part.after]?.number
      if before != nil || after != nil { rows.append((name, before, after)) }
    }
    guard !rows.isEmpty else {
      return Figure(
        id: "sizes", title: title,
        missing: "No sizes are recorded: the run has written no store, or is of an earlier version."
      )
    }
    func words(_ bytes: Double?) -> String { bytes.map { byteSize(Int($0)) } ?? "–" }
    return Figure(
      id: "sizes", title: title,
      note: "Numbers of vectors are counted with four bytes each.",
      legend: [("Before the run", 4), ("After the run", 0)],
      drawing: BarPlot(
        title: title,
        rows: rows.map { row in
          BarPlot.Row(
            row.name,
            [
              row.before.map { BarPlot.Bar($0, words($0), colour: 4) },
              row.after.map { BarPlot.Bar($0, words($0), colour: 0) },
            ].compactMap(\.self))
        }
      ).fragment,
      columns: ["What", "Before", "After"],
      rows: rows.map { [$0.name, words($0.before), words($0.after)] })
  }
}

/// The rows a second in equal parts of a run's time.
struct RateSteps {
  /// One part of the time.
  struct Part {
    /// The seconds from the beginning of the run to the beginning of the part.
    let from: Double
    /// The seconds from the beginning of the run to the end of the part.
    let to: Double
    /// The rows a second in this part.
    let rate: Double
  }

  /// The parts, in order.
  let parts: [Part]
  /// The seconds from the beginning of the run to the end of the last part.
  let end: Double

  /// Computes the rates; returns nil where no time is known.
  init?(_ spans: [StageSpan], since start: Timestamp, parts count: Int = 24) {
    let times = spans.map { span -> (from: Double, to: Double, rows: Double) in
      let from = max(0, Double(span.startedAt.microseconds - start.microseconds) / 1e6)
      // A store that took no measurable time still has rows.
      return (
        from, from + max(0.001, Double(span.milliseconds ?? 0) / 1000),
        Double(span.documents ?? 0)
      )
    }
    guard let end = times.map(\.to).max(), end > 0, end.isFinite else { return nil }
    let width = end / Double(count)
    var rows = Array(repeating: 0.0, count: count)
    for time in times {
      let first = min(count - 1, Int(time.from / width))
      let last = min(count - 1, Int(time.to / width))
      for part in first...max(first, last) {
        let shared =
          min(time.to, width * Double(part + 1)) - max(time.from, width * Double(part))
        if shared > 0 { rows[part] += time.rows * shared / (time.to - time.from) }
      }
    }
    parts = rows.enumerated().map { index, rows in
      Part(from: width * Double(index), to: width * Double(index + 1), rate: rows / width)
    }
    self.end = end
  }

  /// The highest rate.
  var highest: Double { parts.map(\.rate).max() ?? 0 }

  /// The line along the tops of all parts.
  var outline: [(x: Double, y: Double)] {
    parts.flatMap { [(x: $0.from, y: $0.rate), (x: $0.to, y: $0.rate)] }
  }
}

extension Axis {
  /// Returns a round number that is at least as large: 1, 2 or 5 times a power of ten.
  static func ceiling(of value: Double) -> Double {
    guard value > 0, value.isFinite else { return 1 }
    var power = 1.0
    while power > value { power /= 10 }
    while power * 10 < value { power *= 10 }
    return [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= value } ?? value
  }

  /// Returns the number of digits after the point that labels with this step need.
  static func digits(for step: Double) -> Int {
    step >= 1 ? (step == step.rounded() ? 0 : 1) : step >= 0.1 ? 1 : step >= 0.01 ? 2 : 3
  }
}
