import Deadlines
import Testing
import Workflows

@testable import Engine

/// A drill for every service of the first tier, each month.
private func drill(guarded: Bool = false, `for` list: String = #"services("tier1")"#) -> String {
    """
    workflow: drill
    title: Drill
    reference: DRL
    schedule:
      every: FREQ=MONTHLY;BYDAY=2TU;BYHOUR=9
      starting: 2024-01-01
      each: \(list)
      key: item.id
      with: { service: item.id, plannedAt: occurrence }
    data:
      type: object
      required: [service, plannedAt]
      properties:
        service: { type: string }
        plannedAt: { type: string, format: date-time }
    open:
      allow: [schedule]
      form: [service, plannedAt]
      \(guarded ? "guard: data.service != \"pay\"" : "")
    initial: planned
    states:
      planned: { on: { finish: { target: over, allow: [schedule] } } }
      over: { final: true }
    """
}

@Suite("Schedules")
struct ScheduleWatchTests {
    private let opened = "SELECT count(*) FROM reeve.instance WHERE definition = 'drill'"
    private let waiting = "SELECT count(*) FROM reeve.schedule WHERE next_at <= clock_timestamp()"

    /// Puts services into the catalogue and sets the schedule back by so many months.
    private func prepare(_ fixture: EngineFixture, months: Int) async throws {
        let owner = try await fixture.database.connect()
        _ = try await owner.simple(
            """
            INSERT INTO reeve.service (tenant_id, id, title, tier)
            SELECT '\(EngineFixture.tenant)', id, id, 1 FROM unnest(ARRAY['pay', 'card', 'core']) AS id
            ON CONFLICT DO NOTHING;
            UPDATE reeve.tenant SET catalogue_version = catalogue_version + 1;
            UPDATE reeve.schedule SET next_at = (
                SELECT min(day) + interval '9 hours'
                FROM generate_series(
                    date_trunc('month', clock_timestamp() - interval '\(months) months') + interval '7 days',
                    date_trunc('month', clock_timestamp() - interval '\(months) months') + interval '13 days',
                    '1 day') AS day
                WHERE EXTRACT(isodow FROM day) = 2) AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin'
            """)
        await owner.close()
    }

    @Test func opensEachOccurrenceAndKeyOnceHoweverManyWorkersLook() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(drill())
            #expect(try await fixture.count(waiting) == 0)
            try await prepare(fixture, months: 6)
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport()), count: 3) {
                try await fixture.expect(0, waiting)
            }
            let occurrences = try await fixture.count(
                "SELECT count(DISTINCT occurs_at) FROM reeve.schedule_occurrence")
            #expect((6...7).contains(occurrences))
            #expect(try await fixture.count(opened) == occurrences * 3)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.schedule_occurrence") == occurrences * 3)
            // Each happened when it was due, by the wall clock of the tenant, however late it was opened.
            #expect(
                try await fixture.count(
                    """
                    SELECT count(*)
                    FROM reeve.schedule_occurrence o
                    JOIN reeve.journal j ON (j.tenant_id, j.instance_id) = (o.tenant_id, o.instance_id) AND j.sequence = 1
                    WHERE j.happened_at = o.occurs_at AND j.recorded_at > o.occurs_at
                        AND to_char(o.occurs_at AT TIME ZONE 'Europe/Berlin', 'HH24:MI Dy') = '09:00 Tue'
                    """) == occurrences * 3)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.schedule WHERE error IS NOT NULL") == 0)
        }
    }

    @Test func aPauseHoldsTheSchedule() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(drill())
            try await prepare(fixture, months: 2)
            try await fixture.engine.pause(
                .definition("drill"), of: EngineFixture.tenant, reason: "Audit", by: .person("rita"))
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                try await Task.sleep(for: .milliseconds(1500))
                #expect(try await fixture.count(opened) == 0)
                _ = try await fixture.engine.unpause(.definition("drill"), of: EngineFixture.tenant)
                try await fixture.expect(0, waiting)
            }
            #expect(try await fixture.count(opened) >= 6)
        }
    }

    @Test func whatIsRefusedIsSaidAndTheOthersAreOpened() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(drill(guarded: true))
            try await prepare(fixture, months: 1)
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                try await fixture.expect(0, waiting)
            }
            #expect(try await fixture.count("SELECT count(*) FROM reeve.schedule WHERE error LIKE '%pay: %'") == 1)
            let occurrences = try await fixture.count(
                "SELECT count(DISTINCT occurs_at) FROM reeve.schedule_occurrence")
            #expect(try await fixture.count(opened) == occurrences * 2)
        }
    }

    @Test func anOccurrenceThatCannotBeEvaluatedWaitsForARepairedVersion() async throws {
        try await EngineFixture.run { fixture in
            try await fixture.publish(drill(for: #""size(tenant.name) > 0 ? [{'id': ['a'][5]}] : [{'id': 'b'}]""#))
            try await prepare(fixture, months: 1)
            try await fixture.withWorkers(EngineFixture.mailing(RecordingTransport())) {
                try await fixture.expect(1, "SELECT count(*) FROM reeve.schedule WHERE error IS NOT NULL")
                #expect(try await fixture.count(opened) == 0)
                try await fixture.publish(drill())
                try await fixture.expect(0, waiting)
            }
            #expect(try await fixture.count(opened) >= 3)
            #expect(try await fixture.count("SELECT count(*) FROM reeve.schedule WHERE error IS NOT NULL") == 0)
        }
    }

    @Test func aScheduleThatCannotBeFollowedIsNotPublished() async throws {
        try await EngineFixture.run { fixture in
            let broken = drill().replacing("FREQ=MONTHLY;BYDAY=2TU", with: "FREQ=MONTHLY;BYDAY=9XX")
            await #expect {
                try await fixture.publish(broken)
            } throws: { error in
                error is PublicationError && "\(error)".contains("9XX")
            }
            let published = try await fixture.count("SELECT count(*) FROM reeve.definition")
            #expect(published == 0)
        }
    }
}
