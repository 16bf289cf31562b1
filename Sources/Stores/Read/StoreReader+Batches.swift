internal import JSON

extension StoreReader {
  /// Fills a batch with the next documents, at most `limit`; false behind the last.
  ///
  /// A batch that threw must not be used; until `rewind()`, those behind it throw the same.
  public func next(_ batch: inout DocumentBatch, limit: Int) throws(StoreError) -> Bool {
    precondition(limit > 0, "a batch must hold something")  // a programmer error
    if let failure { throw failure }
    do throws(StoreError) {
      return try fill(&batch, limit)
    } catch {
      failure = error
      throw error
    }
  }

  private func fill(_ batch: inout DocumentBatch, _ limit: Int) throws(StoreError) -> Bool {
    batch.documents.removeAll(keepingCapacity: true)
    batch.dimensions = dimensions
    let range = position..<min(position + limit, documentCount)
    if range.isEmpty {
      batch.vectors.removeAll(keepingCapacity: true)
      try checkUnchanged()
      return false
    }
    try vectors.read(range, into: &batch.vectors)
    noteZeros(in: batch.vectors, from: range.lowerBound)
    let reader = try openedReader()
    for position in range {
      guard try metadata.next(reader, into: &entry), entry.index == position else {
        throw changed
      }
      batch.documents.append(try document(at: position))
    }
    position = range.upperBound
    return true
  }

  private func openedReader() throws(StoreError) -> JSONEntryReader {
    if let reader { return reader }
    let opened = try metadata.open().reader
    reader = opened
    return opened
  }

  private func document(at position: Int) throws(StoreError) -> Document {
    let fields = EntryFields(entry, zone: zone)
    // The survey has seen a text in every entry, unless it may be missing.
    if fields.text == nil, !options.allowMismatch { throw changed }
    let text = fields.text.flatMap { entry.string(of: $0) } ?? ""
    var (id, sourceID) = try metadata.identity(of: entry, fields, ordinal: 0, &identity)
    let hasOwnID = sourceID != nil && ordinals[id] == nil
    if let ordinal = ordinals[id] {
      ordinals[id] = ordinal + 1
      if ordinal > 0 {
        id = try metadata.identity(of: entry, fields, ordinal: ordinal, &identity).id
      }
    }
    return Document(
      position: position, id: id, sourceID: sourceID, hasOwnID: hasOwnID, text: text,
      metadata: fields.metadata(of: entry, text: text), createdAt: fields.createdAt?.microseconds)
  }

  private func checkUnchanged() throws(StoreError) {
    try vectors.handle.checkUnchanged()
    try metadata.handle.checkUnchanged()
  }

  private var changed: StoreError {
    StoreError(
      .changed, file: metadata.handle.path, problem: "changed while it was read",
      remedy: "stop the application that writes it, then run again")
  }

  /// Lists the vectors that are zero or hold a negative zero, each once however often it is read.
  private func noteZeros(in numbers: [Float], from first: Int) {
    let count = numbers.count / dimensions
    for row in max(first, lookedAt)..<max(first + count, lookedAt) {
      let start = (row - first) * dimensions
      // All bits of the row together, and whether one of its numbers is the sign alone.
      var bits: UInt32 = 0
      var hasNegativeZero = false
      numbers.withUnsafeBufferPointer { all in
        for number in all[start..<start + dimensions] {
          bits |= number.bitPattern
          hasNegativeZero = hasNegativeZero || number.bitPattern == 0x8000_0000
        }
      }
      if bits & 0x7FFF_FFFF == 0 { note(.zeroVector, row) }
      if hasNegativeZero { note(.negativeZero, row) }
    }
    lookedAt = max(lookedAt, first + count)
  }

  private func note(_ kind: StoreFinding.Kind, _ row: Int) {
    if let index = findings.firstIndex(where: { $0.kind == kind }) {
      findings[index].positions.append(row)
    } else {
      findings.append(StoreFinding(kind, PositionList(row..<row + 1)))
    }
  }
}
