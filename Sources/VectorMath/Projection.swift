/// A fitted reduction: makes vectors shorter while their inner products stay the same, exactly or
/// as nearly as the number of dimensions allows.
///
/// `docs/REDUCTION.md` explains the mathematics. A reduced vector is laid out as
///
///     [ W·x (rank numbers) | zeros … | document residual | query residual ]
///
/// where the two residual slots exist only if the rank leaves room for them. An aligned projection
/// turns the reduced space so that it is as close as possible to the first coordinates, which
/// changes no inner product.
///
/// An aligned projection with few components holds an orthonormal basis P of the fitted rows' span
/// and the images t of P in the first coordinates. With Tx for x cut to the first numbers, a
/// reduced vector is then
///
///     [ s·Tx + tᵀ·(P·x − s·t·Tx) | document residual | query residual ]
///
/// Only the first numbers of the part of x outside of the span are kept; the factor s stretches
/// them to the length of that part. For fitted rows s is 1.
public struct Projection: Sendable, Equatable {
  /// The kind of a projection.
  public enum Kind: String, Sendable, CaseIterable {
    /// The leading eigenvectors of the second moment of the vectors, from which no mean is
    /// subtracted; so the projection preserves inner products (the scores of searches), and with
    /// them cosines, as well as its rank allows.
    case uncentered
    /// Principal components as scikit-learn computes them: the mean is subtracted first.
    case centered
    /// The first coordinates, scaled to length one; for embedding models that are trained for this.
    case truncated
  }

  /// The kind of the projection.
  public let kind: Kind
  /// The length of vectors before the reduction.
  public let inputDimensions: Int
  /// The length of vectors after the reduction.
  public let outputDimensions: Int
  /// The number of orthonormal components; at most `outputDimensions`.
  public let rank: Int
  /// The components, orthonormal, one in each row: `rank` × `inputDimensions`.
  ///
  /// Empty for a truncation.
  public let components: [Float]
  /// The energy along each principal direction, largest first: the mean of (w·x)² over the fitted
  /// rows.
  ///
  /// Without alignment, the components are the principal directions. For a centred projection, the
  /// energies are the explained variances. Empty for a truncation.
  public let energies: [Double]
  /// The energy of the fitted rows in all directions; 0 for a truncation.
  public let totalEnergy: Double
  /// The mean that is subtracted first; empty unless the projection is centred.
  public let mean: [Float]
  /// The number of rows that the projection was fitted to.
  public let fittedRows: Int
  /// True where every fitted row is in the span of the components, so that the row's inner product
  /// with any vector is unchanged.
  public let isExact: Bool
  /// The number of first coordinates that an aligned projection was turned towards; nil for other
  /// projections.
  public let alignedDimensions: Int?
  /// The images of the basis in the first coordinates, row by row: `rank` × `alignedDimensions`.
  ///
  /// Empty where the projection consists of the components alone.
  public let images: [Float]

  let packedComponents = PackedComponents()

  /// Creates a projection from its stored parts; parts that contradict each other are an error.
  public init(
    kind: Kind, inputDimensions: Int, outputDimensions: Int, components: [Float],
    energies: [Double], totalEnergy: Double, mean: [Float] = [], fittedRows: Int, isExact: Bool,
    alignedDimensions: Int? = nil, images: [Float] = []
  ) throws(ProjectionError) {
    guard inputDimensions > 0, outputDimensions > 0, outputDimensions <= inputDimensions else {
      throw .impossibleDimensions(input: inputDimensions, output: outputDimensions)
    }
    let rank = kind == .truncated ? outputDimensions : energies.count
    let expected = kind == .truncated ? 0 : rank * inputDimensions
    guard rank <= outputDimensions, components.count == expected else {
      throw .inconsistent(
        "\(components.count) component values for rank \(rank) at \(inputDimensions) dimensions")
    }
    guard mean.count == (kind == .centered ? inputDimensions : 0) else {
      throw .inconsistent("a mean of \(mean.count) values in a projection of kind \(kind.rawValue)")
    }
    let numbers = max(rank, alignedDimensions ?? 0)
    guard numbers <= outputDimensions, alignedDimensions == nil || kind == .uncentered,
      images.count == (numbers > rank ? rank * numbers : 0)
    else {
      throw .inconsistent(
        "\(images.count) numbers of images for rank \(rank) in \(numbers) coordinates")
    }
    self.kind = kind
    self.inputDimensions = inputDimensions
    self.outputDimensions = outputDimensions
    self.rank = rank
    self.components = components
    self.energies = energies
    self.totalEnergy = totalEnergy
    self.mean = mean
    self.fittedRows = fittedRows
    self.isExact = isExact
    self.alignedDimensions = alignedDimensions
    self.images = images
  }

  /// Creates the truncation from one length to another, which needs no fitting.
  public static func truncation(
    from inputDimensions: Int, to outputDimensions: Int
  ) throws(ProjectionError) -> Projection {
    try Projection(
      kind: .truncated, inputDimensions: inputDimensions, outputDimensions: outputDimensions,
      components: [], energies: [], totalEnergy: 0, fittedRows: 0, isExact: false)
  }
}

extension Projection {
  /// True where a reduced vector is the vector's first numbers, changed only within the span of few
  /// components.
  ///
  /// Outside of the span, documents and queries are then stretched.
  public var changesFirstNumbers: Bool { alignedDimensions.map { $0 > rank } ?? false }

  /// The length of the part of a reduced vector that comes before zeros and residual slots.
  var numbersBeforeSlots: Int { max(rank, alignedDimensions ?? 0) }

  /// The last coordinate, which holds a query's residual length and is zero in every document; nil
  /// where there is no such slot.
  public var queryResidualSlot: Int? {
    kind == .uncentered && rank < outputDimensions ? outputDimensions - 1 : nil
  }

  /// The last coordinate but one, which holds the residual length of documents added after the fit;
  /// nil where there is no such slot.
  ///
  /// The coordinate is zero in every query, so that residuals are never multiplied with each other.
  public var documentResidualSlot: Int? {
    kind == .uncentered && rank < outputDimensions - 1 ? outputDimensions - 2 : nil
  }

  /// The share of the fitted rows' energy that the components keep, from 0 to 1; nil where it was
  /// not measured.
  public var capturedEnergy: Double? {
    guard kind != .truncated else { return nil }
    guard totalEnergy > 0 else { return 1 }
    return min(1, energies.reduce(0, +) / totalEnergy)
  }

  /// The share of the total energy along each principal direction.
  ///
  /// For a centred projection, these are scikit-learn's `explained_variance_ratio_`.
  public var energyRatios: [Double] {
    energies.map { totalEnergy > 0 ? $0 / totalEnergy : 0 }
  }
}

/// The reason why a projection cannot be made, or cannot be applied.
public enum ProjectionError: Error, Equatable, CustomStringConvertible {
  /// The target is not between 1 and the source's dimensions.
  case impossibleDimensions(input: Int, output: Int)
  /// The parts of a stored projection contradict each other.
  case inconsistent(String)
  /// A buffer's length does not match the number of rows and their dimensions.
  case wrongLength(expected: Int, found: Int)
  /// A number is NaN or infinite; `row` is counted from 0 at the first row that was added, and
  /// `position` from 0 in the row.
  case notFinite(row: Int, position: Int)
  /// There are no rows to fit to.
  case noRows
  /// The eigenproblem could not be solved.
  case eigenproblem(EigenproblemError)

  /// The cause and the remedy in one sentence.
  public var description: String {
    switch self {
    case .impossibleDimensions(let input, let output):
      "cannot reduce \(input) dimensions to \(output); choose a target from 1 to \(input)"
    case .inconsistent(let what):
      "the stored projection contradicts itself (\(what)); fit the projection again"
    case .wrongLength(let expected, let found):
      "expected \(expected) numbers and found \(found)"
    case .notFinite(let row, let position):
      "row \(row) holds a number that is not finite at position \(position); repair the source"
    case .noRows:
      "a projection needs at least one row to be fitted to"
    case .eigenproblem(let error):
      error.description
    }
  }
}
