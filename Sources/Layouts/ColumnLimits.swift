package import Postgres

/// The limits of the columns that may be too narrow for documents, such as `varchar(30)` for a text
/// or `timestamptz(0)` for a time.
package struct ColumnLimits: Sendable, Equatable {
  /// The largest number of digits that a time may have after the decimal point of its second.
  package static let allTimeDigits = 6

  /// The largest number of characters of a user's name; nil where there is no limit.
  package var user: Int?
  /// The largest number of characters of a collection's name; nil where there is no limit.
  package var collection: Int?
  /// The largest number of characters of a text; nil where there is no limit.
  package var text: Int?
  /// The number of digits after the decimal point of a second that the column of times keeps; nil
  /// where it keeps all of them.
  package var timeDigits: Int?

  /// Creates limits; without arguments, the columns hold every document.
  package init(
    user: Int? = nil, collection: Int? = nil, text: Int? = nil, timeDigits: Int? = nil
  ) {
    self.user = user
    self.collection = collection
    self.text = text
    self.timeDigits = timeDigits.flatMap { $0 < Self.allTimeDigits ? $0 : nil }
  }

  /// A column that is too narrow, and its limit in words.
  package struct Narrow: Sendable, Equatable {
    /// The column that is too narrow.
    package let column: Identifier
    /// The limit in words: `at most 30 characters`.
    package let holds: String
    /// The type with which the column would hold every value.
    package let wideType: String

    /// Returns the statement that makes the column of `table` wide enough.
    package func remedy(in table: QualifiedName) -> String {
      "ALTER TABLE \(table.quoted) ALTER COLUMN \(column.quoted) TYPE \(wideType)"
    }
  }

  /// Returns the column of users where it is too narrow; nil where it holds names of `limit`
  /// characters.
  package func narrowUser(for limit: Int, in layout: TableLayout) -> Narrow? {
    Self.narrow(layout.user, user, for: limit)
  }

  /// Returns the column of collections where it is too narrow; nil where it holds names of `limit`
  /// characters.
  package func narrowCollection(for limit: Int, in layout: TableLayout) -> Narrow? {
    Self.narrow(layout.collection, collection, for: limit)
  }

  /// Returns the column of texts where it is too narrow; nil where it holds texts of `limit`
  /// characters.
  package func narrowText(for limit: Int = .max, in layout: TableLayout) -> Narrow? {
    Self.narrow(layout.text, text, for: limit)
  }

  /// Returns the column of times where it is too narrow; nil where it holds `time`, in
  /// microseconds, or every time where `time` is nil.
  package func narrowTime(for time: Int64? = nil, in layout: TableLayout) -> Narrow? {
    guard let digits = timeDigits else { return nil }
    if let time {
      let unit = (digits..<Self.allTimeDigits).reduce(Int64(1)) { unit, _ in unit * 10 }
      if time % unit == 0 { return nil }
    }
    let holds = digits == 0 ? "whole seconds only" : "\(digits) of 6 digits of a second"
    return Narrow(column: layout.time, holds: holds, wideType: "timestamptz")
  }

  private static func narrow(_ column: Identifier, _ most: Int?, for limit: Int) -> Narrow? {
    guard let most, most < limit else { return nil }
    let holds = "at most \(most) character\(most == 1 ? "" : "s")"
    return Narrow(column: column, holds: holds, wideType: "text")
  }
}
