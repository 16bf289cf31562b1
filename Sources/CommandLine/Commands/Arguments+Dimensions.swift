internal import Arguments
internal import Messages

extension ParsedArguments where Parameters == DimensionsChangeOptions {
  /// The error in options that do not fit together; nil where all options fit.
  ///
  /// With `--reembed`, the new vectors are made from texts; without it, from the old vectors. Each
  /// way has options of its own.
  var fault: UsageFault? {
    if self.reembed {
      let others = [
        ("--reduce", isGiven(\.method)), ("--accept-few-rows", self.acceptFewRows),
        ("--min-recall", isGiven(\.minimumRecall)),
      ]
      return others.first { $0.1 }.map { .incompatible(flag: $0.0, with: "--reembed") }
    }
    let flag =
      self.embedding.firstGiven ?? (self.textColumn != nil ? "--text-column" : nil)
      ?? (self.modelVersion != nil ? "--model-version" : nil)
    return flag.map {
      .other("\($0) is only for texts that are embedded again, and needs --reembed")
    }
  }
}
