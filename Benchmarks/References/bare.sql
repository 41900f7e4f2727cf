-- The tables that one transition touches, with their keys and without what Reeve's schema refuses: no triggers, no
-- foreign keys, no checks, no row-level security, no partitions.
CREATE SCHEMA bare;
CREATE TABLE bare.instance (
    tenant_id uuid, id uuid, sequence bigint, opened_at timestamptz, last_at timestamptz, version integer,
    definition text, state text, status text, kind text, visibility text, reference text,
    parent_id uuid, parent_child text, parent_key text, PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE TABLE bare.instance_data (
    tenant_id uuid, instance_id uuid, snapshot json, PRIMARY KEY (tenant_id, instance_id)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE TABLE bare.journal (
    tenant_id uuid, instance_id uuid, sequence bigint, happened_at timestamptz, recorded_at timestamptz,
    xid xid8 DEFAULT pg_current_xact_id(), incarnation integer, version integer, definition text, kind text,
    event text, from_state text, to_state text, status text, actor text, erases bigint, encoding smallint,
    facts bytea, payload_hmac bytea, hash bytea, PRIMARY KEY (tenant_id, instance_id, sequence)
);
CREATE TABLE bare.timer (
    tenant_id uuid, due_at timestamptz, instance_id uuid, generation bigint, name text, key text,
    PRIMARY KEY (tenant_id, due_at, instance_id, generation)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
CREATE TABLE bare.outbox (
    tenant_id uuid, next_at timestamptz, id uuid, instance_id uuid, sequence bigint, ordinal integer,
    attempts integer DEFAULT 0, kind text, destination text, channel text, body json, created_at timestamptz,
    PRIMARY KEY (tenant_id, next_at, id)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
