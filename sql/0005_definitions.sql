-- Published definitions. A version and its edges never change; a new content is a new version.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.definition (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    name text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    title text NOT NULL,
    -- The prefix of references.
    reference text NOT NULL CHECK (reference ~ '^[A-Z][A-Z0-9]{0,9}$'),
    language_version integer NOT NULL CHECK (language_version > 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    -- The files as they were checked, includes and all: path → text.
    source jsonb NOT NULL CHECK (jsonb_typeof(source) = 'object'),
    published_by text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (tenant_id, name, version)
);
CALL reeve.make_append_only('reeve.definition');

-- Every move an instance may make. An opening is the edge from '' by `open`, a stay an edge to itself.
CREATE TABLE reeve.definition_edge (
    tenant_id uuid NOT NULL,
    definition text NOT NULL,
    version integer NOT NULL,
    from_state text NOT NULL,
    event text NOT NULL CHECK (event <> ''),
    to_state text NOT NULL CHECK (to_state <> ''),
    final boolean NOT NULL,
    PRIMARY KEY (tenant_id, definition, version, from_state, event, to_state),
    FOREIGN KEY (tenant_id, definition, version) REFERENCES reeve.definition
);
CALL reeve.make_append_only('reeve.definition_edge');

-- Edges come with their definition or never: else one could be added to what is already running.
CREATE FUNCTION reeve.edges_come_with_their_definition() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE
    late record;
BEGIN
    SELECT DISTINCT e.definition, e.version
        INTO late
        FROM added e
        JOIN reeve.definition d
            ON (d.tenant_id, d.name, d.version) = (e.tenant_id, e.definition, e.version)
        WHERE d.xid <> pg_current_xact_id()
        LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'definition % version % is published: no edge can be added to it', late.definition, late.version
            USING ERRCODE = 'insufficient_privilege', HINT = 'Publish a new version.';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER edges_come_with_their_definition
    AFTER INSERT ON reeve.definition_edge
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION reeve.edges_come_with_their_definition();

CALL reeve.separate_tenants('reeve.definition');
CALL reeve.separate_tenants('reeve.definition_edge');
GRANT SELECT ON reeve.definition, reeve.definition_edge TO reeve_app, reeve_engine, reeve_retention, reeve_auditor;
GRANT INSERT (tenant_id, name, version, title, reference, language_version, hash, source, published_by)
    ON reeve.definition TO reeve_engine;
GRANT INSERT ON reeve.definition_edge TO reeve_engine;

RESET ROLE;
