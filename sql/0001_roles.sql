-- Roles, the schema, and how tenants are kept apart.
--
-- The roles belong to the cluster and may exist already; none can log in. A deployment grants them to its own
-- login roles, and each pool of connections takes one with SET ROLE:
--   reeve_owner      owns every object; used by migrations alone
--   reeve_app        reads one tenant's rows, chosen by the setting reeve.tenant
--   reeve_engine     the batcher and the workers: writes for every tenant
--   reeve_retention  erases payloads whose time is over
--   reeve_auditor    reads like reeve_app, and what only auditors may read
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['reeve_owner', 'reeve_app', 'reeve_engine', 'reeve_retention', 'reeve_auditor']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- another database of this cluster was quicker
            END;
        END IF;
    END LOOP;
    IF NOT pg_has_role(current_user, 'reeve_owner', 'MEMBER') THEN
        EXECUTE format('GRANT reeve_owner TO %I', current_user);
    END IF;
END
$$;

CREATE SCHEMA reeve AUTHORIZATION reeve_owner;

SET LOCAL ROLE reeve_owner;

GRANT USAGE ON SCHEMA reeve TO reeve_app, reeve_engine, reeve_retention, reeve_auditor;

CREATE FUNCTION reeve.current_tenant() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('reeve.tenant', true), '')::uuid;

CREATE FUNCTION reeve.current_person() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN NULLIF(current_setting('reeve.person', true), '');

-- Puts a table under row-level security: readers see the rows of their tenant for which the condition holds,
-- engine and retention see all. Every table with a tenant_id passes through here.
CREATE PROCEDURE reeve.separate_tenants(target regclass, condition text DEFAULT 'true')
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s FOR SELECT TO reeve_app, reeve_auditor
            USING (tenant_id = reeve.current_tenant() AND (%s))', target, condition);
    EXECUTE format(
        'CREATE POLICY every_tenant ON %s TO reeve_engine, reeve_retention
            USING (true) WITH CHECK (true)', target);
END
$$;

-- For tables whose rows are facts: whoever tries, a row once written stays as it is.
CREATE FUNCTION reeve.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of reeve.% is refused: its rows are never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE PROCEDURE reeve.make_append_only(target regclass)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER refuse_change BEFORE UPDATE OR DELETE ON %s
            FOR EACH ROW EXECUTE FUNCTION reeve.refuse_change()', target);
    EXECUTE format(
        'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION reeve.refuse_change()', target);
END
$$;

RESET ROLE;
