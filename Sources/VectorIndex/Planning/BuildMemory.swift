/// Computes the memory and the disk space that building an index takes.
enum BuildMemory {
  /// Returns the number of bytes of `maintenance_work_mem` with which a build is quick; with less,
  /// a build of IVFFlat fails.
  static func needed(_ parameters: IndexParameters, form: IndexedForm, rows: Int) -> Int {
    switch parameters {
    case .hnsw(let links, _): rows * (form.vectorBytes - 8 + 32 * links + 210)
    case .ivfflat(let lists): means(lists: lists, form: form, rows: rows)
    }
  }

  /// Returns the number of bytes that k-means takes (`ivfkmeans.c`): for samples, centres, sums,
  /// and one bound for each sample and centre.
  private static func means(lists: Int, form: IndexedForm, rows: Int) -> Int {
    let samples = max(50 * lists, 10_000)
    let taken = min(samples, max(rows, 1))
    let vector = (form.vectorBytes + 7) / 8 * 8
    let arrays = (samples + 2 * lists) * vector + 4 * lists * form.dimensions
    let bounds = 4 * taken * lists + 8 * taken
    return arrays + bounds + 4 * lists * lists + 16 * lists
  }

  /// Returns the estimated number of bytes of the index on disk: HNSW stores each vector with its
  /// links, IVFFlat each vector in its list.
  static func disk(_ parameters: IndexParameters, form: IndexedForm, rows: Int) -> Int {
    switch parameters {
    case .hnsw(let links, _):
      let element = form.vectorBytes + 80
      // Twice m links on the lowest level, and sometimes m links on a higher level.
      let neighbours = 6 * 3 * links + 12
      // Where both do not fit into one page, the links have a page of their own.
      let fit = element + neighbours <= pageRoom
      return (fit ? pages(rows, of: element + neighbours) : 2 * rows) * 8192
    case .ivfflat(let lists):
      // The last page of each list is half empty.
      return (pages(rows, of: form.vectorBytes + 16) + lists) * 8192
    }
  }

  private static let pageRoom = 8152

  private static func pages(_ count: Int, of bytes: Int) -> Int {
    let perPage = max(1, pageRoom / bytes)
    return (count + perPage - 1) / perPage
  }
}
