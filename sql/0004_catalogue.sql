-- Services with what depends on them, and the calendars deadlines are computed with.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.service (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    title text NOT NULL,
    tier integer CHECK (tier BETWEEN 0 AND 9),
    owner_id text,
    team_id text,
    recovery_time_seconds bigint CHECK (recovery_time_seconds >= 0),
    recovery_point_seconds bigint CHECK (recovery_point_seconds >= 0),
    attributes jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES reeve.person,
    FOREIGN KEY (tenant_id, team_id) REFERENCES reeve.team
);

CREATE TABLE reeve.service_dependency (
    tenant_id uuid NOT NULL,
    service_id text NOT NULL,
    needs_id text NOT NULL CHECK (needs_id <> service_id),
    kind text NOT NULL DEFAULT 'hard' CHECK (kind IN ('hard', 'soft')),
    PRIMARY KEY (tenant_id, service_id, needs_id),
    FOREIGN KEY (tenant_id, service_id) REFERENCES reeve.service ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, needs_id) REFERENCES reeve.service ON DELETE CASCADE
);

-- Each content of a calendar ever used stays, so that an old deadline can be computed again.
CREATE TABLE reeve.calendar (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    source text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_by text NOT NULL,
    PRIMARY KEY (tenant_id, id, version)
);
CALL reeve.make_append_only('reeve.calendar');

DO $$
DECLARE
    listed text;
BEGIN
    FOREACH listed IN ARRAY ARRAY['reeve.service', 'reeve.service_dependency', 'reeve.calendar']
    LOOP
        CALL reeve.separate_tenants(listed);
        EXECUTE format('GRANT SELECT ON %s TO reeve_app, reeve_engine, reeve_auditor', listed);
        EXECUTE format('GRANT INSERT ON %s TO reeve_engine', listed);
    END LOOP;
END
$$;
GRANT UPDATE, DELETE ON reeve.service, reeve.service_dependency TO reeve_engine;
CALL reeve.count_versions('reeve.service', 'catalogue_version');
CALL reeve.count_versions('reeve.service_dependency', 'catalogue_version');
CALL reeve.count_versions('reeve.calendar', 'calendar_version');

RESET ROLE;
