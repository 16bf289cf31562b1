internal import JSON

/// The members of one entry: the members that a row of the table uses, and all other members.
struct EntryFields {
  /// The member with the text: the first, in the order of the names, that is a string and not
  /// empty; nil where there is none.
  private(set) var text: JSONEntry.Member?
  private(set) var id: JSONEntry.Member?
  private(set) var timestamp: JSONEntry.Member?
  private(set) var vector: JSONEntry.Member?
  /// The member with the object of metadata; nil where there is none.
  private var object: JSONEntry.Member?
  /// The time in the timestamp; nil where there is no timestamp or it was not understood.
  private(set) var createdAt: EntryTime?

  private let names: EntryNames

  /// Finds the members of an entry that a row uses.
  init(_ entry: JSONEntry, names: EntryNames = .usual, zone: LocalTime) {
    self.names = names
    for name in names.texts where text == nil {
      // An empty string consists of two bytes, its quotes.
      text = entry.member(named: name).flatMap {
        $0.kind == .string && $0.value.count > 2 ? $0 : nil
      }
    }
    id = entry.firstMember(named: names.ids)
    timestamp = entry.firstMember(named: names.timestamps)
    vector = entry.firstMember(named: names.vectors)
    object = entry.firstMember(named: names.objects)
    if let timestamp, let words = entry.string(of: timestamp) {
      createdAt = EntryTime(words, in: zone)
    }
    if createdAt == nil, let seconds = entry.firstMember(named: names.seconds),
      let time = EntryTime(secondsSince1970: entry.bytes[seconds.value])
    {
      timestamp = seconds
      createdAt = time
    }
  }

  /// True where there is a timestamp that is neither null nor empty and was not understood.
  var hasObscureTimestamp: Bool {
    guard let timestamp, createdAt == nil, timestamp.kind != .null else { return false }
    // An empty string consists of two bytes, its quotes.
    return timestamp.kind != .string || timestamp.value.count > 2
  }

  /// Reads the source id: the text of a string, or the JSON text of a number; nil where the entry
  /// has no id or the id is null.
  func sourceID(in entry: JSONEntry) throws(UnusableID) -> String? {
    guard let id else { return nil }
    switch id.kind {
    case .null: return nil
    case .string: return entry.string(of: id)
    case .number: return String(decoding: entry.bytes[id.value], as: UTF8.self)
    case .object, .array, .boolean: throw UnusableID(kind: id.kind)
    }
  }

  /// Creates the metadata object: every member that the row does not store elsewhere, unchanged.
  func metadata(of entry: JSONEntry, text: String) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(
      entry.bytes.count - (self.text?.value.count ?? 0) - (vector?.value.count ?? 0))
    guard let object, object.kind == .object || object.kind == .null else {
      entry.appendObject(without: { isLeftOut($0, of: entry, text: text) }, to: &output)
      return output
    }
    entry.appendObject(
      without: { $0.isSame(as: object) || isLeftOut($0, of: entry, text: text) }, to: &output)
    guard object.kind == .object else { return output }
    let lifted = Array(entry.bytes[object.value])
    // Where nothing stands beside the object, it is the metadata; its bytes are not looked at.
    if output.count == 2 { return lifted }
    guard let inner = try? entry.object(of: object) else { return lifted }
    guard let merged = Self.merged(inner, output) else {
      // Both have a member of the same name: the object stays a member, so that nothing is lost.
      output.removeAll(keepingCapacity: true)
      entry.appendObject(without: { isLeftOut($0, of: entry, text: text) }, to: &output)
      return output
    }
    return merged
  }

  /// Joins the members of two objects; nil where both have a member of the same name.
  private static func merged(_ first: JSONEntry, _ second: [UInt8]) -> [UInt8]? {
    if first.members.isEmpty { return second }
    let other = second.withUnsafeBytes { try? JSONEntry(copying: $0) }
    guard let other,
      !other.members.contains(where: { first.member(named: other.key(of: $0)) != nil })
    else { return nil }
    var output: [UInt8] = []
    first.appendObject(without: { _ in false }, to: &output)
    output.removeLast()
    output.append(UInt8(ascii: ","))
    output += second.dropFirst()
    return output
  }

  private func isLeftOut(
    _ member: JSONEntry.Member, of entry: JSONEntry, text: String
  ) -> Bool {
    if member.isSame(as: id) || member.isSame(as: self.text) || member.isSame(as: vector) {
      return true
    }
    if member.isSame(as: timestamp) { return createdAt?.isExact ?? false }
    if member.kind == .null, names.optional.contains(entry.key(of: member)) { return true }
    guard self.text != nil, member.kind == .string,
      names.texts.contains(entry.key(of: member)), let other = entry.string(of: member)
    else { return false }
    // A second copy of the text is left out. The copies are compared by bytes: Swift considers some
    // strings of different bytes equal.
    return other.utf8.elementsEqual(text.utf8)
  }
}

extension EntryFields {
  /// Lists the kinds of findings about entries, each with true where it is found in this entry.
  func findings(in entry: JSONEntry) -> [(StoreFinding.Kind, Bool)] {
    [
      (.withoutText, text == nil),
      (.timestampNotUnderstood, hasObscureTimestamp),
      (.timestampCut, createdAt?.isExact == false),
      (.escapedCharacters, !entry.escapedCharacters.isEmpty),
      (.negativeZeroNumber, !entry.negativeZeros.isEmpty),
    ]
  }
}

/// The error for an `id` that is neither a string nor a number.
struct UnusableID: Error {
  let kind: JSONKind
}

extension JSONEntry {
  /// Finds the member with the first of these names that the entry has; nil where the entry has
  /// none of these names.
  func firstMember(named names: [String]) -> Member? {
    for name in names {
      if let member = member(named: name) { return member }
    }
    return nil
  }
}

extension JSONEntry.Member {
  /// Returns true where the two are the same member of one entry.
  fileprivate func isSame(as other: JSONEntry.Member?) -> Bool {
    other.map { $0.value == value } ?? false
  }
}
