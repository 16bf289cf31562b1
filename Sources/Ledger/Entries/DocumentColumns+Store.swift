package import Layouts
package import Postgres
package import Stores

extension DocumentColumns {
  /// Returns the SQL condition that is true for the rows of a store.
  package func isOf(_ name: StoreName) -> SQL { isOf(user: name.user, collection: name.collection) }
}
