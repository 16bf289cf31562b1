internal import Messages
internal import Dimensions
internal import Embedding
internal import JSON

extension ChangeRecord {
  /// The state of the change in words, with the model where texts were embedded.
  var words: Message {
    let how: Message = model.map { " by \($0.name) of \($0.provider)" } ?? ""
    switch state {
    case .filling: return "in progress\(how): the new column is being filled"
    case .swapped: return "done\(how); the old column is still there"
    case .finished: return "done\(how)"
    case .undone: return "undone"
    }
  }

  /// The fields of the change as JSON.
  var json: JSONValue { json(with: nil) }

  /// Returns the fields of the change as JSON, with the texts, tokens and cost of the embedding
  /// service where `usage` is given.
  func json(with usage: EmbeddingUsage?) -> JSONValue {
    var object: JSONObject = [
      "id": .int(id), "table": .string(table), "column": .string(column), "from": .int(from),
      "to": .int(to), "method": .string(method.name), "projection": JSONValue(projection),
      "recall": JSONValue(recall), "provider": JSONValue(model?.provider),
      "model": JSONValue(model?.name), "model_version": JSONValue(model?.version),
      "text_column": JSONValue(model?.textColumn), "state": .string(state.rawValue),
    ]
    usage?.write(to: &object)
    return .object(object)
  }
}
