-- Recurrences that open instances: the schedule of a definition, and each occurrence that was handled.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.schedule (
    tenant_id uuid NOT NULL,
    definition text NOT NULL,
    version integer NOT NULL,
    -- The next occurrence that is not handled; NULL when the recurrence has ended.
    next_at timestamptz,
    error text,
    PRIMARY KEY (tenant_id, definition),
    FOREIGN KEY (tenant_id, definition, version) REFERENCES reeve.definition
);
CREATE INDEX schedule_due ON reeve.schedule (next_at);

-- At most one instance for each occurrence and key, however many workers try.
CREATE TABLE reeve.schedule_occurrence (
    tenant_id uuid NOT NULL,
    definition text NOT NULL,
    occurs_at timestamptz NOT NULL,
    key text NOT NULL,
    instance_id uuid NOT NULL,
    handled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, definition, occurs_at, key),
    FOREIGN KEY (tenant_id, definition) REFERENCES reeve.schedule
);

CALL reeve.separate_tenants('reeve.schedule');
CALL reeve.separate_tenants('reeve.schedule_occurrence');
GRANT SELECT ON reeve.schedule, reeve.schedule_occurrence TO reeve_app, reeve_engine, reeve_auditor;
GRANT INSERT, UPDATE, DELETE ON reeve.schedule TO reeve_engine;
GRANT INSERT ON reeve.schedule_occurrence TO reeve_engine;

RESET ROLE;
