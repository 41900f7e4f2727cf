-- What a timer that falls due need not do.
SET LOCAL ROLE reeve_owner;

-- Of a clock that runs, lists tell by its due instant whether it is overdue.
COMMENT ON COLUMN reeve.clock.is_overdue IS 'Whether it had been overdue when it was paused or ended.';
UPDATE reeve.clock SET is_overdue = false WHERE status = 'running' AND is_overdue;

-- Snapshots are read and written whole, at every step: `json` keeps the text, `jsonb` takes it apart and puts it
-- together again.
DROP POLICY retention_empties ON reeve.instance_data;
ALTER TABLE reeve.instance_data ALTER COLUMN snapshot TYPE json USING snapshot::text::json;
CREATE POLICY retention_empties ON reeve.instance_data AS RESTRICTIVE FOR UPDATE TO reeve_retention
    USING (true) WITH CHECK (snapshot ->> 'data' = '{}');

RESET ROLE;
