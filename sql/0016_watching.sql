-- What monitoring asks often.
CREATE INDEX instance_suspended ON reeve.instance (tenant_id) WHERE status = 'suspended';

-- Sessions of others are seen by members of pg_read_all_stats alone; without it the age of the oldest transaction is
-- that of Reeve's own.
DO $$
BEGIN
    GRANT pg_read_all_stats TO reeve_engine;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'reeve_engine cannot be granted pg_read_all_stats; grant it as a superuser to see all transactions';
END
$$;
