internal import Messages
internal import JSON
internal import Postgres
internal import Stores
internal import VectorIndex

extension IndexPrinter {
  /// Prints the measurements of the old and the new index, and which of them is used now.
  func show(_ outcome: IndexConversion.Outcome) {
    endProgress()
    let new = outcome.new.index
    if let old = outcome.old {
      var table = Table([
        .left(""), .left("INDEX"), .left("METHOD"), .left("SEARCHED WITH"), .right("RECALL@10"),
        .right("MEDIAN"), .right("P95"), .right("SIZE"),
      ])
      table.append(cells("before", old))
      table.append(cells("after", outcome.new))
      show(table)
    }
    switch outcome.ending {
    case .unchanged:
      say("\(new.name.description) is \(new.method.title) already: nothing to convert")
    case .converted:
      say(
        "✅ Converted to \(new.method.title): \(new.name.description) is used now, the old index "
          + "was dropped"
      )
      advise(outcome.new.quality?.setting, applied: outcome.applied)
    case .refused:
      let state = outcome.built == nil ? "is kept" : "was dropped again"
      let isMeasured = outcome.new.quality != nil
      let why = isMeasured ? "the new index finds less" : "searches do not use the new index"
      say("❌ Not converted: \(why); the old index is still used, the new one \(state)")
      say(
        isMeasured
          ? "  Remedy: \(remedy(new.parameters)), or allow a lower recall with --tolerance"
          : "  Remedy: run ANALYZE on the table; a table with few rows or few vectors needs no "
            + "index"
      )
    }
  }

  /// Returns the remedy for a new index whose recall is too low.
  private func remedy(_ parameters: IndexParameters) -> String {
    switch parameters {
    case .hnsw(let links, let construction):
      """
      build it with --m and --ef-construction above \(links) and \(construction)
      """
    case .ivfflat(let lists): "build the index with --lists under \(lists)"
    }
  }

  private func cells(_ title: Message, _ side: IndexConversion.Side) -> [Message] {
    let index = side.index
    guard let quality = side.quality else {
      return [
        title, "\(index.name.name.name)", "\(index.method.title)", "not used by searches", "", "",
        "", "\(byteSize(index.bytes))",
      ]
    }
    return [
      title, "\(index.name.name.name)",
      "\(index.method.title) (\(index.parameters.description))",
      "\(quality.setting.description)", "\(quality.recall.shown(digits: 3))",
      "\(quality.median.shown(digits: 2)) ms", "\(quality.p95.shown(digits: 2)) ms",
      "\(byteSize(index.bytes))",
    ]
  }

  /// Prints the measurements of each search setting, and the setting that is recommended.
  func show(_ outcome: IndexTuning.Outcome, wanted: Double) {
    endProgress()
    let index = outcome.index
    say(
      """
      \(index.name.description): \(index.method.title) (\(index.parameters.description)), \
      \(counted(outcome.recommended.queries, "stored vector")) searched for
      """)
    var table = Table([
      .right(outcome.recommended.setting.name), .right("RECALL@10"), .right("MEDIAN"),
      .right("P95"), .left(""),
    ])
    for quality in outcome.qualities {
      table.append([
        "\(quality.setting.value)", "\(quality.recall.shown(digits: 3))",
        "\(quality.median.shown(digits: 2)) ms", "\(quality.p95.shown(digits: 2)) ms",
        quality == outcome.recommended
          ? (outcome.isReached ? "← recommended" : "← the best recall of all settings") : "",
      ])
    }
    show(table)
    if let remedy = outcome.remedy {
      say(
        """
        ❌ No setting reaches recall@10 \(wanted.shown(digits: 3)); the search functions stay as \
        they are
        """)
      say("  Remedy: \(remedy)")
      return
    }
    advise(outcome.recommended.setting, applied: outcome.applied)
  }

  private func advise(_ setting: SearchSetting?, applied: [String]) {
    guard let setting else { return }
    for function in applied { say("  \(function): \(setting.description)") }
    say("In sessions that run their own queries: SET \(setting.description)")
  }

  private func show(_ table: Table) {
    for line in table.lines() { say(line) }
  }
}

extension SearchQuality {
  /// The measurements as `--json` shows them.
  var json: JSONValue {
    [
      "setting": .string(setting.name), "value": .int(setting.value), "recall": .double(recall),
      "median_ms": .double(median), "p95_ms": .double(p95), "queries": .int(queries),
      "fewest_results": .int(fewest),
    ]
  }
}

extension IndexConversion.Outcome {
  /// Returns the whole document of `index convert --json`.
  func json(database: String, exitCode: ExitCode) -> JSONValue {
    [
      "database": .string(database), "ending": .string(ending.rawValue),
      "before": old?.json ?? .null, "after": new.json, "built": built?.json ?? .null,
      "applied": .array(applied.map(JSONValue.string)),
      "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}

extension IndexConversion.Side {
  fileprivate var json: JSONValue {
    ["index": index.json, "quality": quality?.json ?? .null]
  }
}

extension IndexTuning.Outcome {
  /// Returns the whole document of `index tune --json`.
  func json(database: String, exitCode: ExitCode) -> JSONValue {
    [
      "database": .string(database), "index": index.json,
      "settings": .array(qualities.map(\.json)), "recommended": recommended.json,
      "reached": .bool(isReached), "remedy": JSONValue(remedy),
      "applied": .array(applied.map(JSONValue.string)),
      "exit_code": .int(Int(exitCode.rawValue)),
    ]
  }
}
