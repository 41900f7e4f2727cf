-- What a timer that falls due need not write.
SET LOCAL ROLE reeve_owner;

-- Of a clock that runs, lists tell by its due instant whether it is overdue.
COMMENT ON COLUMN reeve.clock.is_overdue IS 'Whether it had been overdue when it was paused or ended.';
UPDATE reeve.clock SET is_overdue = false WHERE status = 'running' AND is_overdue;

RESET ROLE;
