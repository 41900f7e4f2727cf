-- Who the tenant is in law, and to whom it answers: legal entities, authorities, counterparties.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.party (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    kind text NOT NULL CHECK (kind IN ('entity', 'authority', 'counterparty')),
    id text NOT NULL CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$'),
    -- What is known of it, in the shape in which it is entered.
    fields jsonb NOT NULL CHECK (jsonb_typeof(fields) = 'object'),
    PRIMARY KEY (tenant_id, kind, id)
);

CALL reeve.separate_tenants('reeve.party');
CALL reeve.count_versions('reeve.party', 'directory_version');
GRANT SELECT ON reeve.party TO reeve_app, reeve_engine, reeve_auditor;
GRANT INSERT, UPDATE, DELETE ON reeve.party TO reeve_engine;

RESET ROLE;
