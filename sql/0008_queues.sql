-- What waits to be done. Rows are inserted and deleted, never updated; attempts are counted beside them, so that a
-- claim reads its index in order and dead rows lie behind the mark where the next claim begins.
SET LOCAL ROLE reeve_owner;

-- One durable instant at which an instance must be stepped. The generation counts within the instance.
CREATE TABLE reeve.timer (
    tenant_id uuid NOT NULL,
    due_at timestamptz NOT NULL,
    instance_id uuid NOT NULL,
    generation bigint NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    PRIMARY KEY (tenant_id, due_at, instance_id, generation)
) WITH (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_scale_factor = 0.05
);

CREATE TABLE reeve.timer_attempt (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    generation bigint NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    worker_id uuid,
    error text,
    attempted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, instance_id, generation)
);

-- Outward acts, one row a recipient. The identifier is derived from tenant, instance, sequence, ordinal and content,
-- and is the same at every attempt.
CREATE TABLE reeve.outbox (
    tenant_id uuid NOT NULL,
    next_at timestamptz NOT NULL,
    id uuid NOT NULL,
    instance_id uuid NOT NULL,
    sequence bigint NOT NULL,
    ordinal integer NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    kind text NOT NULL CHECK (kind IN ('notification', 'call')),
    -- The connector of a call; of a notification the person.
    destination text NOT NULL,
    -- Where it goes; NULL until a notification has become one row for each way to reach the person.
    channel text,
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, next_at, id)
) WITH (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_scale_factor = 0.05
);

-- What was delivered, or given up; the content is gone.
CREATE TABLE reeve.delivery (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    instance_id uuid NOT NULL,
    sequence bigint NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    destination text NOT NULL,
    channel text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('delivered', 'withheld', 'dead')),
    attempts integer NOT NULL,
    detail text,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX delivery_of_instance ON reeve.delivery (tenant_id, instance_id, sequence);
CREATE INDEX delivery_by_age ON reeve.delivery (finished_at);

CREATE TABLE reeve.dead_letter (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    instance_id uuid NOT NULL,
    sequence bigint NOT NULL,
    ordinal integer NOT NULL,
    attempts integer NOT NULL,
    kind text NOT NULL,
    destination text NOT NULL,
    channel text,
    body jsonb NOT NULL,
    error text NOT NULL,
    created_at timestamptz NOT NULL,
    died_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id)
);

-- Messages between instances and openings of children. Positions are given under the lock of the instance that sends,
-- so that what one sends to another arrives in order; a consumer takes a target's messages in that order only.
CREATE TABLE reeve.inbox (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    target_id uuid NOT NULL,
    source_id uuid NOT NULL,
    source_sequence bigint NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('open', 'message')),
    body jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, position)
) WITH (
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_scale_factor = 0.05
);
CREATE INDEX inbox_of_target ON reeve.inbox (tenant_id, target_id, position);

-- Messages that could not be taken: how often, why, and when to look again.
CREATE TABLE reeve.inbox_attempt (
    tenant_id uuid NOT NULL,
    position bigint NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    error text,
    next_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, position)
);

-- Where deliveries go: the transport's settings, its secret under a key of the installation, its circuit breaker.
CREATE TABLE reeve.destination (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    transport text NOT NULL CHECK (transport ~ '^[a-z][a-z0-9-]*$'),
    settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    secret bytea,
    secret_key_id text,
    PRIMARY KEY (tenant_id, id),
    CHECK ((secret IS NULL) = (secret_key_id IS NULL))
);

CREATE TABLE reeve.breaker (
    tenant_id uuid NOT NULL,
    destination text NOT NULL,
    state text NOT NULL CHECK (state IN ('closed', 'open', 'half-open')),
    failures integer NOT NULL DEFAULT 0,
    error text,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    probe_at timestamptz,
    PRIMARY KEY (tenant_id, destination)
);

-- A process that enforces clocks. One that is not marked as stopped ended uncleanly: its successor goes carefully.
CREATE TABLE reeve.worker (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    process_id integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    stopped_at timestamptz
);
GRANT SELECT ON reeve.worker TO reeve_app, reeve_auditor;
GRANT SELECT, INSERT, UPDATE, DELETE ON reeve.worker TO reeve_engine;

DO $$
DECLARE
    queue text;
BEGIN
    FOREACH queue IN ARRAY ARRAY[
        'reeve.timer', 'reeve.timer_attempt', 'reeve.outbox', 'reeve.delivery', 'reeve.dead_letter']
    LOOP
        CALL reeve.separate_instances(queue);
        EXECUTE format('GRANT SELECT ON %s TO reeve_app, reeve_engine, reeve_auditor', queue);
        EXECUTE format('GRANT INSERT, DELETE ON %s TO reeve_engine', queue);
    END LOOP;
    FOREACH queue IN ARRAY ARRAY['reeve.inbox', 'reeve.inbox_attempt', 'reeve.destination', 'reeve.breaker'] LOOP
        CALL reeve.separate_tenants(queue);
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON %s TO reeve_engine', queue);
    END LOOP;
END
$$;
-- Claims lock rows, which asks for the right to update a column of them.
GRANT UPDATE (key) ON reeve.timer TO reeve_engine;
GRANT UPDATE (attempts) ON reeve.outbox TO reeve_engine;
GRANT UPDATE (ordinal) ON reeve.inbox TO reeve_engine;
GRANT UPDATE ON reeve.timer_attempt, reeve.inbox_attempt, reeve.destination, reeve.breaker TO reeve_engine;
GRANT SELECT (tenant_id, id, transport, settings, secret_key_id) ON reeve.destination TO reeve_app, reeve_auditor;
GRANT SELECT ON reeve.breaker TO reeve_app, reeve_auditor;

RESET ROLE;
