package import Postgres

/// The roles that a session trusts: it may run their functions and triggers, and write to their
/// tables.
///
/// The owner of a function or table decides what code runs in it with the rights of the caller or
/// writer: CREATE OR REPLACE keeps the owner, who can replace the body later. These roles are
/// superusers, the database's owner, the owner of the table of documents and the session's own
/// role, with the members of all these roles, who can act as them anyway; and also the roles that
/// the session's role is a member of.
package struct TrustedRoles {
  /// The table of documents as the catalogue writes it, `schema.table`; nil where there is none.
  private let table: String?

  /// Chooses the trusted roles of a session that works with this table.
  package init(table: String? = nil) { self.table = table }

  /// The common table expressions of a query, to be placed after WITH RECURSIVE; the last one is
  /// `trusted (oid)`.
  ///
  /// `pg_has_role` cannot be used: a superuser counts as a member of every role. Before PostgreSQL
  /// 16 every role could make others members of itself, and so make itself trusted: such a grant
  /// does not count.
  package var tables: SQL {
    TrustedRolesQueries.tables(table: table)
  }

  /// Returns the refusal of an object that another role owns.
  ///
  /// - Parameters:
  ///   - what: the kind and the name of the object, as they would follow ALTER: `TABLE public.x`.
  ///   - danger: what the owner could do with the object.
  package static func refusal(of what: String, owner: String, danger: String) -> SchemaError {
    let role = Identifier(owner).quoted
    return SchemaError(
      "\(what) belongs to role \(owner), which is neither this session's role nor a role that "
        + "this role is a member of, nor the database's owner or a superuser: \(danger)",
      remedy:
        "if \(owner) can be trusted, run as \(owner), or GRANT \(role) TO the role that runs this "
        + "command; otherwise check what the object contains and drop the object (docs/SECURITY.md)"
    )
  }
}
