-- What is sent is written and read whole: `json` keeps the text, `jsonb` takes it apart and puts it together again.
SET LOCAL ROLE reeve_owner;

ALTER TABLE reeve.outbox ALTER COLUMN body TYPE json USING body::text::json;
ALTER TABLE reeve.dead_letter ALTER COLUMN body TYPE json USING body::text::json;
ALTER TABLE reeve.inbox ALTER COLUMN body TYPE json USING body::text::json;

RESET ROLE;
