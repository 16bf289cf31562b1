package import Postgres

extension PostgresError {
  /// The remedy where this error has ended work on an index; nil where the program knows no remedy.
  package var indexRemedy: String? {
    switch self {
    case .connectionLost:
      "look at the index: vector-ferry index status; repair it: vector-ferry index repair"
    case .server(let error): error.indexRemedy
    case .configuration, .unreachable, .commitUnknown, .interrupted, .unexpected: nil
    }
  }
}

extension ServerError {
  fileprivate var indexRemedy: String? {
    switch sqlState {
    case "53100" where message.contains("shared memory"):
      "build with one process (--workers 0), or give the server more /dev/shm (--shm-size)"
    case "53100": "the server's disk is full: make room there, then build again"
    case "53200", "54000": "allow more memory with --memory, or name fewer lists with --lists"
    case "42501": "run as the role that owns the table and the functions of schema vector_ferry"
    case "55P03", "57014": "look for a lock_timeout or statement_timeout of the role or database"
    case "42P07":
      "a relation with the name of the index exists already: rename or drop that relation"
    default: nil
    }
  }
}
