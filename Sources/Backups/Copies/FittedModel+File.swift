internal import Files
package import Models
internal import Ledger
internal import Digests
internal import Glibc
package import Stores
internal import VectorMath

extension FittedModel {
  /// Returns the name of a model's file in the backup, which every file system can have.
  package static func fileName(of store: StoreName) -> String {
    let name = "\(prefix)\(store.collection)_\(store.user).npz"
    guard name.utf8.count > 250 || name.utf8.contains(UInt8(ascii: "/")) else { return name }
    let digest = try? SHA256.digest(of: Array("\(store.collection)\0\(store.user)".utf8))
    return "\(prefix)\(digest?.description ?? "long_name").npz"
  }

  /// Writes a store's model as a file for `numpy.load`, completely or not at all; returns its path.
  ///
  /// The models are in the user's folder within the run's folder, where no two stores share a file
  /// name.
  package func write(for store: StoreName, in run: String) throws -> String {
    let directory = "\(run)/\(BackupManifest.Folders(of: store).user)"
    return try write(Self.fileName(of: store), in: directory)
  }

  /// Writes a model that several stores share into the folder of the run.
  package func write(sharedFrom source: Int, to target: Int, in run: String) throws -> String {
    try write("\(Self.sharedPrefix)\(source)_\(target).npz", in: run)
  }

  /// The prefix of the names of model files.
  static let prefix = "pca_model_"
  /// The prefix of the names of shared models' files; no user's folder has this prefix, except
  /// folders that are named by a digest.
  package static let sharedPrefix = "pca_model_shared_"

  private func write(_ name: String, in directory: String) throws -> String {
    let path = "\(directory)/\(name)"
    do {
      unlink("\(path).part")
      let file = try OutputFile(creating: "\(path).part")
      try archive.withUnsafeBytes { try file.write($0) }
      try file.sync()
    } catch let error as SystemFailure {
      throw Self.failure(path, error.code)
    }
    guard rename("\(path).part", path) == 0 else { throw Self.failure(path, errno) }
    try BackupFolder.sync(directory: directory)
    return path
  }

  private static func failure(_ path: String, _ code: Int32) -> Failure {
    Failure(
      .backup, "cannot write \(path): \(String(cString: strerror(code)))",
      remedy: code == EFBIG
        ? "raise the limit of file sizes (ulimit -f), then run again with --failed"
        : "make room or choose another --backup-dir, then run again with --failed")
  }

  /// The bytes of the model as a file for `numpy.load`.
  package var archive: [UInt8] {
    var archive = NumpyArchive()
    let rows = projection.kind == .truncated ? 0 : projection.rank
    archive.add("components", projection.components, shape: [rows, projection.inputDimensions])
    archive.add("energies", projection.energies, shape: [projection.energies.count])
    archive.add("mean", projection.mean, shape: [projection.mean.count])
    archive.add("total_energy", [projection.totalEnergy], shape: [1])
    archive.add(
      "dimensions",
      [Int64(projection.inputDimensions), Int64(projection.outputDimensions)], shape: [2])
    archive.add(
      "residual_slots",
      [Int64(projection.queryResidualSlot ?? -1), Int64(projection.documentResidualSlot ?? -1)],
      shape: [2])
    // A model of an earlier version has no aligned dimensions; its file is written without these
    // arrays.
    if let aligned = projection.alignedDimensions {
      archive.add("aligned", [Int64(aligned)], shape: [1])
      archive.add(
        "images", projection.images, shape: projection.images.isEmpty ? [0, 0] : [rows, aligned])
    }
    archive.add("recall", [fidelity.recall, fidelity.largestScoreChange], shape: [2])
    return archive.finish()
  }
}
