-- A cluster that is started from a base backup alone has the system identifier and the time line of the cluster that the
-- backup was taken of. But PostgreSQL leaves the backup's label behind in its directory, which tells them apart.
--
-- Whoever applies the migrations owns the function. Where that is no superuser, it may not read the file, and the
-- function knows nothing.
CREATE FUNCTION reeve.base_backup() RETURNS text
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    label text;
BEGIN
    label := pg_read_file('backup_label.old', 0, 4096, true);
    RETURN substring(label FROM 'START TIME: ([^\n]*)') || ', ' || substring(label FROM 'START WAL LOCATION: (\S+)');
EXCEPTION WHEN insufficient_privilege THEN
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION reeve.base_backup() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reeve.base_backup() TO reeve_owner, reeve_engine;

SET LOCAL ROLE reeve_owner;

-- The base backup that the cluster came from when deliveries were last made; empty where it came from none.
ALTER TABLE reeve.installation ADD COLUMN base_backup text NOT NULL DEFAULT '';
UPDATE reeve.installation SET base_backup = COALESCE(reeve.base_backup(), '');
GRANT UPDATE (base_backup) ON reeve.installation TO reeve_engine;

RESET ROLE;
