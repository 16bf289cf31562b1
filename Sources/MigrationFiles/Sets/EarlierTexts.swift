extension Checksum {
  /// The checksums of earlier texts of bundled migrations; each earlier text has the same result as
  /// the present text, or a result that the present text's down part undoes as well.
  ///
  /// A database that has applied an earlier text counts as one that has applied the present text.
  /// The earlier texts find operators and functions by the search path; the present texts name
  /// types, so that only the server's own operators and functions match.
  package static let earlierBundled: Set<String> = [
    // forum_vectors/20240211000004_create_evaluation_tables.sql
    "489badb1ec7bc404320125143f30b8c00fc394e93a551eb2cbc06699d0623389",
    // knowledge_graph/001_create_knowledge_graph_tables.sql
    "f13d19fc32be130af1e118fb8b8bc17c99131710099e67ce962131f48ead248e",
    // knowledge_graph/002_row_level_security.sql
    "00647c11f83e0f9826979f9ad0af6d7e9207788a9699ca21f0421caaa35120ac",
    // The same file, which enabled row-level security on every server.
    "db90478145dcfb51b19fd651a2eb47fd92503d1148694bad27aff2e49a042326",
    // semantic_search/001_template_to_production.sql
    "3da664a74ca111aef344929767b0e8e418ff5c3619b2e812f614a26ccd2a1004",
    // semantic_search/002_production_to_template.sql
    "d137a26833f998fac7e303ddf9385df856dac00877f1bdf410af9f37c8967819",
    // semantic_search/003_add_model_metadata.sql
    "44b5bb7d956b6b6f9f447ea024a3ec0b3a0707764027b6312d67b8fa4f63742a",
    // semantic_search/004_dimension_migration.sql
    "75a3b8e28c6b8c4e91b598baee037fefe7a4b3e09653aee4fa0233316277e0ac",
    // semantic_search/005_index_migration_ivfflat_to_hnsw.sql
    "a3a73f03b15ab18df628eda3b3e7cb6d383745d612a1633d05aa013a316207d9",
    // semantic_search/014_semantic_search_core.sql
    "656c671b467adc4a690639a704d928b191465856f52a99cd15d0c96df787da6e",
    // unified_embeddings/0002_add_vector_extension.sql
    "49ff2c68b56f2e8ace2fd5e0a6b27d9b69680644ecdd5c7f2df127c7a09d6877",
    // unified_embeddings/0003_optimize_vector_indexes.sql
    "7d6416aba9103c2d2dee21681664c819df09bda6b2783fce449e61d47c05967b",
    // The same file, whose function took no method.
    "06352127363dec84a050b2186d1c2a56bb3dd570a705fc4996261d0387a08cb1",
    // unified_embeddings/0004_add_redis_hybrid_search.sql
    "bcf0a811927fb6cd6e8f39fa85708dfb4aec4a0108c9402de55bb6918d004a01",
    // vector_documents/0001_vector_documents.sql
    "17e0a2570760632e62047fc608ca42ed53a34ab469100927dcfd8c81479f3621",
    // vector_documents/0002_metadata_path_indexes.sql
    "f634e7bd050a15b30261f3972182e28700e6084a22e9bb6d949c161e8b24f7e3",
    // vector_documents/0003_hybrid_search.sql
    "de41d2de537f72b37273b3d7e815f5bc2d128d11d60d503c78118d141886375c",
    // vector_documents/0004_row_level_security.sql
    "00f11a3d22bc3ec1d575171b580a3a0161b5b49a2fa12c815019b41265bafeec",
  ]
}
