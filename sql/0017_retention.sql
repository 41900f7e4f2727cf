-- Legal holds: while one stands, nothing of an instance is erased, whoever asks and however old it is.
SET LOCAL ROLE reeve_owner;

-- A hold that was lifted stays on record.
CREATE TABLE reeve.legal_hold (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    reason text NOT NULL CHECK (reason <> ''),
    placed_by text NOT NULL,
    lifted_at timestamptz,
    lifted_by text,
    PRIMARY KEY (tenant_id, instance_id, placed_at),
    FOREIGN KEY (tenant_id, instance_id) REFERENCES reeve.instance,
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
CALL reeve.separate_instances('reeve.legal_hold');
GRANT SELECT ON reeve.legal_hold TO reeve_app, reeve_engine, reeve_retention, reeve_auditor;
GRANT INSERT (tenant_id, instance_id, reason, placed_by), UPDATE (lifted_at, lifted_by)
    ON reeve.legal_hold TO reeve_engine;

CREATE FUNCTION reeve.refuse_on_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF EXISTS (
        SELECT FROM reeve.legal_hold h
        WHERE (h.tenant_id, h.instance_id) = (OLD.tenant_id, OLD.instance_id) AND h.lifted_at IS NULL
    ) THEN
        RAISE EXCEPTION 'instance % is on legal hold: nothing of it is erased', OLD.instance_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER refuse_on_hold BEFORE UPDATE OR DELETE ON reeve.journal_payload
    FOR EACH ROW EXECUTE FUNCTION reeve.refuse_on_hold();
CREATE TRIGGER refuse_on_hold BEFORE DELETE ON reeve.evidence
    FOR EACH ROW EXECUTE FUNCTION reeve.refuse_on_hold();

RESET ROLE;
