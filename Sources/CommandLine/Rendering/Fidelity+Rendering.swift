internal import Messages
internal import Migration
internal import JSON
internal import Models
internal import VectorMath

extension Fidelity {
  /// The measured recall in lines of text.
  ///
  /// The first line is about searches with full vectors. The second line, where there is one, is
  /// about documents that are added later and about queries that are cut to their first numbers.
  var messages: [Message] {
    let score = largestScoreChange < 1e-6 ? "under 1e-6" : "\(largestScoreChange.shown(digits: 6))"
    let full: Message = """
      Measured recall@\(neighbours) \(recall.shown(digits: 3)), largest change of a score \(score) \
      (\(queries) queries)
      """
    let others = addedMessages + cutMessages
    return others.isEmpty
      ? [full] : [full, "Recall@\(neighbours) " + others.joined(separator: ", ")]
  }
}

extension Fidelity {
  /// The recall where documents are added later: after a tenth more, and after as many more.
  var addedMessages: [Message] {
    [
      addedRecall.map { "\($0.shown(digits: 3)) for documents added later (a tenth more)" },
      doubledRecall.map { "\($0.shown(digits: 3)) with as many more" },
    ].compactMap(\.self)
  }

  private var cutMessages: [Message] {
    cutRecall.map { ["\($0.shown(digits: 3)) for queries cut to their first numbers"] } ?? []
  }
}

extension ModelMeasurement {
  /// The measured recall in lines of text; where originals are kept, the last line is about them.
  var messages: [Message] {
    let originals: Message? =
      keepsOriginals
      ? rerankedRecall.map {
        "Originals are kept; searches that rank by originals: recall@10 \($0.shown(digits: 3))"
      } ?? "Originals are kept" : nil
    return fidelity.messages + [originals].compactMap(\.self)
  }

  /// The figures that `verify` cannot measure again, and takes from the run.
  ///
  /// These are the recall with and without originals, and the recall for documents added later.
  var asMeasuredByRun: [Message] {
    let ranked: [Message] =
      rerankedRecall.map {
        [
          "\(fidelity.recall.shown(digits: 3)) by reduced vectors alone",
          "\($0.shown(digits: 3)) ranked by originals",
        ]
      } ?? []
    return ranked + fidelity.addedMessages
  }

  /// The measured values as `--json` shows them.
  var json: JSONValue {
    [
      "recall": .double(fidelity.recall), "neighbours": .int(fidelity.neighbours),
      "largest_score_change": .double(fidelity.largestScoreChange),
      "queries": .int(fidelity.queries), "cut_recall": JSONValue(fidelity.cutRecall),
      "added_recall": JSONValue(fidelity.addedRecall),
      "doubled_recall": JSONValue(fidelity.doubledRecall),
      "keeps_original": .bool(keepsOriginals), "reranked_recall": JSONValue(rerankedRecall),
    ]
  }
}

extension SearchAdvice {
  /// The advice about searches, in one line.
  var message: Message {
    let functions =
      "vector_ferry.similarity_search" + (ranksByOriginals ? "" : " or vector_ferry.reduce_query")
    guard let recall else {
      return "Searches: ask with full vectors, through \(functions) (docs/CLIENTS.md)"
    }
    let (full, cut) = (recall.full.shown(digits: 3), recall.cut.shown(digits: 3))
    return mayCut
      ? """
      Searches: an application that cuts its vectors to \(dimensions) numbers may continue; lowest \
      recall@10 of a store: \(cut), with full vectors through \(functions) \(full) (docs/CLIENTS.md)
      """
      : """
      Searches: ask with full vectors, through \(functions); lowest recall@10 of a store: \(full), \
      with vectors that are only cut to \(dimensions) numbers \(cut) (docs/CLIENTS.md)
      """
  }
}
