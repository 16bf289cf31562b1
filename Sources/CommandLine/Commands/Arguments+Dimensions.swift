internal import Arguments
internal import Messages
internal import Dimensions
internal import Models
internal import Postgres

extension ParsedArguments where Parameters == DimensionsChangeOptions {
  /// The change that they ask for.
  var options: DimensionChange.Options {
    get throws {
      var options = DimensionChange.Options(table: try QualifiedName(argument: self.column.table))
      options.column = Identifier(self.column.column)
      options.target = self.target
      options.textColumn = self.textColumn.map { Identifier($0) }
      options.modelVersion = self.modelVersion
      options.truncates = self.method == .truncate
      options.acceptsFewRows = self.acceptFewRows
      options.minimumRecall = self.minimumRecall
      options.indexes = !self.noIndex
      options.holdTimeout = self.wait
      options.lockTimeout = Int(self.lockTimeout * 1000)
      return options
    }
  }

  /// What does not go together: vectors are made of texts, or of vectors.
  var fault: Message? {
    if self.reembed {
      let others = [
        ("--reduce", isGiven(\.method)), ("--accept-few-rows", self.acceptFewRows),
        ("--min-recall", isGiven(\.minimumRecall)),
      ]
      return others.first { $0.1 }.map {
        UsageError(
          path: ["dimensions", "change"], fault: .incompatible(flag: $0.0, with: "--reembed")
        ).message
      }
    }
    let flag =
      self.embedding.firstGiven ?? (self.textColumn != nil ? "--text-column" : nil)
      ?? (self.modelVersion != nil ? "--model-version" : nil)
    return flag.map { "\($0) is about texts that are embedded anew, and needs --reembed" }
  }
}
