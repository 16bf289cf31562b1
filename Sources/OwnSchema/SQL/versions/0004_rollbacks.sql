-- Which runs are rollbacks, of what, and in which table: what one of them brought back is not a
-- migration that the next one could mean.

ALTER TABLE vector_ferry.runs
  ADD COLUMN takes_back uuid REFERENCES vector_ferry.runs,
  ADD COLUMN takes_back_in text;
