-- What commands need beside their instance: answers under keys, numbers for references, tokens.
SET LOCAL ROLE reeve_owner;

-- The answer to a request, under the key that its sender chose. The same key with another request is refused.
CREATE TABLE reeve.idempotency (
    tenant_id uuid NOT NULL,
    principal text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),
    answer jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, principal, key)
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX idempotency_by_age ON reeve.idempotency (created_at);
CALL reeve.separate_tenants('reeve.idempotency');
GRANT SELECT, INSERT, DELETE ON reeve.idempotency TO reeve_engine;
GRANT SELECT, DELETE ON reeve.idempotency TO reeve_retention;

-- Numbers of references such as INC-2026-0042. Gaps are allowed, repetition is not.
CREATE TABLE reeve.reference_counter (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    prefix text NOT NULL,
    year integer NOT NULL,
    last bigint NOT NULL,
    PRIMARY KEY (tenant_id, prefix, year)
) WITH (fillfactor = 50);
CALL reeve.separate_tenants('reeve.reference_counter');
GRANT SELECT, INSERT, UPDATE ON reeve.reference_counter TO reeve_engine;

-- Bearer tokens, of which only the hash is kept. A token acts for a person, or for a system by its name.
CREATE TABLE reeve.api_token (
    tenant_id uuid NOT NULL REFERENCES reeve.tenant,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    person_id text,
    groups text[] NOT NULL DEFAULT '{}',
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES reeve.person
);
CALL reeve.separate_tenants('reeve.api_token');
GRANT SELECT, INSERT, UPDATE (revoked_at) ON reeve.api_token TO reeve_engine;
GRANT SELECT (tenant_id, id, name, person_id, groups, scopes, created_by, created_at, expires_at, revoked_at)
    ON reeve.api_token TO reeve_app, reeve_auditor;

RESET ROLE;
