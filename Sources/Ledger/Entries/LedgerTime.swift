package import Postgres

/// Reads times of the ledger; they may be any value of the type `timestamptz`, such as `infinity`.
package enum LedgerTime {
  /// Returns SQL that shows a column's time in UTC to the second; infinite times, which have no
  /// digits, are shown by their names.
  package static func shown(_ column: SQL) -> SQL {
    """
    coalesce(to_char(\(column) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), \(column)::text)
    """
  }

  /// Returns SQL for a column's time in milliseconds since 1970; infinite times become the end of
  /// the year 9999 or the beginning of the year 1.
  package static func milliseconds(_ column: SQL) -> SQL {
    """
    CASE WHEN isfinite(\(column)) THEN floor(extract(epoch FROM \(column)) * 1000)::int8
         WHEN \(column) > now() THEN 253402300799000 ELSE -62135596800000 END
    """
  }
}
