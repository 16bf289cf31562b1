internal import Messages
internal import JSON
internal import Search
internal import Stores

/// Prints the results of a search for people.
struct SearchPrinter {
  let console: Console

  /// Prints the documents that were found, the best first.
  func print(_ answer: SearchAnswer) {
    let place: Message = "\(answer.user)/\(answer.collection)"
    if let id = answer.likeID { console.print("Like \(id, .bold) in \(place)") }
    guard !answer.documents.isEmpty else {
      console.print("Nothing found in \(place)")
      return
    }
    let isHybrid = answer.documents.contains { $0.hybrid != nil }
    var table = Table(
      (isHybrid ? [.right("SCORE")] : []) + [.right("SIMILARITY")]
        + (isHybrid ? [.right("WORDS"), .left("SOURCE")] : []) + [.left("ID"), .left("TEXT")])
    for document in answer.documents {
      let similarity: Message = "\(document.similarity?.shown(digits: 3) ?? "–")"
      let text: Message = "\(Self.beginning(of: document.text))"
      if let hybrid = document.hybrid {
        table.append([
          "\(hybrid.score.shown(digits: 3))", similarity,
          "\(hybrid.keywordRank.shown(digits: 3))", "\(hybrid.source)", "\(document.id)", text,
        ])
      } else {
        table.append([similarity, "\(document.id)", text])
      }
    }
    console.print(table)
  }

  /// Prints the chunks that were found, with the fields that the environment asks for.
  func print(_ chunks: [ChunkSearch.Chunk]) {
    guard !chunks.isEmpty else {
      console.print("Nothing found")
      return
    }
    let fields = ChunkSearch.fields.filter { field in chunks.contains { $0.fields[field] != nil } }
    let isNumber = { (field: String) in field == "similarity_score" }
    var table = Table(
      fields.map {
        let title = $0.uppercased().replacing("_", with: " ")
        return isNumber($0) ? .right(title) : .left(title)
      })
    for chunk in chunks {
      table.append(
        fields.map { field in
          let text = chunk.fields[field] ?? "–"
          let number = isNumber(field) ? Double(text) : nil
          return "\(number?.shown(digits: 3) ?? Self.beginning(of: text))"
        })
    }
    console.print(table)
  }

  /// Shortens a text to its beginning, on one line, so that people can recognize the text.
  private static func beginning(of text: String) -> String {
    let line = text.prefix(200).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return line.count > 72 ? line.prefix(71) + "…" : line
  }
}

extension SearchAnswer {
  /// Returns the answer as `search --json` prints it.
  ///
  /// - Parameters:
  ///   - text: the text that was embedded for the search; nil where no text was embedded.
  ///   - model: the model that embedded the text.
  func json(text: String?, model: String?) -> JSONValue {
    [
      "user": .string(user), "collection": .string(collection), "like": JSONValue(likeID),
      "text": JSONValue(text), "model": JSONValue(model),
      "documents": .array(documents.map(\.json)),
    ]
  }
}

extension SearchAnswer.Document {
  fileprivate var json: JSONValue {
    var object: JSONObject = [
      "id": .string(id), "text": .string(text),
      "metadata": .verbatim(metadata), "similarity": JSONValue(similarity),
    ]
    if let hybrid {
      object["keyword_rank"] = .double(hybrid.keywordRank)
      object["hybrid_score"] = .double(hybrid.score)
      object["source"] = .string(hybrid.source)
    }
    return .object(object)
  }
}
