package import Ledger
internal import VectorMath

/// The choice whether a store's unreduced vectors are kept, in half precision, in addition to the
/// reduced ones.
package enum OriginalsChoice: String, CaseIterable, Sendable {
  /// Originals are kept where searches without them would find less than 99 % of the nearest
  /// documents.
  case auto
  /// Originals are kept.
  case always
  /// Originals are not kept.
  case never

  /// The recall@10 below which `auto` may keep originals.
  package static let wantedRecall = 0.99

  /// Returns the choice for one store; throws where originals must be kept but cannot be stored.
  ///
  /// A store that has kept originals keeps them: the originals of documents that an application has
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
        + "table; with --keep-original never, none are kept and existing ones are deleted")
  }

  /// The first version of pgvector that can store originals.
  private static let neededVersion = "0.7"

  /// Returns false where it is certain, without a measurement, that no originals are kept.
  ///
  /// - Parameter isOwn: true where the projection was fitted to the rows that it is measured on.
  func isPossible(for projection: Projection, isOwn: Bool) -> Bool {
    switch self {
    case .auto: !(projection.isExact && isOwn)
    case .always: true
    case .never: false
    }
  }

  /// Returns true where a measurement must decide whether originals are kept, because the recall
  /// without them is low.
  func mayBeKept(withRecall recall: Double) -> Bool { self == .auto && recall < Self.wantedRecall }

  /// Decides whether originals are kept, from the recall with reduced vectors alone and the recall
  /// `ranked` with originals; `ranked` is nil where half precision cannot hold the originals.
  func keeps(withRecall recall: Double, ranked: Double?) -> Bool {
    switch self {
    case .auto: ranked.map { recall < Self.wantedRecall && $0 > recall } ?? false
    case .always: true
    case .never: false
    }
  }
}
