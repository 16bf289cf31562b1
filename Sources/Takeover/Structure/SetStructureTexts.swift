// Written by SetStructureTests from the bundled sets; do not edit.
// swift-format-ignore-file

/// The states of the bundled sets, as `SetStructure` reads them.
enum SetStructureTexts {
  static let all: [(set: String, text: String)] = [
    (
      "vector_documents",
#"""
= 0001
+ column|vector_documents|collection_name|character varying(255) NOT NULL|varchar
+ column|vector_documents|created_at|timestamp with time zone|timestamptz
+ column|vector_documents|embedding|vector(2000) NOT NULL|vector
+ column|vector_documents|id|uuid NOT NULL|uuid
+ column|vector_documents|metadata|jsonb|jsonb
+ column|vector_documents|text|text NOT NULL|text
+ column|vector_documents|updated_at|timestamp with time zone|timestamptz
+ column|vector_documents|user_id|character varying(255) NOT NULL|varchar
+ constraint|vector_documents|vector_documents_pkey|PRIMARY KEY (id)|
+ function||vector_documents_touch_updated_at||
+ index|vector_documents|vector_documents_metadata_idx|USING gin (metadata)|
+ index|vector_documents|vector_documents_user_collection_idx|USING btree (user_id, collection_name)|
+ table|vector_documents|vector_documents||
+ trigger|vector_documents|vector_documents_updated_at|19  sets updated_at|
= 0001 0002
+ index|vector_documents|vector_documents_application_company_idx|USING btree (user_id, (((metadata -> 'data'::text) ->> 'company'::text))) WHERE ((metadata ->> 'record_type'::text) = 'application'::text)|
+ index|vector_documents|vector_documents_application_status_idx|USING btree (user_id, (((metadata -> 'data'::text) ->> 'status'::text))) WHERE ((metadata ->> 'record_type'::text) = 'application'::text)|
+ index|vector_documents|vector_documents_question_category_idx|USING btree (user_id, (((metadata -> 'data'::text) ->> 'category'::text))) WHERE ((metadata ->> 'record_type'::text) = 'question'::text)|
+ index|vector_documents|vector_documents_question_difficulty_idx|USING btree (user_id, (((metadata -> 'data'::text) ->> 'difficulty'::text))) WHERE ((metadata ->> 'record_type'::text) = 'question'::text)|
+ index|vector_documents|vector_documents_question_type_idx|USING btree (user_id, (((metadata -> 'data'::text) ->> 'type'::text))) WHERE ((metadata ->> 'record_type'::text) = 'question'::text)|
+ index|vector_documents|vector_documents_record_id_idx|USING btree (((metadata ->> 'record_id'::text)))|
+ index|vector_documents|vector_documents_record_type_idx|USING btree (((metadata ->> 'record_type'::text)))|
+ index|vector_documents|vector_documents_resume_is_master_idx|USING btree (user_id, (((metadata -> 'data'::text) ->> 'is_master'::text))) WHERE ((metadata ->> 'record_type'::text) = 'resume'::text)|
+ index|vector_documents|vector_documents_resume_tailored_idx|USING btree (user_id, (((metadata -> 'data'::text) ->> 'tailored_for_company'::text))) WHERE ((metadata ->> 'record_type'::text) = 'resume'::text)|
+ index|vector_documents|vector_documents_user_record_idx|USING btree (user_id, ((metadata ->> 'record_type'::text)), ((metadata ->> 'record_id'::text)))|
= 0001 0002 0003
+ index|vector_documents|vector_documents_text_idx|USING gin (to_tsvector('english'::regconfig, text))|
= 0001 0004
+ policy|vector_documents|vector_documents_own_rows|* ((user_id)::text = current_setting('vector_ferry.user_id'::text, true)) ((user_id)::text = current_setting('vector_ferry.user_id'::text, true))|
+ security|vector_documents|enabled||
+ security|vector_documents|forced||
= 0001 0002 0004
+ policy|vector_documents|vector_documents_own_rows|* ((user_id)::text = current_setting('vector_ferry.user_id'::text, true)) ((user_id)::text = current_setting('vector_ferry.user_id'::text, true))|
+ security|vector_documents|enabled||
+ security|vector_documents|forced||
= 0001 0002 0003 0004
+ policy|vector_documents|vector_documents_own_rows|* ((user_id)::text = current_setting('vector_ferry.user_id'::text, true)) ((user_id)::text = current_setting('vector_ferry.user_id'::text, true))|
+ security|vector_documents|enabled||
+ security|vector_documents|forced||
"""#
    ),
    (
      "semantic_search",
#"""
= 014
+ column|indexed_content|chunk_count|integer|int4
+ column|indexed_content|content_hash|character varying(64) NOT NULL|varchar
+ column|indexed_content|content_type|character varying(50) NOT NULL|varchar
+ column|indexed_content|content|text NOT NULL|text
+ column|indexed_content|created_at|timestamp with time zone|timestamptz
+ column|indexed_content|id|integer NOT NULL|int4
+ column|indexed_content|indexed_at|timestamp with time zone|timestamptz
+ column|indexed_content|metadata|jsonb|jsonb
+ column|indexed_content|source_path|text NOT NULL|text
+ column|indexed_content|status|character varying(20)|varchar
+ column|indexed_content|title|text|text
+ column|indexed_content|updated_at|timestamp with time zone|timestamptz
+ column|search_query|created_at|timestamp with time zone|timestamptz
+ column|search_query|id|integer NOT NULL|int4
+ column|search_query|preprocessing_config|jsonb|jsonb
+ column|search_query|processed_at|timestamp with time zone|timestamptz
+ column|search_query|processing_time_ms|integer|int4
+ column|search_query|query_embedding|vector(384)|vector
+ column|search_query|query_text|text NOT NULL|text
+ column|search_query|status|character varying(20)|varchar
+ column|search_result|bm25_score|double precision|float8
+ column|search_result|combined_score|double precision|float8
+ column|search_result|content_id|integer NOT NULL|int4
+ column|search_result|context_lines|text[]|_text
+ column|search_result|created_at|timestamp with time zone|timestamptz
+ column|search_result|embedding_id|integer NOT NULL|int4
+ column|search_result|explanation|text|text
+ column|search_result|id|integer NOT NULL|int4
+ column|search_result|metadata|jsonb|jsonb
+ column|search_result|query_id|integer NOT NULL|int4
+ column|search_result|result_rank|integer NOT NULL|int4
+ column|search_result|similarity_score|double precision NOT NULL|float8
+ column|vector_embedding|chunk_index|integer NOT NULL|int4
+ column|vector_embedding|chunk_text|text NOT NULL|text
+ column|vector_embedding|content_id|integer NOT NULL|int4
+ column|vector_embedding|created_at|timestamp with time zone|timestamptz
+ column|vector_embedding|embedding|vector(384)|vector
+ column|vector_embedding|id|integer NOT NULL|int4
+ column|vector_embedding|line_end|integer|int4
+ column|vector_embedding|line_start|integer|int4
+ column|vector_embedding|metadata|jsonb|jsonb
+ constraint|indexed_content|indexed_content_pkey|PRIMARY KEY (id)|
+ constraint|indexed_content|indexed_content_source_path_key|UNIQUE (source_path)|
+ constraint|indexed_content|indexed_content_status_check|CHECK (((status)::text = ANY (ARRAY['PENDING'::text, 'PROCESSING'::text, 'COMPLETED'::text, 'FAILED'::text])))|
+ constraint|search_query|search_query_pkey|PRIMARY KEY (id)|
+ constraint|search_query|search_query_status_check|CHECK (((status)::text = ANY (ARRAY['PENDING'::text, 'PROCESSING'::text, 'COMPLETED'::text, 'FAILED'::text])))|
+ constraint|search_result|search_result_content_id_fkey|FOREIGN KEY (content_id) REFERENCES indexed_content(id) ON DELETE CASCADE|
+ constraint|search_result|search_result_embedding_id_fkey|FOREIGN KEY (embedding_id) REFERENCES vector_embedding(id) ON DELETE CASCADE|
+ constraint|search_result|search_result_pkey|PRIMARY KEY (id)|
+ constraint|search_result|search_result_query_id_fkey|FOREIGN KEY (query_id) REFERENCES search_query(id) ON DELETE CASCADE|
+ constraint|search_result|search_result_query_id_result_rank_key|UNIQUE (query_id, result_rank)|
+ constraint|vector_embedding|vector_embedding_content_id_chunk_index_key|UNIQUE (content_id, chunk_index)|
+ constraint|vector_embedding|vector_embedding_content_id_fkey|FOREIGN KEY (content_id) REFERENCES indexed_content(id) ON DELETE CASCADE|
+ constraint|vector_embedding|vector_embedding_pkey|PRIMARY KEY (id)|
+ function||cleanup_old_search_results|integer|
+ function||find_similar_embeddings|vector, double precision, integer, text[]|
+ function||migration_applied|text|
+ function||reindex_content|text[], text[]|
+ function||search_results|vector, double precision, integer, text[]|
+ function||semantic_search_touch_updated_at||
+ function||vector_cosine_similarity|vector, vector|
+ index|indexed_content|idx_indexed_content_fulltext|USING gin (to_tsvector('english'::regconfig, content))|
+ index|indexed_content|idx_indexed_content_hash|USING btree (content_hash)|
+ index|indexed_content|idx_indexed_content_indexed_at|USING btree (indexed_at DESC)|
+ index|indexed_content|idx_indexed_content_metadata|USING gin (metadata)|
+ index|indexed_content|idx_indexed_content_status|USING btree (status)|
+ index|indexed_content|idx_indexed_content_type|USING btree (content_type)|
+ index|search_query|idx_search_query_created_at|USING btree (created_at DESC)|
+ index|search_query|idx_search_query_embedding|USING ivfflat (query_embedding vector_cosine_ops) WITH (lists='100')|
+ index|search_query|idx_search_query_fulltext|USING gin (to_tsvector('english'::regconfig, query_text))|
+ index|search_query|idx_search_query_status|USING btree (status)|
+ index|search_result|idx_search_result_content_id|USING btree (content_id)|
+ index|search_result|idx_search_result_embedding_id|USING btree (embedding_id)|
+ index|search_result|idx_search_result_query_id|USING btree (query_id)|
+ index|vector_embedding|idx_vector_embedding_chunk_index|USING btree (chunk_index)|
+ index|vector_embedding|idx_vector_embedding_content_id|USING btree (content_id)|
+ index|vector_embedding|idx_vector_embedding_created_at|USING btree (created_at DESC)|
+ index|vector_embedding|idx_vector_embedding_lines|USING btree (line_start, line_end)|
+ index|vector_embedding|idx_vector_embedding_metadata|USING gin (metadata)|
+ index|vector_embedding|idx_vector_embedding_similarity|USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')|
+ sequence|indexed_content|indexed_content_id_seq|id|
+ sequence|search_query|search_query_id_seq|id|
+ sequence|search_result|search_result_id_seq|id|
+ sequence|vector_embedding|vector_embedding_id_seq|id|
+ table|indexed_content|indexed_content||
+ table|search_query|search_query||
+ table|search_result|search_result||
+ table|vector_embedding|vector_embedding||
+ trigger|indexed_content|indexed_content_updated_at|19  sets updated_at|
+ view||schema_migration_log||
= 014 003
+ column|vector_embedding|model_name|text NOT NULL|text
+ column|vector_embedding|model_version|text NOT NULL|text
+ function||find_embeddings_by_model|text, text|
+ index|vector_embedding|idx_vector_embedding_model|USING btree (model_name, model_version)|
= 014 005
- index|search_query|idx_search_query_embedding|USING ivfflat (query_embedding vector_cosine_ops) WITH (lists='100')|
- index|vector_embedding|idx_vector_embedding_similarity|USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')|
+ function||tune_hnsw_search_parameters|integer|
+ index|search_query|idx_search_query_embedding_hnsw|USING hnsw (query_embedding vector_cosine_ops) WITH (m='16', ef_construction='64')|
+ index|vector_embedding|idx_vector_embedding_hnsw|USING hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')|
= 014 003 005
- index|search_query|idx_search_query_embedding|USING ivfflat (query_embedding vector_cosine_ops) WITH (lists='100')|
- index|vector_embedding|idx_vector_embedding_similarity|USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')|
+ function||tune_hnsw_search_parameters|integer|
+ index|search_query|idx_search_query_embedding_hnsw|USING hnsw (query_embedding vector_cosine_ops) WITH (m='16', ef_construction='64')|
+ index|vector_embedding|idx_vector_embedding_hnsw|USING hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')|
= 014 002
- column|indexed_content|content_type|character varying(50) NOT NULL|varchar
- column|indexed_content|status|character varying(20)|varchar
- column|search_query|status|character varying(20)|varchar
- constraint|indexed_content|indexed_content_status_check|CHECK (((status)::text = ANY (ARRAY['PENDING'::text, 'PROCESSING'::text, 'COMPLETED'::text, 'FAILED'::text])))|
- constraint|search_query|search_query_status_check|CHECK (((status)::text = ANY (ARRAY['PENDING'::text, 'PROCESSING'::text, 'COMPLETED'::text, 'FAILED'::text])))|
- index|search_query|idx_search_query_embedding|USING ivfflat (query_embedding vector_cosine_ops) WITH (lists='100')|
- index|vector_embedding|idx_vector_embedding_similarity|USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')|
+ column|indexed_content|content_type|content_type NOT NULL|content_type
+ column|indexed_content|status|index_status|index_status
+ column|search_query|status|index_status|index_status
+ column|vector_embedding|model_name|text NOT NULL|text
+ column|vector_embedding|model_version|text NOT NULL|text
+ index|search_query|idx_search_query_embedding_hnsw|USING hnsw (query_embedding vector_cosine_ops) WITH (m='16', ef_construction='64')|
+ index|vector_embedding|idx_vector_embedding_hnsw|USING hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')|
+ index|vector_embedding|idx_vector_embedding_model|USING btree (model_name, model_version)|
+ type||content_type|source_file, documentation, comment_block, function_definition, struct_definition|
+ type||index_status|pending, indexing, completed, failed, stale|
= 014 004
- index|vector_embedding|idx_vector_embedding_similarity|USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')|
+ column|indexed_content_768_backup|id|integer|int4
+ column|indexed_content_768_backup|indexed_at|timestamp with time zone|timestamptz
+ column|indexed_content_768_backup|status|character varying(20)|varchar
+ column|indexed_content_768_backup|updated_at|timestamp with time zone|timestamptz
+ column|vector_embedding_768_backup|chunk_index|integer NOT NULL|int4
+ column|vector_embedding_768_backup|chunk_text|text NOT NULL|text
+ column|vector_embedding_768_backup|content_id|integer NOT NULL|int4
+ column|vector_embedding_768_backup|created_at|timestamp with time zone|timestamptz
+ column|vector_embedding_768_backup|embedding|vector(384)|vector
+ column|vector_embedding_768_backup|id|integer NOT NULL|int4
+ column|vector_embedding_768_backup|line_end|integer|int4
+ column|vector_embedding_768_backup|line_start|integer|int4
+ column|vector_embedding_768_backup|metadata|jsonb|jsonb
+ table|indexed_content_768_backup|indexed_content_768_backup||
+ table|vector_embedding_768_backup|vector_embedding_768_backup||
= 014 003 004
- index|vector_embedding|idx_vector_embedding_model|USING btree (model_name, model_version)|
- index|vector_embedding|idx_vector_embedding_similarity|USING ivfflat (embedding vector_cosine_ops) WITH (lists='100')|
+ column|indexed_content_768_backup|id|integer|int4
+ column|indexed_content_768_backup|indexed_at|timestamp with time zone|timestamptz
+ column|indexed_content_768_backup|status|character varying(20)|varchar
+ column|indexed_content_768_backup|updated_at|timestamp with time zone|timestamptz
+ column|vector_embedding_768_backup|chunk_index|integer NOT NULL|int4
+ column|vector_embedding_768_backup|chunk_text|text NOT NULL|text
+ column|vector_embedding_768_backup|content_id|integer NOT NULL|int4
+ column|vector_embedding_768_backup|created_at|timestamp with time zone|timestamptz
+ column|vector_embedding_768_backup|embedding|vector(384)|vector
+ column|vector_embedding_768_backup|id|integer NOT NULL|int4
+ column|vector_embedding_768_backup|line_end|integer|int4
+ column|vector_embedding_768_backup|line_start|integer|int4
+ column|vector_embedding_768_backup|metadata|jsonb|jsonb
+ column|vector_embedding_768_backup|model_name|text NOT NULL|text
+ column|vector_embedding_768_backup|model_version|text NOT NULL|text
+ index|vector_embedding_768_backup|idx_vector_embedding_model|USING btree (model_name, model_version)|
+ table|indexed_content_768_backup|indexed_content_768_backup||
+ table|vector_embedding_768_backup|vector_embedding_768_backup||
"""#
    ),
    (
      "unified_embeddings",
#"""
= 0001 0002
+ column|embeddings|content_hash|character varying(64) NOT NULL|varchar
+ column|embeddings|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|embeddings|embedding_model|character varying(100) NOT NULL|varchar
+ column|embeddings|embedding|vector(1536) NOT NULL|vector
+ column|embeddings|id|uuid NOT NULL|uuid
+ column|embeddings|metadata|jsonb NOT NULL|jsonb
+ column|embeddings|source_id|uuid NOT NULL|uuid
+ column|embeddings|source_table|character varying(100) NOT NULL|varchar
+ column|embeddings|updated_at|timestamp with time zone NOT NULL|timestamptz
+ constraint|embeddings|embeddings_pkey|PRIMARY KEY (id)|
+ constraint|embeddings|embeddings_source_table_source_id_embedding_model_key|UNIQUE (source_table, source_id, embedding_model)|
+ function||similarity_search|vector, double precision, integer, text|
+ function||upsert_embedding|text, uuid, vector, text, text, jsonb|
+ index|embeddings|embeddings_content_hash_idx|USING btree (content_hash)|
+ index|embeddings|embeddings_created_at_idx|USING btree (created_at)|
+ index|embeddings|embeddings_source_idx|USING btree (source_table, source_id)|
+ table|embeddings|embeddings||
= 0001 0002 0003
+ function||rebuild_vector_indexes|text|
+ view||vector_search_stats||
= 0001 0002 0003 0004
+ column|cache_invalidation_log|cache_key|character varying(255) NOT NULL|varchar
+ column|cache_invalidation_log|cache_namespace|character varying(100) NOT NULL|varchar
+ column|cache_invalidation_log|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|cache_invalidation_log|id|uuid NOT NULL|uuid
+ column|cache_invalidation_log|invalidated_by|uuid|uuid
+ column|cache_invalidation_log|invalidation_reason|text|text
+ column|cache_invalidation_log|metadata|jsonb NOT NULL|jsonb
+ column|knowledge_entries|content|text NOT NULL|text
+ column|knowledge_entries|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|knowledge_entries|id|uuid NOT NULL|uuid
+ column|knowledge_entries|search_vector|tsvector|tsvector
+ column|knowledge_entries|tags|text[] NOT NULL|_text
+ column|knowledge_entries|title|text NOT NULL|text
+ column|knowledge_entries|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|knowledge_entries|user_id|uuid|uuid
+ column|redis_sessions|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|redis_sessions|data_type|character varying(50) NOT NULL|varchar
+ column|redis_sessions|expires_at|timestamp with time zone NOT NULL|timestamptz
+ column|redis_sessions|id|uuid NOT NULL|uuid
+ column|redis_sessions|metadata|jsonb NOT NULL|jsonb
+ column|redis_sessions|session_key|character varying(255) NOT NULL|varchar
+ column|redis_sessions|ttl_seconds|integer NOT NULL|int4
+ column|redis_sessions|user_id|uuid|uuid
+ column|retrieval_configs|config_name|character varying(100) NOT NULL|varchar
+ column|retrieval_configs|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|retrieval_configs|id|uuid NOT NULL|uuid
+ column|retrieval_configs|is_active|boolean NOT NULL|bool
+ column|retrieval_configs|keyword_weight|double precision NOT NULL|float8
+ column|retrieval_configs|max_results|integer NOT NULL|int4
+ column|retrieval_configs|rerank_enabled|boolean NOT NULL|bool
+ column|retrieval_configs|similarity_threshold|double precision NOT NULL|float8
+ column|retrieval_configs|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|retrieval_configs|user_id|uuid NOT NULL|uuid
+ column|retrieval_configs|vector_weight|double precision NOT NULL|float8
+ column|search_performance_metrics|cache_hit|boolean NOT NULL|bool
+ column|search_performance_metrics|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|search_performance_metrics|execution_time_ms|double precision NOT NULL|float8
+ column|search_performance_metrics|id|uuid NOT NULL|uuid
+ column|search_performance_metrics|metadata|jsonb NOT NULL|jsonb
+ column|search_performance_metrics|query_text|text|text
+ column|search_performance_metrics|result_count|integer NOT NULL|int4
+ column|search_performance_metrics|search_type|character varying(20) NOT NULL|varchar
+ column|search_performance_metrics|user_id|uuid|uuid
+ column|users|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|users|email|character varying(255)|varchar
+ column|users|id|uuid NOT NULL|uuid
+ constraint|cache_invalidation_log|cache_invalidation_log_invalidated_by_fkey|FOREIGN KEY (invalidated_by) REFERENCES users(id) ON DELETE SET NULL|
+ constraint|cache_invalidation_log|cache_invalidation_log_pkey|PRIMARY KEY (id)|
+ constraint|knowledge_entries|knowledge_entries_pkey|PRIMARY KEY (id)|
+ constraint|knowledge_entries|knowledge_entries_user_id_fkey|FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE|
+ constraint|redis_sessions|redis_sessions_pkey|PRIMARY KEY (id)|
+ constraint|redis_sessions|redis_sessions_session_key_key|UNIQUE (session_key)|
+ constraint|redis_sessions|redis_sessions_ttl_seconds_check|CHECK ((ttl_seconds > 0))|
+ constraint|redis_sessions|redis_sessions_user_id_fkey|FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE|
+ constraint|retrieval_configs|retrieval_configs_check|CHECK ((abs(((vector_weight + keyword_weight) - (1)::double precision)) < (0.000001)::double precision))|
+ constraint|retrieval_configs|retrieval_configs_keyword_weight_check|CHECK (((keyword_weight >= (0)::double precision) AND (keyword_weight <= (1)::double precision)))|
+ constraint|retrieval_configs|retrieval_configs_max_results_check|CHECK ((max_results > 0))|
+ constraint|retrieval_configs|retrieval_configs_pkey|PRIMARY KEY (id)|
+ constraint|retrieval_configs|retrieval_configs_similarity_threshold_check|CHECK (((similarity_threshold >= (0)::double precision) AND (similarity_threshold <= (1)::double precision)))|
+ constraint|retrieval_configs|retrieval_configs_user_id_config_name_key|UNIQUE (user_id, config_name)|
+ constraint|retrieval_configs|retrieval_configs_user_id_fkey|FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE|
+ constraint|retrieval_configs|retrieval_configs_vector_weight_check|CHECK (((vector_weight >= (0)::double precision) AND (vector_weight <= (1)::double precision)))|
+ constraint|search_performance_metrics|search_performance_metrics_pkey|PRIMARY KEY (id)|
+ constraint|search_performance_metrics|search_performance_metrics_search_type_check|CHECK (((search_type)::text = ANY (ARRAY['vector'::text, 'keyword'::text, 'hybrid'::text])))|
+ constraint|search_performance_metrics|search_performance_metrics_user_id_fkey|FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE SET NULL|
+ constraint|users|users_email_key|UNIQUE (email)|
+ constraint|users|users_pkey|PRIMARY KEY (id)|
+ function||hybrid_search|text, vector, double precision, double precision, double precision, integer, uuid|
+ function||knowledge_entries_search_vector||
+ index|cache_invalidation_log|cache_invalidation_log_key_idx|USING btree (cache_namespace, cache_key)|
+ index|knowledge_entries|knowledge_entries_search_vector_idx|USING gin (search_vector)|
+ index|knowledge_entries|knowledge_entries_user_id_idx|USING btree (user_id)|
+ index|redis_sessions|redis_sessions_expires_at_idx|USING btree (expires_at)|
+ index|redis_sessions|redis_sessions_user_id_idx|USING btree (user_id)|
+ index|search_performance_metrics|search_performance_metrics_created_at_idx|USING btree (created_at)|
+ table|cache_invalidation_log|cache_invalidation_log||
+ table|knowledge_entries|knowledge_entries||
+ table|redis_sessions|redis_sessions||
+ table|retrieval_configs|retrieval_configs||
+ table|search_performance_metrics|search_performance_metrics||
+ table|users|users||
+ trigger|knowledge_entries|knowledge_entries_search_vector|23  sets search_vector|
"""#
    ),
    (
      "forum_vectors",
#"""
= 20240211000001
+ column|forums|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|forums|id|integer NOT NULL|int4
+ column|forums|metadata|jsonb|jsonb
+ column|forums|name|character varying(255) NOT NULL|varchar
+ column|forums|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|forums|url|character varying(255) NOT NULL|varchar
+ constraint|forums|forums_name_key|UNIQUE (name)|
+ constraint|forums|forums_pkey|PRIMARY KEY (id)|
+ sequence|forums|forums_id_seq|id|
+ table|forums|forums||
= 20240211000001 20240211000002
+ column|posts|author|character varying(255) NOT NULL|varchar
+ column|posts|content|text NOT NULL|text
+ column|posts|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|posts|forum_id|integer|int4
+ column|posts|id|integer NOT NULL|int4
+ column|posts|metadata|jsonb|jsonb
+ column|posts|topic_id|integer|int4
+ column|posts|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|topics|author|character varying(255) NOT NULL|varchar
+ column|topics|content|text NOT NULL|text
+ column|topics|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|topics|forum_id|integer|int4
+ column|topics|id|integer NOT NULL|int4
+ column|topics|metadata|jsonb|jsonb
+ column|topics|title|character varying(255) NOT NULL|varchar
+ column|topics|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|topics|view_count|integer|int4
+ constraint|posts|posts_forum_id_fkey|FOREIGN KEY (forum_id) REFERENCES forums(id) ON DELETE CASCADE|
+ constraint|posts|posts_pkey|PRIMARY KEY (id)|
+ constraint|posts|posts_topic_id_fkey|FOREIGN KEY (topic_id) REFERENCES topics(id) ON DELETE CASCADE|
+ constraint|topics|topics_forum_id_fkey|FOREIGN KEY (forum_id) REFERENCES forums(id) ON DELETE CASCADE|
+ constraint|topics|topics_pkey|PRIMARY KEY (id)|
+ index|posts|posts_created_at_idx|USING btree (created_at)|
+ index|posts|posts_forum_id_idx|USING btree (forum_id)|
+ index|posts|posts_topic_id_idx|USING btree (topic_id)|
+ index|topics|topics_created_at_idx|USING btree (created_at)|
+ index|topics|topics_forum_id_idx|USING btree (forum_id)|
+ sequence|posts|posts_id_seq|id|
+ sequence|topics|topics_id_seq|id|
+ table|posts|posts||
+ table|topics|topics||
= 20240211000001 20240211000002 20240211000003
+ column|post_vectors|content_vector|vector(1536) NOT NULL|vector
+ column|post_vectors|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|post_vectors|forum_id|integer|int4
+ column|post_vectors|id|integer NOT NULL|int4
+ column|post_vectors|post_id|integer|int4
+ column|post_vectors|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|topic_vectors|combined_vector|vector(1536) NOT NULL|vector
+ column|topic_vectors|content_vector|vector(1536) NOT NULL|vector
+ column|topic_vectors|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|topic_vectors|forum_id|integer|int4
+ column|topic_vectors|id|integer NOT NULL|int4
+ column|topic_vectors|title_vector|vector(1536)|vector
+ column|topic_vectors|topic_id|integer|int4
+ column|topic_vectors|updated_at|timestamp with time zone NOT NULL|timestamptz
+ constraint|post_vectors|post_vectors_forum_id_fkey|FOREIGN KEY (forum_id) REFERENCES forums(id) ON DELETE CASCADE|
+ constraint|post_vectors|post_vectors_pkey|PRIMARY KEY (id)|
+ constraint|post_vectors|post_vectors_post_id_fkey|FOREIGN KEY (post_id) REFERENCES posts(id) ON DELETE CASCADE|
+ constraint|topic_vectors|topic_vectors_forum_id_fkey|FOREIGN KEY (forum_id) REFERENCES forums(id) ON DELETE CASCADE|
+ constraint|topic_vectors|topic_vectors_pkey|PRIMARY KEY (id)|
+ constraint|topic_vectors|topic_vectors_topic_id_fkey|FOREIGN KEY (topic_id) REFERENCES topics(id) ON DELETE CASCADE|
+ index|post_vectors|post_vectors_content_vector_idx|USING ivfflat (content_vector vector_cosine_ops) WITH (lists='100')|
+ index|post_vectors|post_vectors_forum_id_idx|USING btree (forum_id)|
+ index|post_vectors|post_vectors_post_id_idx|USING btree (post_id)|
+ index|topic_vectors|topic_vectors_combined_vector_idx|USING ivfflat (combined_vector vector_cosine_ops) WITH (lists='100')|
+ index|topic_vectors|topic_vectors_forum_created_at_idx|USING btree (forum_id, created_at DESC)|
+ index|topic_vectors|topic_vectors_forum_id_idx|USING btree (forum_id)|
+ index|topic_vectors|topic_vectors_topic_id_idx|USING btree (topic_id)|
+ sequence|post_vectors|post_vectors_id_seq|id|
+ sequence|topic_vectors|topic_vectors_id_seq|id|
+ table|post_vectors|post_vectors||
+ table|topic_vectors|topic_vectors||
= 20240211000001 20240211000002 20240211000003 20240211000004
+ column|content_evaluations|content_id|integer NOT NULL|int4
+ column|content_evaluations|content_type|character varying(255) NOT NULL|varchar
+ column|content_evaluations|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|content_evaluations|forum_id|integer|int4
+ column|content_evaluations|id|integer NOT NULL|int4
+ column|content_evaluations|metadata|jsonb|jsonb
+ column|content_evaluations|quality_score|real NOT NULL|float4
+ column|content_evaluations|relevance_score|real NOT NULL|float4
+ column|content_evaluations|summary|text|text
+ column|content_evaluations|updated_at|timestamp with time zone NOT NULL|timestamptz
+ constraint|content_evaluations|content_evaluations_content_type_check|CHECK (((content_type)::text = ANY (ARRAY['topic'::text, 'post'::text])))|
+ constraint|content_evaluations|content_evaluations_forum_id_fkey|FOREIGN KEY (forum_id) REFERENCES forums(id) ON DELETE CASCADE|
+ constraint|content_evaluations|content_evaluations_pkey|PRIMARY KEY (id)|
+ index|content_evaluations|content_evaluations_content_idx|USING btree (content_id, content_type)|
+ index|content_evaluations|content_evaluations_created_at_idx|USING btree (created_at)|
+ index|content_evaluations|content_evaluations_forum_id_idx|USING btree (forum_id)|
+ index|content_evaluations|content_evaluations_quality_score_idx|USING btree (quality_score)|
+ index|content_evaluations|content_evaluations_relevance_score_idx|USING btree (relevance_score)|
+ sequence|content_evaluations|content_evaluations_id_seq|id|
+ table|content_evaluations|content_evaluations||
= 20240211000001 20240211000002 20240211000003 20240211000004 20240212000001
+ column|topic_vectors|category_vector|vector(768)|vector
+ column|topic_vectors|sentiment_vector|vector(1536)|vector
= 20240211000001 20240211000002 20240211000003 20240211000004 20240212000002
- column|topic_vectors|title_vector|vector(1536)|vector
+ column|topic_vectors|title_vector_1536|vector(1536)|vector
+ column|topic_vectors|title_vector|vector(768)|vector
= 20240211000001 20240211000002 20240211000003 20240211000004 20240212000003
+ index|topic_vectors|topic_vectors_content_vector_idx|USING ivfflat (content_vector vector_cosine_ops) WITH (lists='100')|
= 20240211000001 20240211000002 20240211000003 20240211000004 20240212000001 20240212000002
- column|topic_vectors|title_vector|vector(1536)|vector
+ column|topic_vectors|title_vector_1536|vector(1536)|vector
+ column|topic_vectors|title_vector|vector(768)|vector
= 20240211000001 20240211000002 20240211000003 20240211000004 20240212000001 20240212000003
+ index|topic_vectors|topic_vectors_content_vector_idx|USING ivfflat (content_vector vector_cosine_ops) WITH (lists='100')|
= 20240211000001 20240211000002 20240211000003 20240211000004 20240212000002 20240212000003
+ index|topic_vectors|topic_vectors_content_vector_idx|USING ivfflat (content_vector vector_cosine_ops) WITH (lists='100')|
= 20240211000001 20240211000002 20240211000003 20240211000004 20240212000001 20240212000002 20240212000003
+ index|topic_vectors|topic_vectors_content_vector_idx|USING ivfflat (content_vector vector_cosine_ops) WITH (lists='100')|
"""#
    ),
    (
      "knowledge_graph",
#"""
= 001
+ column|code_embeddings|content_preview|text|text
+ column|code_embeddings|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|code_embeddings|embedding|vector(1536)|vector
+ column|code_embeddings|file_hash|character varying(64) NOT NULL|varchar
+ column|code_embeddings|file_path|text NOT NULL|text
+ column|code_embeddings|id|integer NOT NULL|int4
+ column|code_embeddings|language|character varying(50)|varchar
+ column|code_embeddings|metadata|jsonb NOT NULL|jsonb
+ column|code_embeddings|tokens_count|integer NOT NULL|int4
+ column|code_embeddings|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|code_patterns|confidence_score|real NOT NULL|float4
+ column|code_patterns|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|code_patterns|examples|jsonb NOT NULL|jsonb
+ column|code_patterns|frequency|integer NOT NULL|int4
+ column|code_patterns|id|integer NOT NULL|int4
+ column|code_patterns|language|character varying(50) NOT NULL|varchar
+ column|code_patterns|metadata|jsonb NOT NULL|jsonb
+ column|code_patterns|pattern_name|character varying(255) NOT NULL|varchar
+ column|code_patterns|pattern_template|text NOT NULL|text
+ column|code_patterns|pattern_type|character varying(100) NOT NULL|varchar
+ column|code_patterns|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|code_relationships|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|code_relationships|id|integer NOT NULL|int4
+ column|code_relationships|metadata|jsonb NOT NULL|jsonb
+ column|code_relationships|relationship_type|character varying(100) NOT NULL|varchar
+ column|code_relationships|source_entity|text|text
+ column|code_relationships|source_file|text NOT NULL|text
+ column|code_relationships|strength|real NOT NULL|float4
+ column|code_relationships|target_entity|text|text
+ column|code_relationships|target_file|text NOT NULL|text
+ column|code_relationships|updated_at|timestamp with time zone NOT NULL|timestamptz
+ column|embedding_cache_stats|api_calls_count|integer NOT NULL|int4
+ column|embedding_cache_stats|cache_hits_count|integer NOT NULL|int4
+ column|embedding_cache_stats|cache_miss_count|integer NOT NULL|int4
+ column|embedding_cache_stats|created_at|timestamp with time zone NOT NULL|timestamptz
+ column|embedding_cache_stats|date|date NOT NULL|date
+ column|embedding_cache_stats|estimated_cost|numeric(12,6) NOT NULL|numeric
+ column|embedding_cache_stats|id|integer NOT NULL|int4
+ column|embedding_cache_stats|metadata|jsonb NOT NULL|jsonb
+ column|embedding_cache_stats|tokens_used|bigint NOT NULL|int8
+ column|embedding_cache_stats|updated_at|timestamp with time zone NOT NULL|timestamptz
+ constraint|code_embeddings|code_embeddings_file_path_file_hash_key|UNIQUE (file_path, file_hash)|
+ constraint|code_embeddings|code_embeddings_pkey|PRIMARY KEY (id)|
+ constraint|code_patterns|code_patterns_confidence_score_check|CHECK (((confidence_score >= (0)::real) AND (confidence_score <= (1)::real)))|
+ constraint|code_patterns|code_patterns_pattern_name_language_key|UNIQUE (pattern_name, language)|
+ constraint|code_patterns|code_patterns_pkey|PRIMARY KEY (id)|
+ constraint|code_relationships|code_relationships_pkey|PRIMARY KEY (id)|
+ constraint|embedding_cache_stats|embedding_cache_stats_date_key|UNIQUE (date)|
+ constraint|embedding_cache_stats|embedding_cache_stats_pkey|PRIMARY KEY (id)|
+ function||knowledge_graph_touch_updated_at||
+ index|code_embeddings|code_embeddings_created_at_idx|USING btree (created_at)|
+ index|code_embeddings|code_embeddings_embedding_idx|USING hnsw (embedding vector_cosine_ops) WITH (m='16', ef_construction='64')|
+ index|code_embeddings|code_embeddings_file_hash_idx|USING btree (file_hash)|
+ index|code_embeddings|code_embeddings_file_path_idx|USING btree (file_path)|
+ index|code_embeddings|code_embeddings_language_idx|USING btree (language)|
+ index|code_patterns|code_patterns_frequency_idx|USING btree (frequency DESC)|
+ index|code_patterns|code_patterns_language_idx|USING btree (language)|
+ index|code_patterns|code_patterns_pattern_type_idx|USING btree (pattern_type)|
+ index|code_relationships|code_relationships_relationship_type_idx|USING btree (relationship_type)|
+ index|code_relationships|code_relationships_source_file_idx|USING btree (source_file)|
+ index|code_relationships|code_relationships_target_file_idx|USING btree (target_file)|
+ index|embedding_cache_stats|embedding_cache_stats_created_at_idx|USING btree (created_at)|
+ sequence|code_embeddings|code_embeddings_id_seq|id|
+ sequence|code_patterns|code_patterns_id_seq|id|
+ sequence|code_relationships|code_relationships_id_seq|id|
+ sequence|embedding_cache_stats|embedding_cache_stats_id_seq|id|
+ table|code_embeddings|code_embeddings||
+ table|code_patterns|code_patterns||
+ table|code_relationships|code_relationships||
+ table|embedding_cache_stats|embedding_cache_stats||
+ trigger|code_embeddings|code_embeddings_updated_at|19  sets updated_at|
+ trigger|code_patterns|code_patterns_updated_at|19  sets updated_at|
+ trigger|code_relationships|code_relationships_updated_at|19  sets updated_at|
+ trigger|embedding_cache_stats|embedding_cache_stats_updated_at|19  sets updated_at|
= 001 002
+ security|code_embeddings|enabled||
+ security|code_patterns|enabled||
+ security|code_relationships|enabled||
+ security|embedding_cache_stats|enabled||
"""#
    ),
  ]
}
