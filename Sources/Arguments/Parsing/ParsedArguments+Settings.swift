extension ParsedArguments {
  /// Fills the options of a module with the values of the command line, or with the defaults of
  /// parameters that are not given.
  ///
  /// - Throws: the errors of the conversions that were declared for the options.
  package func filled<Options>(_ options: Options) throws -> Options {
    var options = options
    for setting in settings(of: Options.self) {
      try setting.change(values[slot: setting.slot], &options)
    }
    return options
  }

  /// Lists the words of the command line that set the options of a module, for a record of the run.
  ///
  /// Where an option is not given, its default is listed. Secrets are left out.
  package func record<Options>(of type: Options.Type) -> [String] {
    let slots = Set(settings(of: type).map(\.slot))
    return declarations.options.filter { slots.contains($0.slot) }.flatMap(words)
  }

  private func settings<Options>(of type: Options.Type) -> [Setting<Options>] {
    declarations.settings.compactMap { $0 as? Setting<Options> }
  }

  private func words(of option: OptionDeclaration) -> [String] {
    let given = values.words(slot: option.slot)
    guard let value = option.value else { return given.isEmpty ? [] : [option.flag] }
    if value.isSecret { return [] }
    if option.isRepeatable { return given.flatMap { [option.flag, $0] } }
    guard let word = given.first ?? option.defaultWord else { return [] }
    return [option.flag, word]
  }
}
