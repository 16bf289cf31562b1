import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite(.enabled(if: ServerTrial.isPossible, "no PostgreSQL with pgvector; run ./run_tests.sh"))
struct EmbeddedServerTests {
  @Test func `A server is made, answers, stops and starts again with its data`() throws {
    let trial = try ServerTrial()
    #expect(try trial.server.status().state == .absent)
    let address = try trial.server.start()
    #expect(try trial.sql("create extension vector; create table t as select 7 as n") != nil)
    #expect(try trial.sql("select '[1,2]'::vector <=> '[2,4]'::vector") == "0")
    #expect(try trial.server.start() == address)
    #expect(try trial.server.stop())
    #expect(try trial.server.status().state == .stopped)
    #expect(try !trial.server.stop())
    try trial.server.start()
    #expect(try trial.sql("select n from t") == "7")
  }
}
