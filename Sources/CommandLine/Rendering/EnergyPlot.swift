internal import Messages
internal import Plots
internal import VectorMath

/// A plot of the share of the vectors' energy that the first components of a model keep.
struct EnergyPlot {
  private let projection: Projection

  init(_ projection: Projection) { self.projection = projection }

  /// The plot as a complete SVG document.
  var svg: String {
    let rank = max(1, projection.rank)
    let sums = projection.cumulativeEnergy
    // A curve of some hundred points looks the same as a curve of thousands.
    let stride = max(1, rank / 400)
    var points = [(x: 0.0, y: 0.0)]
    for count in Swift.stride(from: stride, to: rank, by: stride) {
      points.append((Double(count), sums[count - 1]))
    }
    if let last = sums.last { points.append((Double(rank), last)) }
    let title =
      "Energy kept, \(projection.inputDimensions) to \(projection.outputDimensions) dimensions, "
      + "fitted to \(grouped(projection.fittedRows)) rows"
    return LinePlot(
      title: title,
      horizontal: Axis("components", 0...Double(rank), every: Axis.step(for: Double(rank))),
      vertical: Axis("share of the energy", 0...1, every: 0.2, digits: 1),
      series: [.init("\(projection.kind.rawValue) projection", points)]
    ).svg
  }
}
