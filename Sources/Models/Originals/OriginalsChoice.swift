internal import VectorMath

/// Whether a store's unreduced vectors are kept in half precision beside the reduced ones.
package enum OriginalsChoice: String, CaseIterable, Sendable {
  /// They are kept where searches would find less than 99 % of the nearest documents without them,
  /// and where they were kept before: those of added documents may exist nowhere else.
  case auto
  /// They are kept.
  case always
  /// They are not kept.
  case never

  /// The recall@10 below which originals are kept without being asked for.
  package static let wantedRecall = 0.99

  /// Returns false where it is known before anything is measured that no originals are kept.
  ///
  /// - Parameters:
  ///   - isOwn: true where the projection was fitted to the rows that it is measured on.
  ///   - wereKept: true where the store keeps originals already.
  func isPossible(for projection: Projection, isOwn: Bool, wereKept: Bool) -> Bool {
    switch self {
    case .auto: wereKept || !(projection.isExact && isOwn)
    case .always: true
    case .never: false
    }
  }

  /// Decides by what was measured: the recall with reduced vectors alone, and that with originals,
  /// which is nil where half precision cannot hold them.
  func keeps(withRecall recall: Double, ranked: Double?, wereKept: Bool) -> Bool {
    switch self {
    case .auto: ranked.map { wereKept || recall < Self.wantedRecall && $0 > recall } ?? false
    case .always: true
    case .never: false
    }
  }
}
