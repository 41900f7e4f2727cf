-- Running workflows: a narrow row that every step touches, and a row of data that only some steps change.
SET LOCAL ROLE reeve_owner;

-- State, status, sequence and instants belong to the journal: its trigger alone writes them, so that an instance
-- is never anywhere but where its journal says. No index covers a column that every step changes (updates stay HOT).
CREATE TABLE reeve.instance (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    sequence bigint NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL DEFAULT '-infinity',
    last_at timestamptz NOT NULL DEFAULT '-infinity',
    version integer NOT NULL,
    definition text NOT NULL,
    state text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'suspended', 'final', 'cancelled')),
    kind text NOT NULL CHECK (kind IN ('real', 'exercise', 'backfilled')),
    visibility text NOT NULL DEFAULT 'normal' CHECK (visibility IN ('normal', 'restricted', 'privileged')),
    reference text NOT NULL,
    parent_id uuid,
    parent_child text,
    parent_key text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, reference),
    FOREIGN KEY (tenant_id, definition, version) REFERENCES reeve.definition,
    CHECK ((sequence = 0) = (state = '')),
    CHECK ((parent_id IS NULL) = (parent_child IS NULL) AND (parent_id IS NULL) = (parent_key IS NULL)),
    CHECK (parent_id <> id)
) WITH (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0.05
);
CREATE INDEX instance_by_definition ON reeve.instance (tenant_id, definition, status, id);
CREATE INDEX instance_children ON reeve.instance (tenant_id, parent_id) WHERE parent_id IS NOT NULL;

-- The variable part of the snapshot. Rows stay in line up to 8 kB: moving a part elsewhere at every step costs more.
CREATE TABLE reeve.instance_data (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    snapshot jsonb NOT NULL,
    PRIMARY KEY (tenant_id, instance_id),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance
) WITH (
    fillfactor = 70, toast_tuple_target = 8160, autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_cost_delay = 0
);

-- Leave to see a restricted instance for one who is not named on it: recorded, with a reason and an end.
CREATE TABLE reeve.instance_grant (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    person_id text NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    granted_by text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, instance_id, person_id, granted_at),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance
);
CALL reeve.make_append_only('reeve.instance_grant');

-- Who holds which role now.
CREATE TABLE reeve.role_holder (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    role text NOT NULL,
    person_id text NOT NULL,
    PRIMARY KEY (tenant_id, instance_id, role, person_id),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance
);
CREATE INDEX role_holder_of_person ON reeve.role_holder (tenant_id, person_id, instance_id);

-- Open tasks and approvals. Asked are `people`; where there are none, the members of `groups`.
CREATE TABLE reeve.task (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('task', 'approval')),
    name text NOT NULL,
    key text NOT NULL,
    title text NOT NULL,
    people text[] NOT NULL,
    groups text[] NOT NULL,
    opened_at timestamptz NOT NULL,
    due_at timestamptz,
    PRIMARY KEY (tenant_id, instance_id, kind, name, key),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance
);
CREATE INDEX task_people ON reeve.task USING gin (people);
CREATE INDEX task_groups ON reeve.task USING gin (groups);

-- Whether the reader is named on an instance. Runs as the owner, since what it reads is itself filtered by it.
CREATE FUNCTION reeve.is_named(tenant uuid, instance uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT EXISTS (
        SELECT FROM reeve.role_holder h
        WHERE h.tenant_id = tenant AND h.instance_id = instance AND h.person_id = reeve.current_person()
    ) OR EXISTS (
        SELECT FROM reeve.task t
        WHERE t.tenant_id = tenant AND t.instance_id = instance AND reeve.current_person() = ANY (t.people)
    ) OR EXISTS (
        SELECT FROM reeve.instance_grant g
        WHERE g.tenant_id = tenant AND g.instance_id = instance AND g.person_id = reeve.current_person()
            AND g.expires_at > statement_timestamp()
    )
$$;

CALL reeve.separate_tenants('reeve.instance', $$visibility = 'normal' OR reeve.is_named(tenant_id, id)$$);

-- For what belongs to an instance: seen by those who see the instance.
CREATE PROCEDURE reeve.separate_instances(target regclass)
LANGUAGE plpgsql AS $$
BEGIN
    CALL reeve.separate_tenants(target, format(
        'EXISTS (
            SELECT FROM reeve.instance seen
            WHERE (seen.tenant_id, seen.id) = (%1$s.tenant_id, %1$s.instance_id))', target));
END
$$;

CALL reeve.separate_instances('reeve.instance_data');
-- Retention may empty the data of an instance, not change them.
CREATE POLICY retention_empties ON reeve.instance_data AS RESTRICTIVE FOR UPDATE TO reeve_retention
    USING (true) WITH CHECK (snapshot -> 'data' = '{}');
CALL reeve.separate_instances('reeve.instance_grant');
CALL reeve.separate_instances('reeve.role_holder');
CALL reeve.separate_instances('reeve.task');

-- UUIDv7 begins with milliseconds since 1970.
CREATE FUNCTION reeve.instant_of(id uuid) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0);

CREATE FUNCTION reeve.first_uuid_at(instant timestamptz) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN rpad(lpad(to_hex((EXTRACT(epoch FROM instant) * 1000)::bigint), 12, '0'), 32, '0')::uuid;

-- At commit an instance has been opened in its journal, under an identifier of its time.
CREATE FUNCTION reeve.check_opening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM reeve.instance i
        WHERE (i.tenant_id, i.id) = (NEW.tenant_id, NEW.id) AND i.sequence > 0
    ) THEN
        RAISE EXCEPTION 'instance % was created but not opened in the journal', NEW.id
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    -- A child got its identifier when its parent asked for it, which the worker may hear of late.
    IF NEW.parent_id IS NULL AND abs(EXTRACT(epoch FROM reeve.instant_of(NEW.id) - clock_timestamp())) > 86400 THEN
        RAISE EXCEPTION 'identifier % is of %, more than a day off', NEW.id, reeve.instant_of(NEW.id)
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER check_opening
    AFTER INSERT ON reeve.instance
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION reeve.check_opening();

GRANT SELECT ON reeve.instance, reeve.instance_data, reeve.instance_grant, reeve.role_holder, reeve.task
    TO reeve_app, reeve_engine, reeve_retention, reeve_auditor;
GRANT INSERT (tenant_id, id, version, definition, kind, visibility, reference, parent_id, parent_child, parent_key)
    ON reeve.instance TO reeve_engine;
GRANT UPDATE (visibility) ON reeve.instance TO reeve_engine;
GRANT UPDATE (visibility) ON reeve.instance TO reeve_retention;  -- what a lock on the row asks for
GRANT INSERT, UPDATE (snapshot) ON reeve.instance_data TO reeve_engine;
GRANT UPDATE (snapshot) ON reeve.instance_data TO reeve_retention;
GRANT INSERT ON reeve.instance_grant TO reeve_engine;
GRANT INSERT, DELETE ON reeve.role_holder TO reeve_engine;
GRANT INSERT, UPDATE, DELETE ON reeve.task TO reeve_engine;

RESET ROLE;
