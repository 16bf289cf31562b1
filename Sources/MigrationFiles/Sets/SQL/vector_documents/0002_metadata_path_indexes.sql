-- Lookups by what the application keeps in metadata; the partial ones serve one record type each.
-- migrate:up
CREATE INDEX vector_documents_record_type_idx ON vector_documents ((metadata->>'record_type'::text));
CREATE INDEX vector_documents_record_id_idx ON vector_documents ((metadata->>'record_id'::text));
CREATE INDEX vector_documents_user_record_idx
  ON vector_documents (user_id, (metadata->>'record_type'::text), (metadata->>'record_id'::text));
CREATE INDEX vector_documents_application_status_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'status'::text))
  WHERE metadata->>'record_type'::text = 'application';
CREATE INDEX vector_documents_application_company_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'company'::text))
  WHERE metadata->>'record_type'::text = 'application';
CREATE INDEX vector_documents_question_type_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'type'::text))
  WHERE metadata->>'record_type'::text = 'question';
CREATE INDEX vector_documents_question_category_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'category'::text))
  WHERE metadata->>'record_type'::text = 'question';
CREATE INDEX vector_documents_question_difficulty_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'difficulty'::text))
  WHERE metadata->>'record_type'::text = 'question';
CREATE INDEX vector_documents_resume_is_master_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'is_master'::text))
  WHERE metadata->>'record_type'::text = 'resume';
CREATE INDEX vector_documents_resume_tailored_idx
  ON vector_documents (user_id, (metadata->'data'::text->>'tailored_for_company'::text))
  WHERE metadata->>'record_type'::text = 'resume';

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
