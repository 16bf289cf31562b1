package import Postgres

/// Times of the ledger, which may be anything that the server's type holds.
package enum LedgerTime {
  /// A column's time in UTC to the second; times without end, which have no digits, by their names.
  package static func shown(_ column: SQL) -> SQL {
    """
    coalesce(to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), \(column)::text)
    """
  }

  /// A column's time in milliseconds since 1970; the last or first one of four digits' years for
  /// times without end.
  package static func milliseconds(_ column: SQL) -> SQL {
    """
    CASE WHEN isfinite(\(column)) THEN floor(extract(epoch FROM \(column)) * 1000)::int8
         WHEN \(column) > now() THEN 253402300799000 ELSE -62135596800000 END
    """
  }
}
