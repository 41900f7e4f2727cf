-- Transitions in plain SQL: five changes each (instance, journal, timer taken, timer armed, outbox), one statement, one
-- transaction. An instance is two rows, what lists show of it and its data, and both are written. `size` instances beside one another move at once; each client has instances of its own, so that
-- nobody waits for anybody.
-- What {schema} moves the instances on by is its trigger; where it has none, the statement does it: {advance}.
\set first :client_id * :own + :size * random(0, :own / :size - 1)
WITH present AS (
    SELECT i.*, i.sequence + 1 AS next, CASE i.state WHEN 'up' THEN 'down' ELSE 'up' END AS target
    FROM generate_series(:first::bigint + 1, :first::bigint + :size::bigint) AS n
    JOIN {schema}.instance i
        ON (i.tenant_id, i.id)
            = ('{tenant}'::uuid, ('{prefix}' || lpad(to_hex(n), 12, '0'))::uuid)
    ORDER BY i.tenant_id, i.id
    FOR NO KEY UPDATE OF i
),
recorded AS (
    INSERT INTO {schema}.journal (
        tenant_id, instance_id, sequence, happened_at, recorded_at, incarnation, version, definition, kind, event,
        from_state, to_state, status, actor, encoding, facts, hash)
    SELECT p.tenant_id, p.id, p.next, clock_timestamp(), clock_timestamp(), 1, p.version, p.definition, 'transition',
        'beat', p.state, p.target, 'running', 'person' || chr(58) || 'rita', 1, decode(repeat('{facts}', {factBytes}), 'hex'),
        sha256(uuid_send(p.id))
    FROM present p
    RETURNING 1
),
{advance}
written AS (
    UPDATE {schema}.instance_data d
    SET snapshot = d.snapshot::text::json
    FROM present p
    WHERE (d.tenant_id, d.instance_id) = (p.tenant_id, p.id)
),
taken AS (
    DELETE FROM {schema}.timer t
    USING present p
    WHERE (t.tenant_id, t.due_at, t.instance_id, t.generation)
        = (p.tenant_id, '2030-01-01Z'::timestamptz + p.sequence * interval '1 hour', p.id, p.sequence)
),
armed AS (
    INSERT INTO {schema}.timer (tenant_id, due_at, instance_id, generation, name, key)
    SELECT p.tenant_id, '2030-01-01Z'::timestamptz + p.next * interval '1 hour', p.id, p.next, 'next', ''
    FROM present p
)
INSERT INTO {schema}.outbox (
    next_at, created_at, tenant_id, id, instance_id, sequence, ordinal, kind, destination, body)
SELECT now(), now(), p.tenant_id, gen_random_uuid(), p.id, p.next, 0, 'notification', 'rita', '{body}'::json
FROM present p;
