internal import Postgres

/// pgvector's types, functions and operators by their full names.
///
/// Functions search nothing but `pg_catalog`: wherever others may make objects, and until
/// PostgreSQL 15 that is `public`, their operator could be a better match than the server's own.
struct VectorNames {
  /// The schema that the extension is in.
  let schema: Identifier

  /// The clause that every function has: some run with their owner's rights.
  let path: SQL = "SET search_path = pg_catalog, pg_temp"

  /// The type.
  var type: SQL { "\(schema).vector" }

  /// The type in half precision.
  var half: SQL { "\(schema).halfvec" }

  /// How many dimensions a vector has.
  var dims: SQL { "\(schema).vector_dims" }

  /// The length of a vector.
  var norm: SQL { "\(schema).vector_norm" }

  /// The binary form.
  var send: SQL { "\(schema).vector_send" }

  /// The distance by cosine.
  var cosine: SQL { "OPERATOR(\(schema).<=>)" }

  /// The inner product with its sign turned.
  var negativeProduct: SQL { "OPERATOR(\(schema).<#>)" }

  /// The difference.
  var minus: SQL { "OPERATOR(\(schema).-)" }
}
