-- The first row of the ledger. A database that is set up already is taken over with
-- `schema baseline`; an empty one begins here.
-- migrate:up
SELECT 1;

-- migrate:down
SELECT 1;
