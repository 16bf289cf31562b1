internal import Arguments
internal import Messages

extension ParsedArguments where Parameters == DimensionsChangeOptions {
  /// The error where the options contradict each other, because new vectors are made either from
  /// texts or from the old vectors; nil where the options fit.
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
