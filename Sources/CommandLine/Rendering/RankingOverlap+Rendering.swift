internal import JSON
internal import Messages
internal import StoreEmbedding

extension RankingOverlap {
  /// The sentence that says how many of the nearest documents old and new vectors have in common.
  var message: Message {
    """
    Old and new vectors: of the \(neighbours) nearest documents, \
    \((share * Double(neighbours)).shown(digits: 1)) are the same (\
    \((random * Double(neighbours)).shown(digits: 1)) by chance; \
    \(counted(queries, "document")) as queries)
    """
  }

  /// The comparison as `--json` shows it.
  var json: JSONValue {
    [
      "neighbours": .int(neighbours), "queries": .int(queries), "overlap": .double(share),
      "by_chance": .double(random),
    ]
  }
}
