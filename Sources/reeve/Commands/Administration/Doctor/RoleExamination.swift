import PostgresClient

/// Whether the roles of the schema may do what they must, and nothing that they must not.
struct RoleExamination {
    /// A right that a role must or must not have.
    private struct Right {
        var role: String
        var privilege: String
        var table: String
        var isDue: Bool
    }

    private static let roles = ["reeve_owner", "reeve_app", "reeve_engine", "reeve_retention", "reeve_auditor"]
    /// What pools of connections take; the login role must be a member.
    private static let taken = ["reeve_app", "reeve_engine", "reeve_retention"]

    let connection: PostgresConnection

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// What was found, under the name `roles`.
    func findings() async throws -> [Finding] {
        for look in [missing, powers, memberships, rights, separation, triggers] {
            if let finding = try await look() { return [finding] }
        }
        return [.well("roles", "each may do what it must, and no more")]
    }

    private func missing() async throws -> Finding? {
        let rows = try await connection.query(
            "SELECT name FROM unnest(\(Self.roles)) AS name WHERE to_regrole(name) IS NULL")
        return try list(rows) { names in
            .mend(
                "roles", "missing: \(names)",
                "Make them: CREATE ROLE NAME NOLOGIN; sql/0001_roles.sql says what each is for.")
        }
    }

    /// Who bypasses row-level security sees all tenants, whatever is asked.
    private func powers() async throws -> Finding? {
        let rows = try await connection.query(
            "SELECT rolname::text FROM pg_roles WHERE rolname = ANY (\(Self.roles)) AND (rolsuper OR rolbypassrls)")
        return try list(rows) { names in
            .mend(
                "roles", "\(names) bypasses row-level security", "ALTER ROLE NAME NOSUPERUSER NOBYPASSRLS.")
        }
    }

    private func memberships() async throws -> Finding? {
        let rows = try await connection.query(
            "SELECT name FROM unnest(\(Self.taken)) AS name WHERE NOT pg_has_role(current_user, name, 'MEMBER')")
        let user = try await connection.query("SELECT current_user::text")[0].decode(String.self, at: 0)
        return try list(rows) { names in
            .mend("roles", "\(user), whom Reeve signs in as, is no member of \(names)", "GRANT \(names) TO \(user).")
        }
    }

    private func rights() async throws -> Finding? {
        let rights = Self.all
        let rows = try await connection.query(
            """
            SELECT wanted.role || CASE WHEN wanted.due THEN ' may not ' ELSE ' may ' END || wanted.privilege
                || ' on ' || wanted.name
            FROM unnest(
                \(rights.map(\.role)), \(rights.map(\.privilege)), \(rights.map { "reeve." + $0.table }), \(rights.map(\.isDue))
            ) AS wanted (role, privilege, name, due)
            WHERE to_regclass(wanted.name) IS NOT NULL
                AND has_table_privilege(wanted.role, wanted.name, wanted.privilege) <> wanted.due
            ORDER BY wanted.due, wanted.role, wanted.name
            LIMIT 10
            """)
        return try list(rows, separator: "; ") { faults in
            .mend("roles", faults, "GRANT or REVOKE it as reeve_owner; the migrations in sql/ say what is meant.")
        }
    }

    private func separation() async throws -> Finding? {
        let rows = try await connection.query(
            """
            SELECT c.oid::regclass::text
            FROM pg_class c
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
            WHERE c.relnamespace = 'reeve'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
            ORDER BY 1
            """)
        return try list(rows) { tables in
            .mend("roles", "tenants are not kept apart in \(tables)", "ALTER TABLE NAME ENABLE ROW LEVEL SECURITY.")
        }
    }

    /// Without them the database stores what it has to refuse.
    private func triggers() async throws -> Finding? {
        let rows = try await connection.query(
            """
            SELECT t.tgname || ' of ' || c.oid::regclass
            FROM pg_trigger t
            JOIN pg_class c ON c.oid = t.tgrelid
            WHERE c.relnamespace = 'reeve'::regnamespace AND NOT t.tgisinternal AND t.tgenabled IN ('D', 'R')
            ORDER BY 1
            """)
        return try list(rows, separator: "; ") { triggers in
            .mend(
                "roles", "disabled, so that the database stores what it has to refuse: \(triggers)",
                "ALTER TABLE NAME ENABLE TRIGGER ALL, and `reeve journal verify`.")
        }
    }

    private func list(
        _ rows: PostgresRows, separator: String = ", ", _ finding: (String) -> Finding
    ) throws -> Finding? {
        let names = try rows.map { try $0.decode(String.self, at: 0) }
        return names.isEmpty ? nil : finding(names.joined(separator: separator))
    }

    // MARK: - Rights

    private static let all: [Right] = due + forbidden

    private static let due: [Right] =
        rights(
            "reeve_engine", ["SELECT"],
            ["journal", "journal_payload", "instance", "instance_data", "definition", "tenant"])
        + rights(
            "reeve_engine", ["SELECT", "INSERT", "DELETE"],
            ["timer", "outbox", "inbox", "dead_letter", "idempotency", "role_holder"])
        + rights(
            "reeve_engine", ["SELECT", "INSERT", "UPDATE"],
            ["clock", "task", "worker", "breaker", "timer_attempt", "person"])
        + rights(
            "reeve_app", ["SELECT"],
            [
                "journal", "instance", "instance_data", "clock", "task", "timer", "definition", "person", "tenant",
                "outbox",
            ])
        + rights("reeve_retention", ["SELECT", "DELETE"], ["evidence", "evidence_file", "idempotency"])
        + rights("reeve_retention", ["SELECT"], ["journal", "journal_payload", "instance", "tenant"])
        + rights("reeve_auditor", ["SELECT"], ["journal", "instance", "instance_grant", "delivery"])

    /// The journal is only ever added to, instances are moved by its trigger alone, and readers read.
    private static let forbidden: [Right] =
        ["reeve_app", "reeve_engine", "reeve_retention", "reeve_auditor"].flatMap { role in
            rights(role, ["UPDATE", "DELETE", "TRUNCATE"], ["journal", "instance", "definition_edge"], isDue: false)
        }
        + ["reeve_app", "reeve_auditor"].flatMap { role in
            rights(
                role, ["INSERT", "UPDATE", "DELETE"], ["journal", "timer", "outbox", "inbox", "api_token", "tenant"],
                isDue: false) + rights(role, ["SELECT"], ["api_token", "destination"], isDue: false)
        }

    private static func rights(
        _ role: String, _ privileges: [String], _ tables: [String], isDue: Bool = true
    ) -> [Right] {
        privileges.flatMap { privilege in
            tables.map { Right(role: role, privilege: privilege, table: $0, isDue: isDue) }
        }
    }
}
