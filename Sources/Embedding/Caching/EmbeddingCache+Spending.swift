internal import SQLite

extension EmbeddingCache {
  /// Reserves the cost of a request before it is sent, so that several processes together keep to
  /// the day's limit; throws where the request would exceed the limit.
  ///
  /// The reservation of a process that dies counts until the day ends.
  ///
  /// - Returns: the number of the reservation, for `settle`.
  func reserve(_ cost: Double, limit: Double?) throws(EmbeddingError) -> Int64 {
    try attempt {
      try database.withTransaction(.immediate) {
        if let limit {
          let spent = try spentToday()
          guard spent + cost <= limit else { throw Self.overspent(spent, next: cost, limit) }
        }
        try database.run(
          "INSERT INTO reservations (day, cost) VALUES (date('now'), ?)", [.real(cost)])
        return database.lastInsertedRow
      }
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
    try attempt {
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

  private static func overspent(_ spent: Double, next: Double, _ limit: Double) -> EmbeddingError {
    EmbeddingError(
      .budget,
      "today's \(dollars(spent)) and the next request's \(dollars(next)) exceed "
        + "OPENAI_MAX_DAILY_COST, which is \(dollars(limit))",
      remedy: "run again after midnight UTC, or raise the limit: finished work is kept")
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
