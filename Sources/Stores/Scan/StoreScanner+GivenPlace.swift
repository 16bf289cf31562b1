internal import Files

extension StoreScanner {
  /// Finds the stores in a place that the operator has named; refuses a place without a store.
  func stores(in place: GivenPlace) throws(StoreError) -> [FoundStore] {
    if let problem = problem(of: place) { throw problem }
    let parent = try Directory(path: root, links: .follow)
    let excluded = try excludedFacts()
    let user = EntryName(bytes: Array(place.user.utf8))
    let name = EntryName(bytes: Array(place.name.utf8))
    let entry = UserEntry(name, in: parent, of: user, excluded: excluded, isGiven: true)
    guard let kind = try parent.facts(named: name.bytes)?.kind else {
      throw StoreError(
        .file, file: place.path, problem: "does not exist", remedy: "check the path after --from")
    }
    var found = try stores(at: entry, folders: [])
    if found.isEmpty, kind == .directory {
      let folder = try entry.open()
      for inner in try folder.entryNames() {
        try StopRequest.check()
        let entry = UserEntry(EntryName(bytes: inner), in: folder, of: user, excluded: excluded)
        do throws(StoreError) {
          found += try stores(at: entry, folders: [name.text])
        } catch {
          if error.kind == .interrupted { throw error }
          // The other entries go on.
          found.append(unreadable(user, collection: entry.name, path: entry.path, error))
        }
      }
    }
    if found.isEmpty { throw nothingFound(in: place, kind) }
    if let collection = place.collection, found.count == 1 {
      found[0] = found[0].named(StoreName(user: place.user, collection: collection))
    }
    return refusingDoubles(found.sorted { $0.name < $1.name })
  }

  /// Returns the refusal of a place whose names cannot be used; nil for other places.
  private func problem(of place: GivenPlace) -> StoreError? {
    if place.user.utf8.contains(UInt8(ascii: "/")) || [".", ".."].contains(place.user) {
      return StoreError(
        .name, file: place.path, problem: "the user \(place.user) cannot be the name of a folder",
        remedy: "give --user a name without a slash: copies of the files get a folder of this name")
    }
    let collection = place.collection ?? "c"
    if let problem = StoreName(user: place.user, collection: collection).problem {
      return StoreError(
        .name, file: place.path, problem: problem, remedy: "give another --user or --collection")
    }
    if ["", ".", "..", "/"].contains(place.name) {
      return StoreError(
        .name, file: place.path, problem: "the path has no name at its end",
        remedy: "give --from the path of the folder with its name, such as ../folder")
    }
    return nil
  }

  private func nothingFound(in place: GivenPlace, _ kind: FileFacts.Kind) -> StoreError {
    let names = formats.map(\.name).joined(separator: ", ")
    return StoreError(
      .notRecognized, file: place.path,
      problem: formats.count == 1
        ? "no store of the format \(names) was found here"
        : "no store of a known format was found here",
      remedy: formats.count == 1
        ? "leave --format out, so that every format is tried"
        : kind == .link
          ? "replace the link by the path of what it points to"
          : "the formats are \(names); docs/SOURCES.md says which files each of them has")
  }
}

extension FoundStore {
  /// Returns the same store under another name.
  fileprivate func named(_ name: StoreName) -> FoundStore {
    FoundStore(
      name: name, root: root, path: path, format: format, folders: folders, files: files,
      state: state, isGiven: isGiven)
  }
}
