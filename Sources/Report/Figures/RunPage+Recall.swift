internal import Journal
internal import Messages
internal import Plots
internal import Stores

extension RunPage {
  /// The largest number of stores that have bars of their own.
  private static let mostBars = 12

  /// The recall of the stores, for each kind of reader.
  var recallFigure: Figure {
    let title = "Recall by store"
    let measured = stores.filter { $0.figures.recall != nil }
    guard !measured.isEmpty else {
      return Figure(
        id: "recall", title: title,
        missing: "No recall was measured: the run has reduced no vectors, or is of an earlier "
          + "version.")
    }
    let kinds = ReaderKind.allCases.filter { kind in
      measured.contains { kind.recall(of: $0) != nil }
    }
    let isSmall = measured.count <= Self.mostBars
    let lowest = kinds.flatMap { kind in measured.compactMap(kind.recall) }.min() ?? 0
    let order =
      isSmall ? "" : " For each kind of reader, the stores stand in the order of their recall."
    let note = """
      The share of the nearest neighbours by the vectors of the files that a search also finds with \
      the reduced vectors; 1 is best.\(order)
      """
    return Figure(
      id: "recall", title: title, note: note,
      legend: kinds.map { ($0.name, $0.rawValue) },
      drawing: isSmall ? Self.bars(measured, kinds) : Self.lines(measured, kinds, lowest: lowest),
      columns: ["Reader", "Stores", "Lowest", "Median", "Highest"],
      rows: kinds.map { kind in
        let values = measured.compactMap(kind.recall).sorted()
        return [kind.name, grouped(values.count)]
          + [values[0], values[values.count / 2], values[values.count - 1]].map {
            $0.shown(digits: 3)
          }
      })
  }

  private static func bars(_ stores: [Store], _ kinds: [ReaderKind]) -> String {
    BarPlot(
      title: "Recall by store",
      rows: stores.map { store in
        BarPlot.Row(
          sanitised(store.name.description).trimmed(to: 52),
          kinds.compactMap { kind in
            kind.recall(of: store).map {
              BarPlot.Bar($0, $0.shown(digits: 3), colour: kind.rawValue)
            }
          })
      }, maximum: 1
    ).fragment
  }

  private static func lines(_ stores: [Store], _ kinds: [ReaderKind], lowest: Double) -> String {
    let start = max(0, (min(0.9, lowest) * 10).rounded(.down) / 10)
    let series = kinds.map { kind in
      let values = stores.compactMap(kind.recall).sorted()
      return LinePlot.Series(kind.name, curve(values), colour: kind.rawValue)
    }
    let count = Double(stores.count)
    return LinePlot(
      title: "Recall by store, lowest first",
      horizontal: Axis("stores", 0...count, every: Axis.step(for: count, parts: 5)),
      vertical: Axis("recall", start...1, every: start < 0.5 ? 0.2 : 0.1, digits: 1),
      series: series
    ).fragment
  }

  /// Returns sorted values as points; some hundred points look the same as thousands.
  private static func curve(_ values: [Double]) -> [(x: Double, y: Double)] {
    let step = max(1, values.count / 300)
    var points = stride(from: 0, to: values.count, by: step).map {
      (x: Double($0 + 1), y: values[$0])
    }
    if let last = values.last, points.last?.x != Double(values.count) {
      points.append((Double(values.count), last))
    }
    return points
  }

  /// The largest changes of scores, as a histogram over the stores.
  var scoreFigure: Figure {
    let title = "Changes of scores"
    let changes = stores.compactMap { $0.figures.recall?.scoreChange }.filter { $0 >= 0 }
    guard !changes.isEmpty else {
      return Figure(
        id: "scores", title: title,
        missing: "No change of a score was measured: the run has reduced no vectors, or is of an "
          + "earlier version.")
    }
    let limits = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1]
    let names =
      ["under 0.000001"]
      + ["0.000001 to 0.00001", "0.00001 to 0.0001", "0.0001 to 0.001", "0.001 to 0.01"]
      + ["0.01 to 0.1", "0.1 and more"]
    var counts = Array(repeating: 0, count: names.count)
    for change in changes { counts[limits.firstIndex { change < $0 } ?? limits.count] += 1 }
    return Figure(
      id: "scores", title: title,
      note: "How many stores have which largest change of a cosine between a query and a document.",
      drawing: BarPlot(
        title: title,
        rows: zip(names, counts).map { name, count in
          BarPlot.Row(name, [BarPlot.Bar(Double(count), counted(count, "store"))])
        }
      ).fragment,
      columns: ["Largest change", "Stores"],
      rows: zip(names, counts).map { [$0, grouped($1)] })
  }

  /// The energy that the first components of models keep.
  var energyFigure: Figure {
    let title = "Energy by component"
    let lines = energy.filter { $0.points.count > 1 }
    guard !lines.isEmpty else {
      return Figure(
        id: "energy", title: title,
        missing: "No model of this run is known: the run has fitted none, a later run has written "
          + "its stores again, or the database was not read.")
    }
    let most = Double(lines.compactMap(\.points.last?.components).max() ?? 1)
    let shares = [0.5, 0.9, 0.99]
    return Figure(
      id: "energy", title: title,
      note: """
        The share of the vectors' energy, which is the sum of their squared lengths, that the first \
        components of a model keep. At most \(Self.mostModels) models are shown: those with the \
        lowest and the highest recall, and others between them.
        """,
      legend: lines.enumerated().map { ($0.element.name, $0.offset) },
      drawing: LinePlot(
        title: title,
        horizontal: Axis("components", 0...most, every: Axis.step(for: most, parts: 5)),
        vertical: Axis("share of the energy", 0...1, every: 0.2, digits: 1),
        series: lines.map { line in
          LinePlot.Series(line.name, line.points.map { (Double($0.components), $0.share) })
        }
      ).fragment,
      columns: ["Model", "Components for 50 %", "for 90 %", "for 99 %", "All", "Share of all"],
      rows: lines.map { line in
        [line.name]
          + shares.map { share in
            line.points.first { $0.share >= share }.map { grouped($0.components) } ?? "not reached"
          } + [
            grouped(line.points.last?.components ?? 0),
            (line.points.last?.share ?? 0).shown(digits: 3),
          ]
      })
  }
}
