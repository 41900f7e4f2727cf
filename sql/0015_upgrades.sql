-- An instance can be taken to a newer version of its definition, by an entry of its journal and in no other way.
SET LOCAL ROLE reeve_owner;

DO $$
DECLARE
    former record;
BEGIN
    FOR former IN
        SELECT c.conname
        FROM pg_constraint c
        WHERE c.conrelid = 'reeve.journal'::regclass AND c.contype = 'c'
            AND (pg_get_constraintdef(c.oid) LIKE '%kind = ANY%'
                OR pg_get_constraintdef(c.oid) LIKE '%(from_state = to_state)%')
    LOOP
        EXECUTE format('ALTER TABLE reeve.journal DROP CONSTRAINT %I', former.conname);
    END LOOP;
END
$$;
-- What lies there passed the narrower checks; only what is new has to be looked at.
ALTER TABLE reeve.journal
    ADD CONSTRAINT journal_kind CHECK (kind IN (
        'transition', 'task', 'vote', 'correction', 'assignment', 'comment', 'evidence', 'link', 'acknowledgement',
        'cancellation', 'suspension', 'timer', 'told', 'report', 'recomputation', 'fault', 'erasure', 'visibility',
        'upgrade')) NOT VALID,
    ADD CONSTRAINT journal_moves CHECK (kind IN ('transition', 'upgrade') OR from_state = to_state) NOT VALID;

-- Checks that the new entries continue their instances' journals along edges of the pinned definitions, and moves the
-- instances on. Since nothing else writes those columns, an instance's row is the head of its journal.
--
-- The settings keep the plan to index scans from the new rows outwards, whatever the tables' statistics say. What they
-- avoid is priced so high that it would be compiled (JIT) each time, which takes a thousand times as long as it runs.
CREATE OR REPLACE FUNCTION reeve.advance_instances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog
SET enable_seqscan = off
SET enable_hashjoin = off
SET enable_mergejoin = off
SET jit = off
AS $$
DECLARE
    fault text;
    touched bigint;
    advanced bigint;
BEGIN
    WITH linked AS (
        SELECT
            n.*,
            lag(n.sequence) OVER chain AS previous_sequence,
            lag(n.to_state) OVER chain AS previous_state,
            lag(n.status) OVER chain AS previous_status,
            lag(n.version) OVER chain AS previous_version
        FROM inserted n
        WINDOW chain AS (PARTITION BY n.tenant_id, n.instance_id ORDER BY n.sequence)
    ),
    judged AS (
        SELECT
            l.previous_sequence IS NULL AS is_first,
            CASE
                WHEN l.previous_sequence <> l.sequence - 1 THEN 'leaves a gap'
                WHEN l.previous_state <> l.from_state THEN 'does not begin where the entry before it ended'
                WHEN l.kind = 'transition' AND e.final IS NULL THEN 'takes an edge that its definition does not have'
                WHEN l.kind = 'transition' AND e.final <> (l.status = 'final') THEN 'misstates whether its state is final'
                WHEN l.kind = 'upgrade' AND u.final IS NULL THEN 'moves to a state that its new version does not have'
                WHEN l.kind = 'upgrade' AND u.final <> (l.status = 'final') THEN 'misstates whether its state is final'
                WHEN l.kind = 'upgrade' AND l.previous_version >= l.version THEN 'upgrades to no newer version'
                WHEN l.kind <> 'upgrade' AND l.previous_version <> l.version THEN 'changes the version'
                WHEN l.kind = 'cancellation' AND l.status <> 'cancelled' THEN 'cancels without the status'
                WHEN l.kind = 'suspension' AND l.status NOT IN ('running', 'suspended') THEN 'suspends into another status'
                WHEN l.previous_status <> l.status
                    AND (l.previous_status IN ('final', 'cancelled')
                        OR l.kind NOT IN ('transition', 'cancellation', 'suspension', 'upgrade')) THEN 'changes the status'
                WHEN l.recorded_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
                    THEN 'was not recorded by the clock of this transaction'
                WHEN l.incarnation <> (SELECT i.incarnation FROM reeve.installation i) THEN 'is of another incarnation'
            END AS fault,
            l.instance_id,
            l.sequence
        FROM linked l
        LEFT JOIN reeve.definition_edge e
            ON l.kind = 'transition'
            AND (e.tenant_id, e.definition, e.version, e.from_state, e.event, e.to_state)
                = (l.tenant_id, l.definition, l.version, l.from_state, l.event, l.to_state)
        LEFT JOIN LATERAL (
            SELECT bool_or(e.final) AS final
            FROM reeve.definition_edge e
            WHERE l.kind = 'upgrade'
                AND (e.tenant_id, e.definition, e.version, e.to_state)
                    = (l.tenant_id, l.definition, l.version, l.to_state)
        ) u ON l.kind = 'upgrade'
    )
    SELECT
        count(*) FILTER (WHERE j.is_first),
        min(format('entry %s of instance %s %s', j.sequence, j.instance_id, j.fault)) FILTER (WHERE j.fault IS NOT NULL)
        INTO touched, fault
        FROM judged j;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION '%', fault USING ERRCODE = 'RV001';
    END IF;

    WITH ends AS (
        SELECT
            n.*,
            first_value(n.sequence) OVER chain AS first_sequence,
            first_value(n.from_state) OVER chain AS first_state,
            first_value(n.kind) OVER chain AS first_kind,
            first_value(n.version) OVER chain AS first_version,
            first_value(n.status) OVER chain AS first_status,
            lead(n.sequence) OVER chain IS NULL AS is_last
        FROM inserted n
        WINDOW chain AS (PARTITION BY n.tenant_id, n.instance_id ORDER BY n.sequence)
    )
    UPDATE reeve.instance i
        SET
            sequence = l.sequence,
            state = l.to_state,
            status = l.status,
            version = l.version,
            opened_at = CASE WHEN l.first_sequence = 1 THEN l.recorded_at ELSE i.opened_at END,
            last_at = GREATEST(i.last_at, l.recorded_at)
        FROM ends l
        WHERE l.is_last
            AND (i.tenant_id, i.id) = (l.tenant_id, l.instance_id)
            AND i.sequence = l.first_sequence - 1
            AND i.state = l.first_state
            AND i.definition = l.definition
            AND CASE l.first_kind WHEN 'upgrade' THEN i.version < l.first_version ELSE i.version = l.first_version END
            AND CASE
                WHEN i.status IN ('final', 'cancelled')
                    THEN l.first_status = i.status AND l.first_kind NOT IN ('transition', 'upgrade')
                ELSE l.first_status = i.status
                    OR l.first_kind IN ('transition', 'cancellation', 'suspension', 'upgrade')
            END;
    GET DIAGNOSTICS advanced = ROW_COUNT;
    IF advanced <> touched THEN
        SELECT format(
                'entry %s of instance %s does not continue it: the instance stands at %s, %s, %s version %s, %s',
                n.sequence, n.instance_id, i.sequence, i.state, i.definition, i.version, i.status)
            INTO fault
            FROM inserted n
            LEFT JOIN reeve.instance i
                ON (i.tenant_id, i.id) = (n.tenant_id, n.instance_id)
            WHERE i.sequence IS NULL OR i.sequence < n.sequence OR i.xmin::text::bigint <> txid_current() & 4294967295
            ORDER BY n.tenant_id, n.instance_id, n.sequence
            LIMIT 1;
        RAISE EXCEPTION '%', COALESCE(fault, 'an entry does not continue its instance') USING ERRCODE = 'RV001';
    END IF;
    RETURN NULL;
END
$$;

RESET ROLE;
