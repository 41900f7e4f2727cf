-- People, teams and on-call schedules, as the tenant's directory names them.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.person (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$'),
    login text,
    name text NOT NULL,
    address text,
    zone text,
    manager_id text,
    active boolean NOT NULL DEFAULT true,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, login),
    FOREIGN KEY (tenant_id, manager_id) REFERENCES reeve.person DEFERRABLE INITIALLY DEFERRED,
    CHECK (manager_id <> id)
);

-- Definitions name teams as groups: `from: [incident-commanders]`, `group NAME`.
CREATE TABLE reeve.team (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    title text NOT NULL,
    lead_id text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, lead_id) REFERENCES reeve.person
);

CREATE TABLE reeve.membership (
    tenant_id uuid NOT NULL,
    team_id text NOT NULL,
    person_id text NOT NULL,
    PRIMARY KEY (tenant_id, team_id, person_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES reeve.team ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, person_id) REFERENCES reeve.person ON DELETE CASCADE
);
CREATE INDEX membership_of_person ON reeve.membership (tenant_id, person_id);

-- A rotation hands over every `handover` from `rotation_start`, in the order of `position`; a shift overrides it.
CREATE TABLE reeve.oncall_schedule (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    title text NOT NULL,
    rotation_start timestamptz,
    handover_seconds bigint CHECK (handover_seconds > 0),
    PRIMARY KEY (tenant_id, id),
    CHECK ((rotation_start IS NULL) = (handover_seconds IS NULL))
);

CREATE TABLE reeve.oncall_rotation (
    tenant_id uuid NOT NULL,
    schedule_id text NOT NULL,
    position integer NOT NULL CHECK (position >= 0),
    person_id text NOT NULL,
    PRIMARY KEY (tenant_id, schedule_id, position),
    FOREIGN KEY (tenant_id, schedule_id) REFERENCES reeve.oncall_schedule ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, person_id) REFERENCES reeve.person
);

CREATE TABLE reeve.oncall_shift (
    tenant_id uuid NOT NULL,
    schedule_id text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CHECK (ends_at > starts_at),
    person_id text NOT NULL,
    PRIMARY KEY (tenant_id, schedule_id, starts_at, person_id),
    FOREIGN KEY (tenant_id, schedule_id) REFERENCES reeve.oncall_schedule ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, person_id) REFERENCES reeve.person
);

DO $$
DECLARE
    listed text;
BEGIN
    FOREACH listed IN ARRAY ARRAY[
        'reeve.person', 'reeve.team', 'reeve.membership',
        'reeve.oncall_schedule', 'reeve.oncall_rotation', 'reeve.oncall_shift']
    LOOP
        CALL reeve.separate_tenants(listed);
        CALL reeve.count_versions(listed, 'directory_version');
        EXECUTE format('GRANT SELECT ON %s TO reeve_app, reeve_engine, reeve_auditor', listed);
        EXECUTE format('GRANT INSERT, UPDATE, DELETE ON %s TO reeve_engine', listed);
    END LOOP;
END
$$;

RESET ROLE;
