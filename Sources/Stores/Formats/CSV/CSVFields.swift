/// The fields of one record of CSV (RFC 4180): they stand between commas, and in quotes where they
/// have commas, quotes or ends of lines; a quote within quotes is doubled.
struct CSVFields {
  /// A field of a record.
  struct Field {
    /// The text of the field, without its quotes.
    var text: [UInt8] = []
    /// The range of the text in the record; it has the bytes of `text` where no quote is doubled.
    var range = 0..<0
  }

  /// The error for text that is not CSV, with the reason.
  struct Fault: Error {
    let problem: String
  }

  private(set) var fields: [Field] = []

  /// Splits the bytes of one record, without the end of its line.
  init(_ record: UnsafeBufferPointer<UInt8>) throws(Fault) {
    var index = 0
    repeat {
      fields.append(try Self.field(record, &index))
      guard index < record.count else { return }
      guard record[index] == UInt8(ascii: ",") else {
        throw Fault(problem: "something follows a field in quotes")
      }
      index += 1
    } while true
  }

  /// Reads the field at `index`, and moves to the byte after it.
  private static func field(
    _ record: UnsafeBufferPointer<UInt8>, _ index: inout Int
  ) throws(Fault) -> Field {
    var field = Field()
    guard index < record.count, record[index] == UInt8(ascii: "\"") else {
      let start = index
      while index < record.count, record[index] != UInt8(ascii: ",") {
        if record[index] == UInt8(ascii: "\"") {
          throw Fault(problem: "a quote stands within a field that has no quotes around it")
        }
        index += 1
      }
      field.range = start..<index
      field.text = Array(record[field.range])
      return field
    }
    index += 1
    let start = index
    while index < record.count {
      let byte = record[index]
      index += 1
      guard byte == UInt8(ascii: "\"") else {
        field.text.append(byte)
        continue
      }
      guard index < record.count, record[index] == byte else {
        field.range = start..<index - 1
        return field
      }
      field.text.append(byte)
      index += 1
    }
    throw Fault(problem: "the file ends within a field in quotes")
  }
}
