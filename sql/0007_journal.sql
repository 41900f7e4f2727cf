-- What happened, appended and never changed. Facts here; what people wrote in journal_payload, which can be forgotten.
SET LOCAL ROLE reeve_owner;

CREATE TABLE reeve.journal (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    sequence bigint NOT NULL CHECK (sequence > 0),
    -- When it happened, as far as anyone says, and when it was recorded, by the database's clock.
    happened_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    incarnation integer NOT NULL,
    version integer NOT NULL,
    definition text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'transition', 'task', 'vote', 'correction', 'assignment', 'comment', 'evidence', 'link', 'acknowledgement',
        'cancellation', 'suspension', 'timer', 'told', 'report', 'recomputation', 'fault', 'erasure', 'visibility')),
    event text NOT NULL CHECK (event <> ''),
    from_state text NOT NULL,
    to_state text NOT NULL CHECK (to_state <> ''),
    -- Whether the instance still moves after this entry.
    status text NOT NULL CHECK (status IN ('running', 'suspended', 'final', 'cancelled')),
    actor text NOT NULL CHECK (actor <> ''),
    -- The entry whose payload was erased; this entry is its tombstone.
    erases bigint,
    encoding smallint NOT NULL CHECK (encoding > 0),
    -- Canonical JSON: input, answers of reads, notes.
    facts bytea NOT NULL,
    -- HMAC-SHA-256 of the payload under its salt.
    payload_hmac bytea CHECK (octet_length(payload_hmac) = 32),
    -- SHA-256 of the row's canonical encoding.
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (tenant_id, instance_id, sequence),
    CHECK (kind = 'transition' OR from_state = to_state),
    CHECK ((sequence = 1) = (from_state = '')),
    CHECK ((kind = 'erasure') = (erases IS NOT NULL) AND erases < sequence)
) PARTITION BY RANGE (instance_id);

CREATE TABLE reeve.journal_payload (
    tenant_id uuid NOT NULL,
    instance_id uuid NOT NULL,
    sequence bigint NOT NULL,
    payload bytea,
    salt bytea CHECK (octet_length(salt) = 32),
    retention_class text NOT NULL DEFAULT 'standard',
    data_subject text,
    erased_at timestamptz,
    PRIMARY KEY (tenant_id, instance_id, sequence),
    CHECK ((payload IS NULL) = (salt IS NULL) AND (payload IS NULL) = (erased_at IS NOT NULL))
) PARTITION BY RANGE (instance_id);
CREATE INDEX journal_payload_of_subject ON reeve.journal_payload (tenant_id, data_subject) WHERE data_subject IS NOT NULL;

CALL reeve.make_append_only('reeve.journal');

-- Checks that the new entries continue their instances' journals along edges of the pinned definitions, and moves the
-- instances on. Since nothing else writes those columns, an instance's row is the head of its journal.
--
-- The settings keep the plan to index scans from the new rows outwards, whatever the tables' statistics say. What they
-- avoid is priced so high that it would be compiled (JIT) each time, which takes a thousand times as long as it runs.
CREATE FUNCTION reeve.advance_instances() RETURNS trigger
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
            lag(n.status) OVER chain AS previous_status
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
                WHEN l.kind = 'cancellation' AND l.status <> 'cancelled' THEN 'cancels without the status'
                WHEN l.kind = 'suspension' AND l.status NOT IN ('running', 'suspended') THEN 'suspends into another status'
                WHEN l.previous_status <> l.status
                    AND (l.previous_status IN ('final', 'cancelled')
                        OR l.kind NOT IN ('transition', 'cancellation', 'suspension')) THEN 'changes the status'
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
            opened_at = CASE WHEN l.first_sequence = 1 THEN l.recorded_at ELSE i.opened_at END,
            last_at = GREATEST(i.last_at, l.recorded_at)
        FROM ends l
        WHERE l.is_last
            AND (i.tenant_id, i.id) = (l.tenant_id, l.instance_id)
            AND i.sequence = l.first_sequence - 1
            AND i.state = l.first_state
            AND (i.definition, i.version) = (l.definition, l.version)
            AND CASE
                WHEN i.status IN ('final', 'cancelled') THEN l.first_status = i.status AND l.first_kind <> 'transition'
                ELSE l.first_status = i.status OR l.first_kind IN ('transition', 'cancellation', 'suspension')
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

-- A payload is erased whole, once, by a transaction that leaves a tombstone; nothing else about it changes.
CREATE FUNCTION reeve.erase_only() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP <> 'UPDATE'
        OR OLD.payload IS NULL
        OR NEW.payload IS NOT NULL
        OR (NEW.tenant_id, NEW.instance_id, NEW.sequence, NEW.retention_class)
            IS DISTINCT FROM (OLD.tenant_id, OLD.instance_id, OLD.sequence, OLD.retention_class)
    THEN
        RAISE EXCEPTION '% of reeve.journal_payload is refused: a payload can only be erased', TG_OP
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (
        SELECT FROM reeve.journal j
        WHERE (j.tenant_id, j.instance_id, j.erases) = (OLD.tenant_id, OLD.instance_id, OLD.sequence)
            AND j.sequence > OLD.sequence
    ) THEN
        RAISE EXCEPTION 'the payload of entry % of instance % has no tombstone', OLD.sequence, OLD.instance_id
            USING ERRCODE = 'integrity_constraint_violation', HINT = 'Append an entry of kind erasure first.';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER erase_only BEFORE UPDATE OR DELETE ON reeve.journal_payload
    FOR EACH ROW EXECUTE FUNCTION reeve.erase_only();
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON reeve.journal_payload
    FOR EACH STATEMENT EXECUTE FUNCTION reeve.refuse_change();

-- Triggers for statements are not inherited: each partition gets its own, for whoever writes past the parent.
CREATE PROCEDURE reeve.guard_journal(target regclass)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER advance_instances AFTER INSERT ON %s REFERENCING NEW TABLE AS inserted
            FOR EACH STATEMENT EXECUTE FUNCTION reeve.advance_instances()', target);
END
$$;
CALL reeve.guard_journal('reeve.journal');

CREATE FUNCTION reeve.add_partition(parent text, suffix text, bounds text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    partition text := format('reeve.%I', parent || '_' || suffix);
BEGIN
    IF to_regclass(partition) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %s PARTITION OF reeve.%I %s', partition, parent, bounds);
    EXECUTE format(
        'ALTER TABLE %s SET (autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)', partition);
    EXECUTE format(
        'CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION reeve.refuse_change()', partition);
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', partition);
    IF parent = 'journal' THEN
        CALL reeve.guard_journal(partition::regclass);
    END IF;
END
$$;

-- Makes the partitions of the months up to an instant. Safe to call at any time; answers how many it made.
CREATE FUNCTION reeve.prepare_partitions(until timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' AS $$
DECLARE
    month timestamptz;
    parent text;
    made integer := 0;
    bounds text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('reeve.prepare_partitions'));
    FOR month IN
        SELECT generate_series(date_trunc('month', clock_timestamp() - interval '1 day'), until, interval '1 month')
    LOOP
        bounds := format(
            'FOR VALUES FROM (%L) TO (%L)',
            reeve.first_uuid_at(month), reeve.first_uuid_at(month + interval '1 month'));
        FOREACH parent IN ARRAY ARRAY['journal', 'journal_payload'] LOOP
            IF to_regclass(format('reeve.%I', parent || to_char(month, '_YYYY_MM'))) IS NULL THEN
                PERFORM reeve.add_partition(parent, to_char(month, 'YYYY_MM'), bounds);
                made := made + 1;
            END IF;
        END LOOP;
    END LOOP;
    RETURN made;
END
$$;
REVOKE ALL ON FUNCTION reeve.prepare_partitions(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reeve.prepare_partitions(timestamptz) TO reeve_engine, reeve_retention;

SELECT reeve.add_partition('journal', 'default', 'DEFAULT');
SELECT reeve.add_partition('journal_payload', 'default', 'DEFAULT');
SELECT reeve.prepare_partitions(clock_timestamp() + interval '3 months');

-- Who may see an instance sees its journal. Engine and retention each write their own kind of entry only.
ALTER TABLE reeve.journal ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON reeve.journal FOR SELECT TO reeve_app, reeve_auditor
    USING (tenant_id = reeve.current_tenant() AND EXISTS (
        SELECT FROM reeve.instance seen WHERE (seen.tenant_id, seen.id) = (journal.tenant_id, journal.instance_id)));
CREATE POLICY every_tenant ON reeve.journal FOR SELECT TO reeve_engine, reeve_retention
    USING (true);
CREATE POLICY engine_records ON reeve.journal FOR INSERT TO reeve_engine
    WITH CHECK (kind <> 'erasure');
CREATE POLICY retention_leaves_tombstones ON reeve.journal FOR INSERT TO reeve_retention
    WITH CHECK (kind = 'erasure');
CALL reeve.separate_instances('reeve.journal_payload');

GRANT SELECT ON reeve.journal TO reeve_app, reeve_engine, reeve_retention, reeve_auditor;
GRANT INSERT (
    tenant_id, instance_id, sequence, happened_at, recorded_at, incarnation, version, definition, kind, event,
    from_state, to_state, status, actor, erases, encoding, facts, payload_hmac, hash
) ON reeve.journal TO reeve_engine, reeve_retention;
GRANT SELECT ON reeve.journal_payload TO reeve_engine, reeve_retention;
GRANT SELECT (tenant_id, instance_id, sequence, payload, retention_class, data_subject, erased_at)
    ON reeve.journal_payload TO reeve_app, reeve_auditor;
GRANT INSERT (tenant_id, instance_id, sequence, payload, salt, retention_class, data_subject)
    ON reeve.journal_payload TO reeve_engine;
GRANT UPDATE (payload, salt, data_subject, erased_at) ON reeve.journal_payload TO reeve_retention;

RESET ROLE;
