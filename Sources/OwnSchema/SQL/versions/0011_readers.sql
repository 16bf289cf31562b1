-- What was measured for readers other than those with full queries: the recall for queries that are
-- cut to the first numbers, and for documents that were added after the model was fitted.

ALTER TABLE vector_ferry.stores
  ADD COLUMN cut_recall float8,
  ADD COLUMN added_recall float8;
