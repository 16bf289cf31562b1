// Written by Scripts/embed-sets.py from Sources/VectorIndex/SQL/search_trial.sql; do not edit.
// swift-format-ignore-file

internal import Postgres

/// The SQL of search_trial.sql.
enum SearchTrialQueries {
  /// Finds the rows nearest to a stored row, by a scan of the whole table.
  static func nearest(distance: SQL, rows: SQL, id: String, limit: Int) -> SQL {
#"""
SELECT distance FROM (
  SELECT \#(distance) AS distance
  FROM \#(rows) d,
       (SELECT embedding AS query FROM \#(rows) WHERE id = \#(id)::text::uuid) q
  WHERE d.id <> \#(id)::text::uuid) t
ORDER BY distance LIMIT \#(limit)
"""#
  }

  /// Prepares the search for the rows nearest to a stored row, so that the search can only use an
  /// index.
  static func prepare(
    schema: Identifier,
    stored: SQL,
    rows: SQL,
    column: SQL,
    query: SQL,
    limit: Int
  ) -> SQL {
#"""
SET LOCAL plan_cache_mode = force_generic_plan;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_sort = off;
PREPARE vector_ferry_trial(uuid) AS
SELECT d.id::text, d.embedding OPERATOR(\#(schema).<=>) \#(stored)
FROM \#(rows) d
ORDER BY \#(column) OPERATOR(\#(schema).<=>) \#(query)
LIMIT \#(number: limit);
"""#
  }
}
