package import Postgres

/// The columns in which a table keeps the parts of a document.
package struct TableLayout: Sendable, Equatable {
  /// The name by which operators choose the layout.
  package let name: String
  /// The column of the id, which is a UUID of version 5 that this program computes.
  package let key: Identifier
  /// The column of the user that a document belongs to.
  package let user: Identifier
  /// The column of the collection, which belongs to the user.
  package let collection: Identifier
  /// The column of the text.
  package let text: Identifier
  /// The column of the vector.
  package let vector: Identifier
  /// The column of the other members of an entry, as JSON.
  package let metadata: Identifier
  /// The column of the time at which the document was created.
  package let time: Identifier

  /// Creates a layout with these columns.
  package init(
    name: String, key: Identifier, user: Identifier, collection: Identifier, text: Identifier,
    vector: Identifier, metadata: Identifier, time: Identifier
  ) {
    self.name = name
    self.key = key
    self.user = user
    self.collection = collection
    self.text = text
    self.vector = vector
    self.metadata = metadata
    self.time = time
  }

  /// The layout of the application's own table.
  package static let vectorDocuments = TableLayout(
    name: "vector_documents", key: "id", user: "user_id", collection: "collection_name",
    text: "text", vector: "embedding", metadata: "metadata", time: "created_at")

  /// The columns that a load writes, in the order of its COPY.
  package var loaded: [Identifier] { [key, user, collection, text, vector, metadata, time] }

  /// The types that each column of `loaded` may have.
  var acceptedTypes: [Identifier: Set<String>] {
    [
      key: ["uuid"], user: ["varchar", "text"], collection: ["varchar", "text"],
      text: ["text", "varchar"], vector: ["vector"], metadata: ["jsonb"], time: ["timestamptz"],
    ]
  }
}

/// The columns of a layout, qualified with the name that a row has in a statement: `t.embedding`.
package struct DocumentColumns {
  private let layout: TableLayout
  private let row: Identifier

  init(of layout: TableLayout, row: Identifier) {
    self.layout = layout
    self.row = row
  }

  /// The columns of `VectorTable.rows`, which are the same for every layout.
  package static let shared = DocumentColumns(of: .vectorDocuments, row: "t")

  package var key: SQL { "\(row).\(layout.key)" }
  package var user: SQL { "\(row).\(layout.user)" }
  package var collection: SQL { "\(row).\(layout.collection)" }
  package var text: SQL { "\(row).\(layout.text)" }
  package var time: SQL { "\(row).\(layout.time)" }

  /// Returns SQL that is true for the rows of a user's collection.
  package func isOf(user: String, collection: String) -> SQL {
    """
    \(self.user) OPERATOR(pg_catalog.=) \(user)
    AND \(self.collection) OPERATOR(pg_catalog.=) \(collection)
    """
  }
}

extension VectorTable {
  /// The SQL of a subquery from which statements read documents.
  ///
  /// Its columns are `id`, `user_id`, `collection_name`, `text`, `embedding`, `metadata` and
  /// `created_at`, whatever the table calls them.
  package var rows: SQL {
    let shared = TableLayout.vectorDocuments
    guard layout != shared else { return "\(name)" }
    let columns = zip(layout.loaded, shared.loaded).map { own, name -> SQL in "\(own) AS \(name)" }
    return "(SELECT tableoid, ctid, xmin, \(SQL.joined(columns, separator: ", ")) FROM \(name))"
  }

  /// The table's own columns, for statements that change its rows as `t`.
  package var row: DocumentColumns { DocumentColumns(of: layout, row: "t") }
}
