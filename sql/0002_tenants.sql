-- The installation and the organisations it serves.
SET LOCAL ROLE reeve_owner;

-- One row. Incarnation, system identifier and time line are compared with the cluster's at every start:
-- where they differ the database was restored, and deliveries wait until a person has looked.
CREATE TABLE reeve.installation (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    incarnation integer NOT NULL DEFAULT 1 CHECK (incarnation > 0),
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    deliveries_held boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The first eight digits of a WAL file's name are the time line in use; the control file lags behind.
CREATE FUNCTION reeve.current_timeline() RETURNS integer
    LANGUAGE sql VOLATILE
    RETURN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer;

INSERT INTO reeve.installation (system_identifier, timeline)
SELECT system_identifier, reeve.current_timeline()
FROM pg_control_system();

GRANT SELECT ON reeve.installation TO reeve_app, reeve_engine, reeve_retention, reeve_auditor;
GRANT UPDATE (incarnation, system_identifier, timeline, deliveries_held) ON reeve.installation TO reeve_engine;

-- The versions change with every change of the tenant's directory, catalogue and calendars, so that a copy in
-- memory can be known to be current by reading one row.
CREATE TABLE reeve.tenant (
    tenant_id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    title text NOT NULL,
    zone text NOT NULL DEFAULT 'Etc/UTC',
    calendar text,
    settings jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    directory_version bigint NOT NULL DEFAULT 1,
    catalogue_version bigint NOT NULL DEFAULT 1,
    calendar_version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CALL reeve.separate_tenants('reeve.tenant');
GRANT SELECT ON reeve.tenant TO reeve_app, reeve_engine, reeve_retention, reeve_auditor;
GRANT INSERT, UPDATE ON reeve.tenant TO reeve_engine;

-- What a person has stopped: the whole tenant, a definition or a destination. What falls due meanwhile waits.
CREATE TABLE reeve.pause (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    scope text NOT NULL CHECK (scope IN ('tenant', 'definition', 'destination')),
    name text NOT NULL DEFAULT '' CHECK ((scope = 'tenant') = (name = '')),
    reason text NOT NULL,
    paused_by text NOT NULL,
    paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, scope, name)
);
CALL reeve.separate_tenants('reeve.pause');
GRANT SELECT ON reeve.pause TO reeve_app, reeve_engine, reeve_auditor;
GRANT INSERT, UPDATE, DELETE ON reeve.pause TO reeve_engine;

-- Says in the tenant's row that one of its lists has changed. The argument names the column.
CREATE FUNCTION reeve.raise_version() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    EXECUTE format(
        'UPDATE reeve.tenant
            SET %1$I = %1$I + 1
            WHERE tenant_id IN (SELECT tenant_id FROM changed)', TG_ARGV[0]);
    RETURN NULL;
END
$$;

CREATE PROCEDURE reeve.count_versions(target regclass, version_column text)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER version_after_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION reeve.raise_version(%L)', target, version_column);
    EXECUTE format(
        'CREATE TRIGGER version_after_update AFTER UPDATE ON %s REFERENCING NEW TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION reeve.raise_version(%L)', target, version_column);
    EXECUTE format(
        'CREATE TRIGGER version_after_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS changed
            FOR EACH STATEMENT EXECUTE FUNCTION reeve.raise_version(%L)', target, version_column);
END
$$;

RESET ROLE;

