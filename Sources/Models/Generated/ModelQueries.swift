// Written by Scripts/embed-sets.py from Sources/Models/SQL/model.sql; do not edit.
// swift-format-ignore-file

internal import Digests
internal import Postgres

/// The SQL of model.sql.
enum ModelQueries {
  /// Finds the model of a store; where several tables hold the store, vector_documents comes first.
  static func ofStore(user: String, collection: String) -> SQL {
#"""
SELECT s.projection_id FROM vector_ferry.stores s
WHERE s.user_id = \#(user) AND s.collection_name = \#(collection)
  AND s.projection_id IS NOT NULL
ORDER BY s.table_name LIKE '%.vector_documents' DESC, s.id DESC LIMIT 1
"""#
  }

  /// Reads the model that reduced a store's vectors, and what was measured with this model.
  static func measured(store: Int) -> SQL {
#"""
SELECT p.id, p.store_id IS NULL, s.recall, s.score_change, s.queries, s.cut_recall, s.added_recall,
       s.doubled_recall, s.keeps_original, s.reranked_recall
FROM vector_ferry.stores s JOIN vector_ferry.projections p ON p.id = s.projection_id
WHERE s.id = \#(store)
"""#
  }

  /// Counts the originals of documents that an application has added to a store.
  static func addedOriginals(store: Int) -> SQL {
#"""
SELECT count(*) FROM vector_ferry.originals o
WHERE o.store_id = \#(store) AND NOT EXISTS (
  SELECT FROM vector_ferry.documents d
  WHERE d.store_id = o.store_id AND d.document_id = o.document_id)
"""#
  }

  /// Counts the documents of a store that have no original.
  static func missingOriginals(store: Int) -> SQL {
#"""
SELECT count(*) FROM vector_ferry.documents d
WHERE d.store_id = \#(store) AND NOT EXISTS (
  SELECT FROM vector_ferry.originals o
  WHERE o.store_id = d.store_id AND o.document_id = d.document_id)
"""#
  }

  /// Returns whether this session can write originals, into the existing table or into one that it
  /// creates.
  static let canKeepOriginals: SQL = #"""
SELECT CASE
  WHEN to_regnamespace('vector_ferry') IS NULL THEN true
  WHEN to_regclass('vector_ferry.originals') IS NULL
    THEN has_schema_privilege('vector_ferry', 'CREATE')
  ELSE has_table_privilege('vector_ferry.originals', 'SELECT')
    AND has_table_privilege('vector_ferry.originals', 'INSERT')
    AND has_table_privilege('vector_ferry.originals', 'UPDATE')
    AND has_table_privilege('vector_ferry.originals', 'DELETE')
END
"""#

  /// Reads the models that fulfil a condition; for an aligned model, only the components with energy
  /// are counted.
  static func models(condition: SQL) -> SQL {
#"""
SELECT p.id, p.store_id IS NULL, p.kind, p.source_dimensions, p.dimensions,
       CASE WHEN p.aligned_dimensions IS NULL THEN p.rank
            ELSE (SELECT count(*) FROM unnest(p.energies) e WHERE e > 0) END,
       p.fitted_rows, p.population, p.is_exact, p.total_energy,
       (SELECT sum(e) FROM unnest(p.energies) e),
       coalesce(to_char(p.fitted_at, 'YYYY-MM-DD"T"HH24:MI:SSOF'), p.fitted_at::text),
       p.run_id::text
FROM vector_ferry.projections p \#(condition)
"""#
  }

  /// Adds a model, without its components.
  static func insert(
    store: Int?,
    run: UUIDValue,
    kind: String,
    sourceDimensions: Int,
    dimensions: Int,
    rank: Int,
    fittedRows: Int,
    population: Int,
    totalEnergy: Double,
    isExact: Bool,
    querySlot: Int?,
    documentSlot: Int?,
    mean: VectorValue?,
    alignedDimensions: Int?,
    pieceSize: Int,
    energies: DoubleArray,
    images: VectorArray?
  ) -> SQL {
#"""
INSERT INTO vector_ferry.projections
  (store_id, run_id, kind, source_dimensions, dimensions, rank, fitted_rows, population,
   total_energy, is_exact, query_slot, document_slot, mean, aligned_dimensions, piece_size,
   energies, images)
VALUES
  (\#(store), \#(run), \#(kind), \#(sourceDimensions),
   \#(dimensions), \#(rank), \#(fittedRows),
   \#(population), \#(totalEnergy), \#(isExact),
   \#(querySlot), \#(documentSlot), \#(mean), \#(alignedDimensions), \#(pieceSize),
   \#(energies), \#(images))
RETURNING id
"""#
  }

  /// Lists the stores that have a model, each with what was measured on it.
  static let uses: SQL = #"""
SELECT s.projection_id, s.user_id::text, s.collection_name::text, s.table_name, s.documents,
       s.recall, s.score_change, s.queries, s.keeps_original, s.cut_recall, s.added_recall,
       s.doubled_recall, s.reranked_recall
FROM vector_ferry.stores s WHERE s.projection_id IS NOT NULL
"""#

  /// Lists the models of the stores that a run has written, each with its first store; the model with
  /// the lowest recall comes first. Models that only cut vectors have no energies, and are left out.
  static func modelsOfRun(run: UUIDValue) -> SQL {
#"""
SELECT p.id, p.store_id IS NULL, min(s.user_id)::text,
       (array_agg(s.collection_name::text ORDER BY s.user_id, s.collection_name))[1],
       p.source_dimensions, p.dimensions, p.fitted_rows, p.total_energy
FROM vector_ferry.stores s JOIN vector_ferry.projections p ON p.id = s.projection_id
WHERE s.run_id = \#(run) AND p.kind <> 'truncated' AND cardinality(p.energies) > 0
GROUP BY p.id
ORDER BY min(s.recall), p.id
"""#
  }
}
