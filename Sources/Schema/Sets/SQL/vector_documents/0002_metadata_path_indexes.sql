-- Lookups by what the application keeps in metadata; the partial ones serve one record type each.
-- migrate:up
CREATE INDEX vector_documents_record_type_idx ON vector_documents ((metadata->>'record_type'));
CREATE INDEX vector_documents_record_id_idx ON vector_documents ((metadata->>'record_id'));
CREATE INDEX vector_documents_user_record_idx
  ON vector_documents (user_id, (metadata->>'record_type'), (metadata->>'record_id'));
CREATE INDEX vector_documents_application_status_idx
  ON vector_documents (user_id, (metadata->'data'->>'status'))
  WHERE metadata->>'record_type' = 'application';
CREATE INDEX vector_documents_application_company_idx
  ON vector_documents (user_id, (metadata->'data'->>'company'))
  WHERE metadata->>'record_type' = 'application';
CREATE INDEX vector_documents_question_type_idx
  ON vector_documents (user_id, (metadata->'data'->>'type'))
  WHERE metadata->>'record_type' = 'question';
CREATE INDEX vector_documents_question_category_idx
  ON vector_documents (user_id, (metadata->'data'->>'category'))
  WHERE metadata->>'record_type' = 'question';
CREATE INDEX vector_documents_question_difficulty_idx
  ON vector_documents (user_id, (metadata->'data'->>'difficulty'))
  WHERE metadata->>'record_type' = 'question';
CREATE INDEX vector_documents_resume_is_master_idx
  ON vector_documents (user_id, (metadata->'data'->>'is_master'))
  WHERE metadata->>'record_type' = 'resume';
CREATE INDEX vector_documents_resume_tailored_idx
  ON vector_documents (user_id, (metadata->'data'->>'tailored_for_company'))
  WHERE metadata->>'record_type' = 'resume';

-- migrate:down
DROP INDEX vector_documents_resume_tailored_idx;
DROP INDEX vector_documents_resume_is_master_idx;
DROP INDEX vector_documents_question_difficulty_idx;
DROP INDEX vector_documents_question_category_idx;
DROP INDEX vector_documents_question_type_idx;
DROP INDEX vector_documents_application_company_idx;
DROP INDEX vector_documents_application_status_idx;
DROP INDEX vector_documents_user_record_idx;
DROP INDEX vector_documents_record_id_idx;
DROP INDEX vector_documents_record_type_idx;
