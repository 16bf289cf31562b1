package import Ledger
internal import VectorMath

/// Whether a store's unreduced vectors are kept in half precision beside the reduced ones.
package enum OriginalsChoice: String, CaseIterable, Sendable {
  /// They are kept where searches would find less than 99 % of the nearest documents without them.
  case auto
  /// They are kept.
  case always
  /// They are not kept.
  case never

  /// The recall@10 below which originals are kept without being asked for.
  package static let wantedRecall = 0.99

  /// Returns the choice for a store in a database that can store originals or cannot.
  ///
  /// A store that keeps originals goes on keeping them: those of documents that an application has
  /// added may exist nowhere else, and only `never` deletes them.
  package func resolved(areStorable: Bool, wereKept: Bool) throws(Failure) -> OriginalsChoice {
    let choice = self == .auto && wereKept ? .always : self
    guard choice == .always, !areStorable else {
      return choice == .auto && !areStorable ? .never : choice
    }
    throw Failure(
      .preflight,
      wereKept
        ? "the store keeps originals, which this run cannot write"
        : "--keep-original always asks for originals, which this run cannot write",
      remedy: "originals need pgvector \(Self.neededVersion), and the rights SELECT, INSERT, "
        + "UPDATE and DELETE on vector_ferry.originals, or CREATE on its schema where there is no such "
        + "table; --keep-original never does without them, and deletes those that are there")
  }

  /// The first version of pgvector that can store originals.
  private static let neededVersion = "0.7"

  /// Returns false where it is known before anything is measured that no originals are kept.
  ///
  /// - Parameter isOwn: true where the projection was fitted to the rows that it is measured on.
  func isPossible(for projection: Projection, isOwn: Bool) -> Bool {
    switch self {
    case .auto: !(projection.isExact && isOwn)
    case .always: true
    case .never: false
    }
  }

  /// Returns true where originals are kept if search finds more with them, so that this has to be
  /// measured.
  func mayBeKept(withRecall recall: Double) -> Bool { self == .auto && recall < Self.wantedRecall }

  /// Decides by what was measured: the recall with reduced vectors alone, and that with originals,
  /// which is nil where half precision cannot hold them.
  func keeps(withRecall recall: Double, ranked: Double?) -> Bool {
    switch self {
    case .auto: ranked.map { recall < Self.wantedRecall && $0 > recall } ?? false
    case .always: true
    case .never: false
    }
  }
}
