-- What lists are read from: written by the step that changes it, and always to be had again from the snapshots.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.clock (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    round integer NOT NULL CHECK (round > 0),
    title text NOT NULL,
    status text NOT NULL CHECK (status IN ('waiting', 'running', 'paused', 'met', 'missed', 'cancelled')),
    rule text,
    started_at timestamptz NOT NULL,
    due_at timestamptz,
    latest_at timestamptz,
    ended_at timestamptz,
    is_overdue boolean NOT NULL,
    -- Whether its due instant hangs on a calendar, and has to be computed anew when one changes.
    uses_calendar boolean NOT NULL,
    PRIMARY KEY (tenant_id, instance_id, name, key, round),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX clock_due ON reeve.clock (tenant_id, due_at, instance_id) WHERE status IN ('running', 'paused');

CREATE TABLE reeve.evidence (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    sequence bigint NOT NULL,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    title text NOT NULL,
    uri text,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, instance_id, sequence),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance
);
CREATE INDEX evidence_by_digest ON reeve.evidence (tenant_id, digest);

-- Files that Reeve keeps itself, once each.
CREATE TABLE reeve.evidence_file (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    content bytea NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, digest),
    CHECK (digest = encode(sha256(content), 'hex'))
);

CREATE TABLE reeve.link (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    target_id uuid NOT NULL CHECK (target_id <> instance_id),
    relation text NOT NULL CHECK (relation <> ''),
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, instance_id, target_id, relation),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance,
    FOREIGN KEY (tenant_id, target_id) REFERENCES reeve.instance
);
CREATE INDEX link_to_target ON reeve.link (tenant_id, target_id);

-- What running instances name in exported fields: how `covering()` finds them.
CREATE TABLE reeve.exported_key (
    tenant_id uuid NOT NULL,
    definition text NOT NULL,
    field text NOT NULL,
    key text NOT NULL,
    instance_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, definition, field, key, instance_id),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance
);
CREATE INDEX exported_key_of_instance ON reeve.exported_key (tenant_id, instance_id);

CALL reeve.separate_instances('reeve.clock');
CALL reeve.separate_instances('reeve.evidence');
CALL reeve.separate_tenants(
    'reeve.evidence_file',
    'EXISTS (
        SELECT FROM reeve.evidence e
        WHERE (e.tenant_id, e.digest) = (evidence_file.tenant_id, evidence_file.digest))');
CALL reeve.separate_instances('reeve.link');
CALL reeve.separate_instances('reeve.exported_key');
GRANT SELECT ON reeve.clock, reeve.evidence, reeve.evidence_file, reeve.link, reeve.exported_key
    TO reeve_app, reeve_engine, reeve_auditor;
GRANT INSERT ON reeve.clock, reeve.evidence, reeve.evidence_file, reeve.link, reeve.exported_key TO reeve_engine;
GRANT UPDATE ON reeve.clock TO reeve_engine;
GRANT DELETE ON reeve.exported_key TO reeve_engine;

RESET ROLE;
