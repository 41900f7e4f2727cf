import Deadlines
import Logging
import PostgresClient
import Synchronization
import Workflows

/// Delivers what steps have left in the outbox.
///
/// A row is leased before anything is sent: the lease and the attempt are committed, so that a worker that dies leaves
/// a row that others try when the lease is over. A receiver may thus see a message twice, under one identifier.
final class Courier: Sendable {
    /// How long a row is left to a worker; longer than any attempt takes.
    static let lease = Duration.seconds(120)
    /// How long an attempt may take, whatever the transport says.
    static let attemptLimit = Duration.seconds(90)

    let engine: Engine
    let logger: Logger
    let policy: DeliveryPolicy
    let transports: [String: any Transport]
    let store: DestinationStore
    let address: String?
    private let agenda: Mutex<CourierAgenda>
    private let bell = Doorbell()
    private let started = ContinuousClock.now
    private let isStopping = Atomic<Bool>(false)

    init(engine: Engine, _ configuration: Worker.Configuration) {
        self.engine = engine
        policy = configuration.delivery
        transports = Dictionary(configuration.transports.map { ($0.name, $0) }) { _, last in last }
        address = configuration.address
        store = DestinationStore(keys: configuration.keys, defaults: configuration.destinations)
        logger = engine.configuration.logger
        agenda = Mutex(CourierAgenda(policy: policy))
    }

    private var now: Duration { ContinuousClock.now - started }

    /// Something may wait to be delivered.
    func hint() {
        agenda.withLock { $0.rota.hint(at: now) }
        bell.ring()
    }

    /// Claims nothing more; what is under way is waited for.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        bell.ring()
    }

    /// Works until ``stop()`` and until what is under way has ended.
    func run() async {
        await withDiscardingTaskGroup { group in
            var kept = KeptConnection(engine.configuration.database.acting(as: "reeve_engine"))
            var troubles = 0
            while !isStopping.load(ordering: .relaxed) {
                do throws(PostgresError) {
                    if let wait = try await work(&kept, &group) { await bell.wait(atMost: wait) }
                    troubles = 0
                } catch {
                    troubles += 1
                    logger.warning("deliveries wait for the database", metadata: ["error": "\(error)"])
                    await kept.reset()
                    await bell.wait(atMost: Backoff.ofDatabase.wait(after: troubles))
                }
            }
            await kept.close()
        }
    }

    private func work(
        _ kept: inout KeptConnection, _ group: inout DiscardingTaskGroup
    ) async throws(PostgresError) -> Duration? {
        let begun = now
        let (room, marks) = agenda.withLock { ($0.room, $0.rota.marks) }
        guard room > 0 else { return .seconds(1) }
        let step = agenda.withLock { $0.rota.next(at: begun, batch: room) }
        if case .wait(let until) = step { return until - begun }
        let connection = try await kept.get()
        switch step {
        case .survey:
            let (due, next) = try TimerQueries.surveyed(
                try await connection.query(OutboxQueries.survey(marks: marks)))
            let now = now
            agenda.withLock { $0.rota.surveyed(due, next: next, took: now - begun, at: now) }
        case .recheck:
            let rows = try await connection.query(OutboxQueries.recheck(marks: marks))
            let low = try rows.decode((Identifier, Instant, Identifier).self)
            let now = now
            agenda.withLock { agenda in
                agenda.rota.rechecked(
                    low.map { ($0.0, OutboxPlace(nextAt: $0.1, id: $0.2).predecessor) }, took: now - begun, at: now)
            }
        case .claim(let shares): try await claim(shares, on: connection, &group)
        case .wait: break
        }
        return nil
    }

    private func claim(
        _ shares: [OutboxQueries.Share], on connection: PostgresConnection, _ group: inout DiscardingTaskGroup
    ) async throws(PostgresError) {
        let claimed: [(row: OutboxRow, place: OutboxPlace)]
        do throws(PostgresError) {
            claimed = try OutboxQueries.claimed(
                try await connection.query(OutboxQueries.claim(shares, lease: Self.lease)))
        } catch {
            agenda.withLock { $0.rota.failed(shares) }
            throw error
        }
        agenda.withLock { agenda in
            for share in shares {
                let places = claimed.filter { $0.row.tenant == share.tenant }.map(\.place)
                agenda.rota.claimed(share, count: places.count, last: places.max())
            }
        }
        let rows = claimed.map(\.row)
        try await expand(rows.filter { $0.channel == nil }, on: connection)
        try await send(rows.filter { $0.channel != nil }, on: connection, &group)
    }

    // MARK: - Ways

    /// Gives notifications their ways, and calls the destination they name.
    private func expand(_ rows: [OutboxRow], on connection: PostgresConnection) async throws(PostgresError) {
        guard !rows.isEmpty else { return }
        let notified = rows.filter { $0.kind == "notification" }
        let ways = try await store.ways(of: Set(notified.map(\.tenant)), on: connection)
        let people = try await store.people(
            Set(notified.map { DestinationKey(tenant: $0.tenant, name: $0.destination) }), on: connection)
        let statements = rows.map { row -> PostgresQuery in
            if row.kind == "call" { return OutboxQueries.expand(row, into: [row.destination]) }
            guard let person = people[DestinationKey(tenant: row.tenant, name: row.destination)] else {
                return OutboxQueries.bury(row, error: "the directory knows no active person \(row.destination)")
            }
            let channels = ways[row.tenant, default: []]
                .filter { $0.transport != "mail" || person.address != nil }.map(\.name)
            guard !channels.isEmpty else {
                let lack = person.address == nil ? "\(row.destination) has no mail address, and " : ""
                return OutboxQueries.bury(
                    row, error: "\(lack)the tenant has no destination that takes notifications; add one and replay")
            }
            return OutboxQueries.expand(row, into: channels)
        }
        _ = try await connection.pipeline(statements)
        hint()
    }

    // MARK: - Sending

    private func send(
        _ rows: [OutboxRow], on connection: PostgresConnection, _ group: inout DiscardingTaskGroup
    ) async throws(PostgresError) {
        guard !rows.isEmpty else { return }
        let destinations = try await store.load(Set(rows.map(\.way)), on: connection)
        let people = try await store.people(
            Set(
                rows.filter { $0.kind == "notification" }.map {
                    DestinationKey(tenant: $0.tenant, name: $0.destination)
                }),
            on: connection)
        var statements: [PostgresQuery] = []
        for row in rows {
            switch judge(row, destinations[row.way], people[DestinationKey(tenant: row.tenant, name: row.destination)])
            {
            case .write(let statement): statements.append(statement)
            case .send(let ready): group.addTask { await self.attempt(ready) }
            case .kept: break
            }
        }
        if !statements.isEmpty { _ = try await connection.pipeline(statements) }
    }

    private enum Judgement {
        case write(PostgresQuery)
        case send(ReadyDelivery)
        case kept
    }

    /// Decides what becomes of one row now.
    private func judge(
        _ row: OutboxRow, _ stored: StoredDestination?, _ person: (name: String, address: String?)?
    ) -> Judgement {
        guard let stored else {
            return .write(
                OutboxQueries.bury(row, error: "there is no destination `\(row.way.name)`; add it and replay"))
        }
        let destination: Destination
        switch stored.destination {
        case .success(let ready): destination = ready
        case .failure(let fault):
            return .write(OutboxQueries.bury(row, error: "destination `\(row.way.name)`: \(fault)"))
        }
        let wording = Wording(row, address: address, zones: engine.configuration.almanac.zones)
        if wording.facts["exercise"] == true, destination.settings["exercises"] != true {
            return .write(
                OutboxQueries.finish(row, outcome: "withheld", detail: "the instance is an exercise"))
        }
        guard let transport = transports[destination.transport] else {
            return .write(
                OutboxQueries.bury(row, error: "this installation has no transport `\(destination.transport)`"))
        }
        if stored.isPaused { return .write(OutboxQueries.postpone(row, by: .seconds(15), isAttempt: false)) }
        let now = now
        let ready = ReadyDelivery(
            row: row,
            delivery: Delivery(
                id: row.id.description, instance: row.instance.description, destination: destination,
                recipient: person.map { .init(name: $0.name, address: $0.address ?? "") },
                subject: wording.subject, text: wording.text, type: wording.type, facts: wording.facts,
                recordedAt: row.createdAt),
            transport: transport)
        switch agenda.withLock({ $0.admit(ready, at: now) }) {
        case .postpone(let wait): return .write(OutboxQueries.postpone(row, by: wait, isAttempt: false))
        case .send: return .send(ready)
        case .kept: return .kept
        }
    }

    /// Makes an attempt, and goes on with what was kept for the same destination meanwhile.
    private func attempt(_ first: ReadyDelivery) async {
        var following: ReadyDelivery? = first
        while let ready = following {
            await attemptOnce(ready)
            following = nil
            var statements: [PostgresQuery] = []
            while following == nil,
                let turn = agenda.withLock({
                    $0.turn(of: ready.row.way, at: now, isStopping: isStopping.load(ordering: .relaxed))
                })
            {
                switch turn {
                case .send(let ready): following = ready
                case .postpone(let ready, let wait):
                    statements.append(OutboxQueries.postpone(ready.row, by: wait, isAttempt: false))
                }
            }
            if !statements.isEmpty { await write(statements) }
        }
        bell.ring()
    }

    /// Makes one attempt and writes down what came of it.
    private func attemptOnce(_ ready: ReadyDelivery) async {
        let row = ready.row
        let outcome = await Self.limited { await ready.transport.deliver(ready.delivery) }
        let now = now
        let changed = agenda.withLock { $0.ended(row.way, outcome, at: now) }
        let verdict = policy.verdict(on: outcome, attempt: Int(row.attempts), random: .random(in: 0...1))
        log(row, verdict)
        engine.measures.deliveries[verdict.counted].add()
        var statements: [PostgresQuery]
        switch verdict {
        case .done(let detail): statements = [OutboxQueries.finish(row, outcome: "delivered", detail: detail)]
        case .again(let wait, _): statements = [OutboxQueries.postpone(row, by: wait, isAttempt: true)]
        case .dead(let reason): statements = [OutboxQueries.bury(row, error: reason)]
        }
        if let changed { statements.append(BreakerQueries.save(changed, of: row.way, verdict)) }
        await write(statements)
    }

    /// Writes results down while the lease lasts; after it somebody else tries again, under the same identifier.
    private func write(_ statements: [PostgresQuery]) async {
        let begun = ContinuousClock.now
        var tries = 0
        while true {
            tries += 1
            do {
                try await engine.writers.withConnection { connection in
                    _ = try await connection.pipeline(statements, patience: .unlimited)
                }
                return
            } catch {
                logger.warning("the result of a delivery was not written", metadata: ["error": "\(error)"])
                if ContinuousClock.now - begun > Self.lease - Self.attemptLimit || Task.isCancelled { return }
                try? await Task.sleep(for: Backoff.ofDatabase.wait(after: tries))
            }
        }
    }

    private static func limited(_ body: @escaping @Sendable () async -> DeliveryOutcome) async -> DeliveryOutcome {
        await withTaskGroup(of: DeliveryOutcome?.self) { group in
            group.addTask { await body() }
            group.addTask {
                try? await Task.sleep(for: attemptLimit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .retry(reason: "the transport did not end in time", after: nil)
        }
    }

    private func log(_ row: OutboxRow, _ verdict: DeliveryPolicy.Verdict) {
        let metadata: Logger.Metadata = [
            "tenant": "\(row.tenant)", "instance": "\(row.instance)", "delivery": "\(row.id)",
            "destination": "\(row.way.name)", "attempt": "\(row.attempts)",
        ]
        switch verdict {
        case .done: logger.debug("delivered", metadata: metadata)
        case .again(let wait, let reason):
            logger.info(
                "a delivery is tried again",
                metadata: metadata.merging(["reason": "\(reason)", "wait": "\(wait)"]) { $1 })
        case .dead(let reason):
            logger.error("a delivery was given up", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        }
    }
}

extension DeliveryPolicy.Verdict {
    fileprivate var counted: Measures.DeliveryOutcome {
        switch self {
        case .done: .delivered
        case .again: .retried
        case .dead: .dead
        }
    }
}

extension OutboxRow {
    /// The destination that the row goes to.
    var way: DestinationKey { DestinationKey(tenant: tenant, name: channel ?? destination) }
}

/// What is asked of `reeve.breaker`: the state that people see; each worker decides by its own.
private enum BreakerQueries {
    static func save(
        _ breaker: Breaker, of key: DestinationKey, _ verdict: DeliveryPolicy.Verdict
    ) -> PostgresQuery {
        let state: String
        var rest = Duration.zero
        switch breaker.state {
        case .closed: state = "closed"
        case .halfOpen: state = "half-open"
        case .open:
            state = "open"
            rest = Breaker.rest.wait(after: breaker.failures - Breaker.tolerance + 1)
        }
        var error: String?
        switch verdict {
        case .done: break
        case .again(_, let reason), .dead(let reason): error = reason
        }
        return """
            INSERT INTO reeve.breaker (tenant_id, destination, state, failures, error, changed_at, probe_at)
            VALUES (
                \(key.tenant), \(key.name), \(state), \(Int32(breaker.failures)), \(error as String?),
                clock_timestamp(), CASE WHEN \(state) = 'open'
                    THEN clock_timestamp() + \(rest.wholeMicroseconds) * interval '1 microsecond' END)
            ON CONFLICT (tenant_id, destination) DO UPDATE
            SET state = excluded.state, failures = excluded.failures, error = excluded.error,
                changed_at = excluded.changed_at, probe_at = excluded.probe_at
            """
    }
}
