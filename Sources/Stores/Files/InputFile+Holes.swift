internal import Files

extension InputFile {
  /// The largest size in bytes of a file that may have holes; a file of this size is read in a few
  /// seconds.
  private static let mostWithHoles: Int64 = 1 << 30

  /// The refusal of a long text file with a hole, which is a part that was never written and reads
  /// as zeros; nil where the file may be read.
  var refusalOfHoles: StoreError? {
    guard facts.size > Self.mostWithHoles, let hole = firstHole else { return nil }
    return StoreError(
      .metadata, file: path, place: "byte \(hole)",
      problem: "a hole: this part of the \(facts.size / 1_000_000_000) GB was never written, "
        + "and files of more than 1 GB are not read if they have holes",
      remedy: "restore the complete file, from the application or a backup")
  }
}
