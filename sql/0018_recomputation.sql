-- Running clocks computed anew: who asked and why, how far it has come, and what moves from when to when.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.recomputation (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id uuid NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    requested_by text NOT NULL,
    -- The person, where one asked.
    requested_person text,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    is_dry_run boolean NOT NULL,
    -- Only clocks by these rules, of these workflows; all where empty.
    rules text[] NOT NULL,
    workflows text[] NOT NULL,
    -- A calendar that comes into force with it.
    calendar_id text,
    calendar_source text,
    calendar_version integer,
    status text NOT NULL DEFAULT 'examining' CHECK (status IN (
        'examining', 'examined', 'waiting', 'applying', 'done', 'refused')),
    -- The last instance that was looked at in the present pass.
    position uuid,
    total bigint NOT NULL DEFAULT 0,
    examined bigint NOT NULL DEFAULT 0,
    moved bigint NOT NULL DEFAULT 0,
    later bigint NOT NULL DEFAULT 0,
    failed bigint NOT NULL DEFAULT 0,
    applied bigint NOT NULL DEFAULT 0,
    applying_since timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CHECK ((calendar_id IS NULL) = (calendar_source IS NULL)),
    CHECK ((ended_at IS NOT NULL) = (status IN ('examined', 'done', 'refused')))
);
-- What a worker has to do, the oldest first.
CREATE INDEX recomputation_to_do ON reeve.recomputation (requested_at) WHERE status IN ('examining', 'applying');

-- Who spoke for or against it beside the one who asked: what makes a due instant later needs a second person.
CREATE TABLE reeve.recomputation_vote (
    tenant_id uuid NOT NULL,
    recomputation_id uuid NOT NULL,
    person_id text NOT NULL,
    approves boolean NOT NULL,
    reason text,
    voted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, recomputation_id, person_id),
    FOREIGN KEY (tenant_id, recomputation_id) REFERENCES reeve.recomputation ON DELETE CASCADE
);

-- What was found to move, and what cannot be computed. The journals say what was moved.
CREATE TABLE reeve.recomputation_move (
    tenant_id uuid NOT NULL,
    recomputation_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    name text NOT NULL,
    key text NOT NULL,
    due_before timestamptz,
    due_after timestamptz,
    latest_before timestamptz,
    latest_after timestamptz,
    -- Why it cannot be computed; the clock keeps what it has.
    failure text,
    PRIMARY KEY (tenant_id, recomputation_id, instance_id, name, key),
    FOREIGN KEY (tenant_id, recomputation_id) REFERENCES reeve.recomputation ON DELETE CASCADE
);

CALL reeve.separate_tenants('reeve.recomputation');
CALL reeve.separate_tenants('reeve.recomputation_vote');
CALL reeve.separate_instances('reeve.recomputation_move');
GRANT SELECT ON reeve.recomputation, reeve.recomputation_vote, reeve.recomputation_move
    TO reeve_app, reeve_engine, reeve_auditor;
GRANT INSERT, UPDATE, DELETE ON reeve.recomputation TO reeve_engine;
GRANT INSERT ON reeve.recomputation_vote TO reeve_engine;
GRANT INSERT, DELETE ON reeve.recomputation_move TO reeve_engine;

RESET ROLE;
