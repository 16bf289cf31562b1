internal import VectorMath

/// The rows that a first fit leaves out: with these rows it is measured how well searches find
/// documents that are added after a fit.
///
/// The rows are spread evenly, and are the same at every run.
struct LeftOutRows {
  /// The share of the rows that is left out.
  enum Share: Int {
    /// Half of the rows: the number of rows then doubles after the fit.
    case half = 2
    /// A tenth of the rows.
    case tenth = 10
  }

  /// The largest number of rows that are left out of a fit, where a tenth of the rows would be more.
  private static let limit = 1_000

  /// The number of all rows.
  let count: Int
  /// The positions of the rows that are left out; empty where no rows are left out.
  let positions: [Int]
  /// The vectors of the left-out rows that have been read so far.
  private(set) var rows: [Float] = []
  private var rowsSeen = 0
  private var taken = 0

  /// Chooses the rows to leave out; chooses none for a truncation, which is the same for all rows.
  init(of count: Int, kind: Projection.Kind, share: Share = .tenth) {
    self.count = count
    // Fewer than ten rows show nothing.
    let isMeasured = kind != .truncated && count >= Share.tenth.rawValue
    let wanted = count / share.rawValue
    positions =
      isMeasured
      ? Fidelity.sample(of: count, count: share == .half ? wanted : min(wanted, Self.limit)) : []
  }

  /// Takes the rows that are left out from the next batch, and calls `body` with the other rows.
  mutating func take(
    from batch: UnsafeBufferPointer<Float>, count: Int,
    others body: (UnsafeBufferPointer<Float>, _ count: Int) throws -> Void
  ) throws {
    let width = count == 0 ? 0 : batch.count / count
    let first = taken
    while taken < positions.count, positions[taken] < rowsSeen + count {
      let start = (positions[taken] - rowsSeen) * width
      rows += batch[start..<start + width]
      taken += 1
    }
    let left = positions[first..<taken].map { $0 - rowsSeen }
    rowsSeen += count
    if left.isEmpty { return try body(batch, count) }
    var others: [Float] = []
    others.reserveCapacity((count - left.count) * width)
    var start = 0
    for position in left + [count] {
      others += batch[start * width..<position * width]
      start = position + 1
    }
    try others.withUnsafeBufferPointer { try body($0, count - left.count) }
  }
}

/// Measures searches among rows; some of the rows count as added after the fit, and the queries are
/// chosen from these.
struct AddedProbe {
  /// The largest number of fitted rows that are compared: each of them is reduced a second time for
  /// this comparison.
  private static let limit = 4_000

  private let probe: FidelityProbe
  private let projection: Projection
  private let positions: [Int]
  /// The added rows, reduced in the way of documents that are added after a fit.
  private let added: [Float]
  /// The step between the positions of compared rows: every row whose position is a multiple of the
  /// step is compared.
  private let step: Int
  private var reducer: Reducer
  private var rowsSeen = 0
  private var next = 0

  /// Creates a probe for a projection that was fitted without the rows that were left out.
  init(
    _ leftOut: LeftOutRows, projection: Projection, ranksByOriginals: Bool = false,
    limit: Int = AddedProbe.limit, engine: Engine
  ) throws {
    self.projection = projection
    positions = leftOut.positions
    step = max(1, (leftOut.count + limit - 1) / limit)
    let width = projection.inputDimensions
    let asked = RowSample(of: positions.count).positions
    let places = Self.places(of: positions, step: step)
    probe = try FidelityProbe(
      queries: asked.map { Array(leftOut.rows[$0 * width..<($0 + 1) * width]) },
      excluding: asked.map { places[$0] }, projection: projection,
      ranksByOriginals: ranksByOriginals, engine: engine)
    var documents = Reducer(foreign: projection, engine: engine)
    added = try documents.withReduced(leftOut.rows, count: positions.count) { Array($0) }
    reducer = Reducer(projection: projection, engine: engine)
  }

  /// The share of true neighbours that are found.
  var recall: Double { probe.result().recall }
  /// The share of true neighbours that are found where the nearest rows are ranked by their
  /// originals; nil where this was not measured.
  var recallByOriginals: Double? { probe.recallByOriginals() }

  /// Returns the places that the rows at these positions have among the compared rows: these rows,
  /// and every row whose position is a multiple of the step.
  private static func places(of positions: [Int], step: Int) -> [Int] {
    var others = 0
    return positions.map { position in
      let place = (position + step - 1) / step + others
      if position % step != 0 { others += 1 }
      return place
    }
  }

  /// Compares the next rows with the queries.
  mutating func add(_ rows: UnsafeBufferPointer<Float>, count: Int) throws {
    let (width, length) = (projection.inputDimensions, projection.outputDimensions)
    let end = rowsSeen + count
    let own = positions[next...].prefix { $0 < end }
    let wanted = (rowsSeen..<end).filter { $0 % step == 0 || own.contains($0) }
    var chosen: [Float] = []
    chosen.reserveCapacity(wanted.count * width)
    for position in wanted {
      let start = (position - rowsSeen) * width
      chosen += rows[start..<start + width]
    }
    try reducer.withReduced(chosen, count: wanted.count) { reduced in
      var reduced = Array(reduced)
      for (place, position) in wanted.enumerated() {
        guard let index = own.firstIndex(of: position) else { continue }
        reduced.replaceSubrange(
          place * length..<(place + 1) * length, with: added[index * length..<(index + 1) * length])
      }
      try chosen.withUnsafeBufferPointer { chosen in
        try reduced.withUnsafeBufferPointer {
          try probe.add(original: chosen, reduced: $0, count: wanted.count)
        }
      }
    }
    next += own.count
    rowsSeen = end
  }
}
