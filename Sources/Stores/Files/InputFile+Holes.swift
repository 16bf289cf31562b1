internal import Files

extension InputFile {
  /// The largest file that may have holes: it is read in a few seconds.
  private static let mostWithHoles: Int64 = 1 << 30

  /// Why a text file is not read: a part of it was never written and reads as zeros, although the
  /// file is long; nil where there is no objection.
  var refusalOfHoles: StoreError? {
    guard facts.size > Self.mostWithHoles, let hole = firstHole else { return nil }
    return StoreError(
      .metadata, file: path, place: "byte \(hole)",
      problem: "a hole: of its \(facts.size / 1_000_000_000) GB nothing was ever written there, "
        + "and files of more than 1 GB are not read through holes",
      remedy: "put the file itself in its place, from the application or a backup")
  }
}
