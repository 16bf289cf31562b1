internal import SQLite

extension EmbeddingCache {
  /// The cost that was recorded before a run; the run's own cost is counted from there.
  struct Mark: Equatable, Sendable {
    /// The dollars of all days.
    let spent: Double
    /// The number of the last reservation.
    let reservation: Int64
  }

  /// Notes what was spent until now.
  func mark() throws(EmbeddingError) -> Mark {
    try attempt {
      let last = try database.value("SELECT max(seq) FROM sqlite_sequence")
      guard case .integer(let number) = last else {
        return Mark(spent: try spentInAll(), reservation: 0)
      }
      return Mark(spent: try spentInAll(), reservation: number)
    }
  }

  /// Reserves the cost of a request before it is sent, so that several processes together keep to
  /// the limits; throws where the request would exceed one.
  ///
  /// The reservation of a process that dies counts until the day ends.
  ///
  /// - Returns: the number of the reservation, for `settle`.
  func reserve(
    _ cost: Double, within price: EmbeddingPrice, since mark: Mark
  ) throws(EmbeddingError) -> Int64 {
    try change {
      if let limit = price.daily {
        try Self.check("today's", try spentToday(), next: cost, limit)
      }
      if let limit = price.run {
        try Self.check("this run's", try spent(since: mark), next: cost, limit)
      }
      try database.run(
        "INSERT INTO reservations (day, cost) VALUES (date('now'), ?)", [.real(cost)])
      return database.lastInsertedRow
    }
  }

  /// Replaces a reservation by the real cost of the request.
  func settle(_ reservation: Int64, tokens: Int, cost: Double) throws {
    let day = try database.value(
      "SELECT day FROM reservations WHERE id = ?", [.integer(reservation)])
    try database.run("DELETE FROM reservations WHERE id = ?", [.integer(reservation)])
    try database.run(
      """
      INSERT INTO spending VALUES (coalesce(?, date('now')), ?, ?)
      ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens, cost = cost + excluded.cost
      """,
      [day, .integer(tokens), .real(cost)])
  }

  /// Releases the reservation of a request that was refused.
  func release(_ reservation: Int64) throws(EmbeddingError) {
    try change {
      try database.run("DELETE FROM reservations WHERE id = ?", [.integer(reservation)])
    }
  }

  /// Adds up the dollars spent and reserved since midnight, UTC.
  func spentToday() throws -> Double {
    let sum = try database.value(
      """
      SELECT total(cost) FROM (
        SELECT cost FROM spending WHERE day = date('now')
        UNION ALL SELECT cost FROM reservations WHERE day = date('now'))
      """)
    if case .real(let dollars) = sum { return dollars } else { return 0 }
  }

  /// Adds up the dollars that all processes have spent and reserved since a mark.
  func spent(since mark: Mark) throws -> Double {
    let reserved = try database.value(
      "SELECT total(cost) FROM reservations WHERE id > ?", [.integer(mark.reservation)])
    guard case .real(let dollars) = reserved else { return 0 }
    return dollars + (try spentInAll()) - mark.spent
  }

  private func spentInAll() throws -> Double {
    let sum = try database.value("SELECT total(cost) FROM spending")
    if case .real(let dollars) = sum { return dollars } else { return 0 }
  }

  private static func check(
    _ whose: String, _ spent: Double, next: Double, _ limit: CostLimit
  ) throws(EmbeddingError) {
    // Sums of amounts have rounding errors, far below what anybody pays.
    guard spent + next > limit.dollars + 1e-9 else { return }
    throw EmbeddingError(
      .budget,
      "\(whose) \(dollars(spent)) and the next request's \(dollars(next)) exceed \(limit.name), "
        + "which is \(dollars(limit.dollars))",
      remedy: whose == "today's"
        ? "run again after midnight UTC, or raise the limit: finished work is kept"
        : "raise the limit and run again: finished work is kept")
  }
}

/// Formats an amount with enough digits to differ from zero: `$0.0004`.
public func dollars(_ amount: Double) -> String {
  // In ten-thousandths, rounded up: an amount is never shown smaller than it is.
  let units = max(0, (amount * 10_000 - 1e-6).rounded(.up))
  guard units.isFinite, units < 1e15 else { return "$\(amount)" }
  let whole = Int(units) / 10_000
  var digits = String(10_000 + Int(units) % 10_000).dropFirst()
  while digits.count > 2, digits.hasSuffix("0") { digits.removeLast() }
  return "$\(whole).\(digits)"
}
