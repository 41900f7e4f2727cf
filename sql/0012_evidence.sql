-- Files that are kept as evidence: what they are, who sees them, and how they are erased.
SET LOCAL ROLE reeve_owner;

-- Both are known exactly where Reeve keeps the file itself.
ALTER TABLE reeve.evidence
    ADD COLUMN media_type text,
    ADD COLUMN size bigint CHECK (size >= 0),
    ADD CHECK ((media_type IS NULL) = (size IS NULL));

-- Knowing a digest is not enough: a file is seen by those who see an instance to which its content was brought.
DROP POLICY own_tenant ON reeve.evidence_file;
CREATE POLICY own_tenant ON reeve.evidence_file FOR SELECT TO reeve_app, reeve_auditor
    USING (
        tenant_id = reeve.current_tenant() AND EXISTS (
            SELECT FROM reeve.evidence e
            WHERE (e.tenant_id, e.digest) = (evidence_file.tenant_id, evidence_file.digest)
                AND e.media_type IS NOT NULL));

-- A title is what people wrote: it goes with the payload of its entry, and the file with the last entry that needs it.
GRANT SELECT, DELETE ON reeve.evidence, reeve.evidence_file TO reeve_retention;

RESET ROLE;
