-- What is known of rows that stood in a table before any run wrote there.
--
-- "adoptions" has one row for each that a store has taken over: the id that its document would
-- have had, and, once something of it was replaced, what that was. "alongside" names those that
-- stay as they are beside a store. "former_stores" names the stores that a rollback has taken out
-- of the ledger: what then stands in their collections is the application's.

CREATE TABLE vector_ferry.adoptions (
  store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
  document_id uuid NOT NULL,
  own_id uuid NOT NULL,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  is_replaced boolean NOT NULL,
  text text,
  embedding pgvector.vector,
  metadata jsonb,
  created_at timestamptz,
  PRIMARY KEY (store_id, document_id),
  UNIQUE (store_id, own_id)
);

CREATE TABLE vector_ferry.alongside (
  store_id bigint NOT NULL REFERENCES vector_ferry.stores ON DELETE CASCADE,
  document_id uuid NOT NULL,
  PRIMARY KEY (store_id, document_id)
);

CREATE TABLE vector_ferry.former_stores (
  table_name text NOT NULL,
  user_id varchar(255) NOT NULL,
  collection_name varchar(255) NOT NULL,
  run_id uuid NOT NULL REFERENCES vector_ferry.runs,
  PRIMARY KEY (user_id, collection_name, table_name)
);
