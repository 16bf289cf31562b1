import Postgres

@testable import Schema

/// Fills every table of a set with rows that are made from the types of the columns.
struct Filling {
  let connection: Connection

  /// Fills the tables that are still empty.
  func fill(rows: Int) throws {
    let tables = try connection.query(
      """
      SELECT c.relname::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum),
        string_agg(CASE
          WHEN a.attname = 'id' AND a.atttypid = 'uuid'::regtype THEN 'md5(i::text)::uuid'
          WHEN a.atttypid = 'uuid'::regtype THEN 'md5(i::text)::uuid'
          WHEN a.attname = 'metadata' AND c.relname = 'vector_embedding' THEN
            'CASE i % 3 WHEN 0 THEN ''{}''::jsonb WHEN 1 THEN NULL ELSE jsonb_build_object(''model_name'', ''m'' || i % 5, ''model_version'', ''2'') END'
          WHEN a.attname = 'metadata' AND c.relname = 'indexed_content' THEN
            'CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN ''{}''::jsonb ELSE jsonb_build_object(''n'', i) END'
          WHEN a.atttypid = 'jsonb'::regtype THEN 'jsonb_build_object(''record_type'', ''application'', ''n'', i)'
          WHEN a.attname = 'status' THEN '(ARRAY[''PENDING'',''PROCESSING'',''COMPLETED'',''FAILED''])[1 + i % 4]'
          WHEN a.attname = 'content_type' AND c.relname = 'indexed_content' THEN
            '(ARRAY[''source code'',''Doc'',''comment'',''function body'',''struct'',''odd''])[1 + i % 6]'
          WHEN a.attname = 'content_type' THEN '(ARRAY[''topic'',''post''])[1 + i % 2]'
          WHEN a.attname = 'search_type' THEN '''hybrid'''
          WHEN a.attname IN ('vector_weight', 'keyword_weight', 'similarity_threshold', 'confidence_score') THEN '0.5'
          WHEN a.attname IN ('file_hash', 'content_hash') THEN 'repeat(md5(i::text), 2)'
          WHEN t.typname = 'vector' THEN format(
            '(array_fill((i %% 97)::real, ARRAY[%s]) || array_fill((1 + i %% 89)::real, ARRAY[%s]))::vector',
            a.atttypmod / 2, a.atttypmod - a.atttypmod / 2)
          WHEN t.typname IN ('int4', 'int8') THEN 'i'
          WHEN t.typname IN ('float4', 'float8', 'numeric') THEN '0.25'
          WHEN t.typname = 'bool' THEN 'i % 2 = 0'
          WHEN t.typname = 'date' THEN '''2000-01-01''::date + i'
          WHEN t.typname = 'timestamptz' THEN '''2024-01-01''::timestamptz + i * interval ''1 minute'''
          WHEN t.typname = '_text' THEN 'ARRAY[''tag'' || i, ''x'']'
          ELSE '''word '' || i' END, ', ' ORDER BY a.attnum)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_type t ON t.oid = a.atttypid
      WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname <> 'schema_migrations'
        AND t.typname <> 'tsvector'
      GROUP BY c.oid, c.relname ORDER BY c.oid
      """)
    for row in 0..<tables.rowCount {
      let table: String = try tables.value(row, 0)
      let columns: String = try tables.value(row, 1)
      let values: String = try tables.value(row, 2)
      let isFilled: Bool? = try connection.scalar(
        SQL(script: "SELECT EXISTS (SELECT FROM \(table))"))
      if isFilled == true { continue }
      try connection.execute(
        script: SQL(
          script:
            "INSERT INTO \(table) (\(columns)) SELECT \(values) FROM generate_series(1, \(rows)) i")
      )
      // The values of serial columns were written explicitly, so the sequences are set.
      try connection.execute(
        script: SQL(
          script: """
            SELECT setval(pg_get_serial_sequence('\(table)', 'id'), \(rows))
            WHERE pg_get_serial_sequence('\(table)', 'id') IS NOT NULL
            """))
    }
  }
}

/// The digests of all tables of the user, which do not depend on the order of rows.
struct TableDigests: Equatable {
  /// The columns of a table, and a digest of all rows in these columns.
  struct Content: Equatable {
    let columns: String
    let digest: String?
  }

  private(set) var tables: [String: Content] = [:]

  var isEmpty: Bool { tables.isEmpty }
  var names: Dictionary<String, Content>.Keys { tables.keys }

  /// Reads all tables, or only the tables of `earlier` with the columns that they had then.
  static func read(_ connection: Connection, like earlier: TableDigests? = nil) throws
    -> TableDigests
  {
    var found = TableDigests()
    let names = try earlier.map { $0.tables.keys.sorted() } ?? userTables(connection)
    for table in names {
      let columns = try earlier?.tables[table]?.columns ?? columns(of: table, connection)
      found.tables[table] = Content(
        columns: columns,
        digest: try connection.scalar(
          SQL(
            script: """
              SELECT md5(string_agg(md5(t::text), '' ORDER BY t::text))
              FROM (SELECT \(columns) FROM \(table)) t
              """)))
    }
    return found
  }

  private static func userTables(_ connection: Connection) throws -> [String] {
    try CatalogSnapshot.read(connection).tables.filter {
      $0 != "schema_migrations" && !$0.contains(".") && !$0.hasSuffix("_backup")
    }
  }

  private static func columns(of table: String, _ connection: Connection) throws -> String {
    try connection.scalar(
      """
      SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = to_regclass(\(table)) AND attnum > 0 AND NOT attisdropped
      """) ?? ""
  }
}
