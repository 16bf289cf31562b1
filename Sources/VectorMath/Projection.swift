/// A fitted reduction: how vectors of one length become shorter ones with the same inner products,
/// exactly or as nearly as so many dimensions allow.
///
/// `docs/REDUCTION.md` explains the mathematics. A reduced vector is laid out as
///
///     [ W·x (rank numbers) | zeros … | document residual | query residual ]
///
/// where the two residual slots exist only if the rank leaves room for them.
public struct Projection: Sendable, Equatable {
  /// What a projection keeps.
  public enum Kind: String, Sendable, CaseIterable {
    /// The leading eigenvectors of the second moment: inner products, hence cosines, survive.
    case uncentered
    /// Principal components as scikit-learn computes them: the mean is subtracted first.
    case centered
    /// The first coordinates, scaled back to length one, for models trained to allow it.
    case truncated
  }

  /// What this projection keeps.
  public let kind: Kind
  /// The length of vectors before.
  public let inputDimensions: Int
  /// The length of vectors after.
  public let outputDimensions: Int
  /// How many orthonormal components there are; at most `outputDimensions`.
  public let rank: Int
  /// The components, one a row: `rank` × `inputDimensions`.
  ///
  /// Empty for a truncation.
  public let components: [Float]
  /// The energy along each component, largest first: the mean of (W·x)² over the fitted rows.
  ///
  /// The explained variance for a centred projection. Empty for a truncation.
  public let energies: [Double]
  /// The energy of the fitted rows in all directions; 0 for a truncation.
  public let totalEnergy: Double
  /// What is subtracted first; empty unless centred.
  public let mean: [Float]
  /// How many rows it was fitted on.
  public let fittedRows: Int
  /// True where every fitted row lies in the span of the components, so that its inner product
  /// with any vector whatever is unchanged.
  public let isExact: Bool

  let packedComponents = PackedComponents()

  /// A projection from its stored parts; parts that contradict each other are an error.
  public init(
    kind: Kind, inputDimensions: Int, outputDimensions: Int, components: [Float],
    energies: [Double], totalEnergy: Double, mean: [Float] = [], fittedRows: Int, isExact: Bool
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
  }

  /// The truncation from one length to another; it needs no fitting.
  public static func truncation(
    from inputDimensions: Int, to outputDimensions: Int
  ) throws(ProjectionError) -> Projection {
    try Projection(
      kind: .truncated, inputDimensions: inputDimensions, outputDimensions: outputDimensions,
      components: [], energies: [], totalEnergy: 0, fittedRows: 0, isExact: false)
  }
}

extension Projection {
  /// The coordinate that holds a query's residual length, the last one; zero in every document.
  public var queryResidualSlot: Int? {
    kind == .uncentered && rank < outputDimensions ? outputDimensions - 1 : nil
  }

  /// The coordinate that holds the residual length of documents added after the fit, the last but
  /// one; zero in every query, so that residuals never multiply each other.
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

  /// Each component's share of the total energy (for a centred projection scikit-learn's
  /// `explained_variance_ratio_`).
  public var energyRatios: [Double] {
    energies.map { totalEnergy > 0 ? $0 / totalEnergy : 0 }
  }
}

/// A projection cannot be made, or not be applied to what it is given.
public enum ProjectionError: Error, Equatable, CustomStringConvertible {
  /// The target must be at least 1 and at most the source's dimensions.
  case impossibleDimensions(input: Int, output: Int)
  /// The parts of a stored projection contradict each other.
  case inconsistent(String)
  /// A buffer's length is not what rows and dimensions make it.
  case wrongLength(expected: Int, found: Int)
  /// NaN or infinity; `row` counts from the first row that was added, both from 0.
  case notFinite(row: Int, position: Int)
  /// There are no rows to fit to.
  case noRows
  /// The eigenproblem could not be solved.
  case eigenproblem(EigenproblemError)

  /// Cause and remedy in one sentence.
  public var description: String {
    switch self {
    case .impossibleDimensions(let input, let output):
      "cannot reduce \(input) dimensions to \(output); choose a target from 1 to \(input)"
    case .inconsistent(let what):
      "the stored projection contradicts itself (\(what)); fit it again"
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
