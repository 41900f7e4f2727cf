-- Addresses under which calendars read deadlines, each with a secret of which only the hash is kept.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.calendar_feed (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL CHECK (name <> ''),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- Whose eyes it sees with: it shows nothing that this person cannot see.
    person_id text NOT NULL,
    -- Only what the person has a part in.
    is_own boolean NOT NULL,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES reeve.person ON DELETE CASCADE
);
CALL reeve.separate_tenants('reeve.calendar_feed');
GRANT SELECT, INSERT, UPDATE (revoked_at) ON reeve.calendar_feed TO reeve_engine;
GRANT SELECT (tenant_id, id, name, person_id, is_own, created_by, created_at, revoked_at)
    ON reeve.calendar_feed TO reeve_app, reeve_auditor;

-- How often what a feed shows of a clock has changed, and when: readers take a change only under a higher number.
ALTER TABLE reeve.clock
    ADD COLUMN zone text,
    ADD COLUMN changes integer NOT NULL DEFAULT 0,
    ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
-- What has ended of late stays in feeds as cancelled.
CREATE INDEX clock_ended ON reeve.clock (tenant_id, ended_at) WHERE status IN ('met', 'missed', 'cancelled');

RESET ROLE;
