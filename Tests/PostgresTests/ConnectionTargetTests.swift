import Testing

@testable import Postgres

@Suite struct ConnectionTargetTests {
  private static let secret = "canary-not-a-real-password"

  @Test(arguments: [
    (["DATABASE_URL": "postgresql://u:p@h:1/d"], "DATABASE_URL", "postgresql://u@h:1/d"),
    (["NEON_DATABASE_URL": "postgres://u@n/d"], "NEON_DATABASE_URL", "postgresql://u@n/d"),
    (
      ["DATABASE_URL": "postgresql://u@h/d", "NEON_DATABASE_URL": "postgres://n/n"],
      "DATABASE_URL", "postgresql://u@h/d"
    ),
    (
      ["DATABASE_URL": "", "POSTGRES_HOST": "db", "POSTGRES_DB": "app", "POSTGRES_USER": "me"],
      "POSTGRES_*", "postgresql://me@db:5432/app"
    ),
    (["POSTGRES_PASSWORD": "x"], "POSTGRES_*", "postgresql://postgres@localhost:5432/postgres"),
    (
      ["SUPABASE_URL": "https://abcd.supabase.co", "SUPABASE_DB_PASSWORD": "x"],
      "SUPABASE_URL", "postgresql://postgres@db.abcd.supabase.co:5432/postgres"
    ),
    (
      ["SUPABASE_URL": "postgresql://me@staging/db", "SUPABASE_DB_PASSWORD": "x"],
      "SUPABASE_URL", "postgresql://me@staging/db"
    ),
    (
      ["PGHOST": "/run/pg", "PGUSER": "me", "PGDATABASE": "d"], "PG*",
      "postgresql://me@/d (socket in /run/pg)"
    ),
    (["PGSERVICE": "prod"], "PG*", "service prod"),
    (["DATABASE_URL": "postgresql+psycopg2://u:p@h/d"], "DATABASE_URL", "postgresql://u@h/d"),
  ])
  func `the first source that is set names the database`(
    environment: [String: String], source: String, shown: String
  ) throws {
    let target = try #require(
      try ConnectionTarget.resolve(option: nil, environment: environment))
    #expect(target.source == source)
    #expect(target.description == shown)
  }

  @Test func `the option wins over every variable`() throws {
    let target = try ConnectionTarget.resolve(
      option: "postgresql://o/d", environment: ["DATABASE_URL": "postgresql://e/d"])
    #expect(target?.source == "--database-url")
  }

  @Test(arguments: [[:], ["DATABASE_URL": ""], ["PATH": "/bin"]])
  func `no source means the embedded server`(environment: [String: String]) throws {
    #expect(try ConnectionTarget.resolve(option: nil, environment: environment) == nil)
  }

  @Test(arguments: [
    "postgresql://u:\(secret)@[::1/d",
    "postgresql://u:\(secret)@h/d?schema=public", "host=h password=\(secret) bogus=1",
    "postgresql://h/d?password=\(secret)&bogus=1", "mysql://u:\(secret)@h/d",
    "postgresql://u:\(secret)/x@h/d", "postgresql://u:x@\(secret)@h/d",
    "postgresql://u:\(secret)@h:notaport/d",
    // Where the password contains a space or a quote, libpq reads the second half as another
    // parameter.
    "host=h password=first \(secret) user=u", "host=h password=first\" \(secret)\" user=u",
    "postgresql://u:%zz\(secret)@h/d",
    "postgresql://h/d?password=first&\(secret)",
  ])
  func `a refused URL never shows its password`(url: String) {
    let error = #expect(throws: PostgresError.self) {
      try ConnectionTarget(source: "DATABASE_URL", url: url)
    }
    #expect(error?.description.contains(Self.secret) == false)
    #expect(error?.description.hasPrefix("DATABASE_URL: ") == true)
  }

  @Test(arguments: [
    ("SUPABASE_URL", "https://x.supabase.co", "SUPABASE_DB_PASSWORD"),
    ("SUPABASE_DB_PASSWORD", "x", "SUPABASE_URL"),
  ])
  func `half of a pair is refused, not ignored`(name: String, value: String, missing: String) {
    let error = #expect(throws: PostgresError.self) {
      try ConnectionTarget.resolve(option: nil, environment: [name: value])
    }
    #expect(error?.description.contains("\(missing) is not set") == true)
  }

  @Test(arguments: ["PGDATABASE", "POSTGRES_DB"])
  func `a URL in place of a database's name is refused, not shown`(variable: String) {
    let error = #expect(throws: PostgresError.self) {
      try ConnectionTarget.resolve(
        option: nil, environment: [variable: "postgresql://u:\(Self.secret)@h/d"])
    }
    #expect(error?.description.contains(Self.secret) == false)
  }

  @Test(arguments: [
    "postgresql://u:\(secret)@h/d", "host=h user=u password=\(secret)",
    "postgresql://h/d?user=u&password=\(secret)",
  ])
  func `a target never shows its password`(url: String) throws {
    let target = try ConnectionTarget(source: "--database-url", url: url)
    #expect(!target.description.contains(Self.secret))
    #expect(!target.redacted("failed for \(url)").contains(Self.secret))
  }

  @Test func `TLS is asked for where the provider demands it`() throws {
    let target = try ConnectionTarget.resolve(
      option: nil,
      environment: ["SUPABASE_URL": "https://a.supabase.co", "SUPABASE_DB_PASSWORD": "x"])
    #expect(target?.parameters.contains { $0 == ("sslmode", "require") } == true)
  }

  @Test(arguments: [
    ("", 5), ("?connect_timeout=1", 2), ("?connect_timeout=30", 30),
    ("?connect_timeout=0", 5),
  ])
  func `a connection is never awaited for ever`(suffix: String, seconds: Int) throws {
    let target = try ConnectionTarget(source: "test", url: "postgresql://h/d\(suffix)")
    #expect(target.connectTimeout == seconds)
  }
}
