internal import Postgres

/// A catalogue whose objects have options.
///
/// The values of options are never shown, because some are passwords.
struct OptionHolder {
  let catalog: String
  /// The catalogue or view that is read, and its columns for the object's number and the options.
  private let list: SQL
  private let number: SQL
  private let options: SQL

  static let all = [
    OptionHolder("pg_user_mapping", "pg_user_mappings", "umid", "umoptions"),
    OptionHolder("pg_foreign_server", "pg_foreign_server", "oid", "srvoptions"),
    OptionHolder("pg_foreign_data_wrapper", "pg_foreign_data_wrapper", "oid", "fdwoptions"),
    OptionHolder("pg_class", "pg_foreign_table", "ftrelid", "ftoptions"),
  ]

  private init(_ catalog: String, _ list: SQL, _ number: SQL, _ options: SQL) {
    self.catalog = catalog
    self.list = list
    self.number = number
    self.options = options
  }

  private static let name: SQL = "format('%s of %s %s', v.name, i.type, i.identity)"

  private var source: SQL {
    """
    \(list) h CROSS JOIN LATERAL unnest(h.\(options)) AS o(text)
    CROSS JOIN LATERAL (SELECT split_part(o.text, '=', 1)) AS v(name),
      pg_identify_object(\(Literal(catalog))::regclass, h.\(number), 0) i
    """
  }

  /// The SQL that lists the name of each option, to find removed options.
  var properties: SQL {
    """
    SELECT \(Literal(catalog))::regclass::oid, h.\(number), 0, 'option ' || v.name, 'option',
           \(Self.name), \(Literal(catalog))::regclass::oid, h.\(number), 0, 0, ''
    FROM \(source)
    """
  }

  /// The SQL that lists a digest of each option's value, to find changed values.
  var definitions: SQL {
    """
    SELECT \(Literal(catalog))::regclass::oid, h.\(number), 'option ' || v.name, md5(o.text),
           'option ' || \(Self.name)
    FROM \(source)
    """
  }

  /// Returns SQL for the digest of an option's value; the SQL gives no row where the option does
  /// not exist.
  static func digest(of key: CatalogObject.Key) -> SQL {
    let queries = all.map { holder -> SQL in
      ObjectDefinitionsQueries.optionDigest(
        list: holder.list, options: holder.options, number: holder.number, object: key.object,
        holder: Literal(holder.catalog), catalog: key.catalog, property: Literal(key.property))
    }
    return SQL.joined(queries, separator: " UNION ALL ")
  }
}
