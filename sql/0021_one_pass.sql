-- The check of new journal entries, in one pass over narrow rows: it stands on the path of every command.
SET LOCAL ROLE reeve_owner;

-- Instances that were opened together fall due together: their rows share pages, and each page needs room for a second
-- version of every row, or updates go past HOT into every index.
ALTER TABLE reeve.instance SET (fillfactor = 50);
ALTER TABLE reeve.instance_data SET (fillfactor = 50);
ALTER TABLE reeve.clock SET (fillfactor = 50);

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
    WITH linked AS MATERIALIZED (
        SELECT
            n.tenant_id, n.instance_id, n.sequence, n.recorded_at, n.incarnation, n.definition, n.version, n.kind,
            n.event, n.from_state, n.to_state, n.status,
            lag(n.sequence) OVER chain AS previous_sequence,
            lag(n.to_state) OVER chain AS previous_state,
            lag(n.status) OVER chain AS previous_status,
            lag(n.version) OVER chain AS previous_version,
            first_value(n.sequence) OVER chain AS first_sequence,
            first_value(n.from_state) OVER chain AS first_state,
            first_value(n.kind) OVER chain AS first_kind,
            first_value(n.version) OVER chain AS first_version,
            first_value(n.status) OVER chain AS first_status,
            lead(n.sequence) OVER chain IS NULL AS is_last
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
                WHEN l.kind = 'upgrade' THEN
                    CASE
                        WHEN l.previous_version >= l.version THEN 'upgrades to no newer version'
                        ELSE (
                            SELECT
                                CASE
                                    WHEN bool_or(u.final) IS NULL THEN 'moves to a state that its new version does not have'
                                    WHEN bool_or(u.final) <> (l.status = 'final') THEN 'misstates whether its state is final'
                                END
                            FROM reeve.definition_edge u
                            WHERE (u.tenant_id, u.definition, u.version, u.to_state)
                                = (l.tenant_id, l.definition, l.version, l.to_state)
                        )
                    END
                WHEN l.previous_version <> l.version THEN 'changes the version'
                WHEN l.kind = 'cancellation' AND l.status <> 'cancelled' THEN 'cancels without the status'
                WHEN l.kind = 'suspension' AND l.status NOT IN ('running', 'suspended') THEN 'suspends into another status'
            END AS fault,
            CASE
                WHEN l.previous_status <> l.status
                    AND (l.previous_status IN ('final', 'cancelled')
                        OR l.kind NOT IN ('transition', 'cancellation', 'suspension', 'upgrade')) THEN 'changes the status'
                WHEN l.recorded_at NOT BETWEEN transaction_timestamp() AND clock_timestamp()
                    THEN 'was not recorded by the clock of this transaction'
                WHEN l.incarnation <> (SELECT i.incarnation FROM reeve.installation i) THEN 'is of another incarnation'
            END AS further_fault,
            l.instance_id,
            l.sequence
        FROM linked l
        LEFT JOIN reeve.definition_edge e
            ON l.kind = 'transition'
            AND (e.tenant_id, e.definition, e.version, e.from_state, e.event, e.to_state)
                = (l.tenant_id, l.definition, l.version, l.from_state, l.event, l.to_state)
    ),
    moved AS (
        UPDATE reeve.instance i
        SET
            sequence = l.sequence,
            state = l.to_state,
            status = l.status,
            version = l.version,
            opened_at = CASE WHEN l.first_sequence = 1 THEN l.recorded_at ELSE i.opened_at END,
            last_at = GREATEST(i.last_at, l.recorded_at)
        FROM linked l
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
            END
        RETURNING 1
    )
    SELECT
        count(*) FILTER (WHERE j.is_first),
        min(format('entry %s of instance %s %s', j.sequence, j.instance_id, COALESCE(j.fault, j.further_fault)))
            FILTER (WHERE j.fault IS NOT NULL OR j.further_fault IS NOT NULL),
        (SELECT count(*) FROM moved)
        INTO touched, fault, advanced
        FROM judged j;
    IF fault IS NOT NULL THEN
        RAISE EXCEPTION '%', fault USING ERRCODE = 'RV001';
    END IF;
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
