-- Format 8: mergers that were taken back. The record stays, and no id follows it any more.

ALTER TABLE merge ADD COLUMN undone_at BIGINT;
