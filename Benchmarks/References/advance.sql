moved AS (
    UPDATE bare.instance i
    SET sequence = p.next, state = p.target, last_at = clock_timestamp()
    FROM present p
    WHERE (i.tenant_id, i.id) = (p.tenant_id, p.id)
),
