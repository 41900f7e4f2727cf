import JSON
import PostgresClient

extension Reader {
    private static let parts = [
        "people", "teams", "oncall", "services", "entities", "authorities", "counterparties",
    ]

    /// People, teams, on-call schedules and services of the viewer's tenant, in the shape that
    /// ``DirectoryDocument/init(json:)`` reads.
    public func directory() async throws(ReadingError) -> JSON {
        let tenant = viewer.tenant
        let parts = try await rows(
            """
            SELECT id, jsonb_strip_nulls(jsonb_build_object(
                'name', name, 'login', login, 'address', address, 'manager', manager_id, 'active', active))
            FROM reeve.person
            WHERE tenant_id = \(tenant)
            ORDER BY id
            """,
            """
            SELECT t.id, jsonb_strip_nulls(jsonb_build_object(
                'title', t.title, 'lead', t.lead_id,
                'members', ARRAY(
                    SELECT m.person_id
                    FROM reeve.membership m
                    WHERE (m.tenant_id, m.team_id) = (t.tenant_id, t.id)
                    ORDER BY m.person_id)))
            FROM reeve.team t
            WHERE t.tenant_id = \(tenant)
            ORDER BY t.id
            """,
            """
            SELECT s.id, jsonb_strip_nulls(jsonb_build_object(
                'title', s.title,
                'start', to_char(s.rotation_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                'handover', 'PT' || s.handover_seconds || 'S',
                'rotation', ARRAY(
                    SELECT r.person_id
                    FROM reeve.oncall_rotation r
                    WHERE (r.tenant_id, r.schedule_id) = (s.tenant_id, s.id)
                    ORDER BY r.position),
                'shifts', ARRAY(
                    SELECT jsonb_build_object(
                        'person', h.person_id,
                        'start', to_char(h.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                        'end', to_char(h.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
                    FROM reeve.oncall_shift h
                    WHERE (h.tenant_id, h.schedule_id) = (s.tenant_id, s.id)
                    ORDER BY h.starts_at, h.person_id)))
            FROM reeve.oncall_schedule s
            WHERE s.tenant_id = \(tenant)
            ORDER BY s.id
            """,
            """
            SELECT id, jsonb_strip_nulls(jsonb_build_object(
                'title', title, 'tier', tier, 'owner', owner_id, 'team', team_id,
                'rto', 'PT' || recovery_time_seconds || 'S'))
            FROM reeve.service
            WHERE tenant_id = \(tenant)
            ORDER BY id
            """,
            "SELECT id, fields FROM reeve.party WHERE tenant_id = \(tenant) AND kind = 'entity' ORDER BY id",
            "SELECT id, fields FROM reeve.party WHERE tenant_id = \(tenant) AND kind = 'authority' ORDER BY id",
            "SELECT id, fields FROM reeve.party WHERE tenant_id = \(tenant) AND kind = 'counterparty' ORDER BY id")
        var directory: JSONObject = [:]
        for (name, rows) in zip(Self.parts, parts) {
            var entries: JSONObject = [:]
            do {
                for row in rows {
                    entries[try row.decode(String.self, at: 0)] = try row.decode(StoredJSON.self, at: 1).json
                }
            } catch {
                throw .corrupt("\(error)")
            }
            directory[name] = .object(entries)
        }
        return .object(directory)
    }
}
