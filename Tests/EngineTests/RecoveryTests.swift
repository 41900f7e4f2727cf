import Testing

@testable import Engine
@testable import PostgresClient

@Suite("Recovery")
struct RecoveryTests {
    private func decide(
        _ cause: PostgresError, isCommitSent: Bool = true, count: Int = 8, tries: Int = 1, isExpired: Bool = false
    ) -> Recovery {
        Recovery.decide(
            BatchFailure(cause: cause, isCommitSent: isCommitSent), count: count, tries: tries, isExpired: isExpired)
    }

    private func server(_ state: String) -> PostgresError {
        let report = ServerMessage(severity: "ERROR", state: SQLState(rawValue: state), message: "no")
        return .server(ServerError(report: report, statement: 0))
    }

    private let lost = PostgresError.connectionLost(ConnectionLoss(sent: true, reason: "gone"))

    @Test("a connection lost at COMMIT is looked into, on a new connection")
    func unknown() {
        #expect(decide(lost) == .verify(after: .milliseconds(10)))
        #expect(decide(server("57P01"), tries: 3) == .verify(after: .milliseconds(40)))
        #expect(decide(lost, isExpired: true) == .giveUp(.outcomeUnknown))
    }

    @Test("a connection lost before COMMIT was sent has done nothing")
    func known() {
        #expect(decide(lost, isCommitSent: false) == .retry(after: .milliseconds(10), reconnects: true))
        #expect(decide(lost, isCommitSent: false, isExpired: true) == .giveUp(.unavailable))
        #expect(
            decide(.connectFailed("no"), isCommitSent: false, tries: 99) == .retry(after: .seconds(1), reconnects: true)
        )
    }

    @Test("a conflict that passes is tried again")
    func conflicts() {
        #expect(decide(server("40P01")) == .retry(after: .milliseconds(10), reconnects: false))
        #expect(decide(server("55P03"), isCommitSent: false) == .retry(after: .milliseconds(10), reconnects: false))
        #expect(decide(server("23505")) == .retry(after: .zero, reconnects: false))
    }

    @Test("a clock that was set back under a transaction says nothing against its commands")
    func clockSetBack() {
        let message = "entry 7 of instance 01 was not recorded by the clock of this transaction"
        let report = ServerMessage(severity: "ERROR", state: SQLState(rawValue: "RV001"), message: message)
        let cause = PostgresError.server(ServerError(report: report, statement: 0))
        #expect(decide(cause) == .retry(after: .milliseconds(10), reconnects: false))
        #expect(decide(cause, count: 1, tries: 3, isExpired: true) == .giveUp(.unavailable))
    }

    @Test("an error that nobody foresaw is hunted down by halves")
    func bisection() {
        #expect(decide(server("23514")) == .bisect)
        #expect(decide(server("23505"), tries: 3) == .bisect)
        #expect(decide(server("22P05"), count: 1) == .giveUp(.failed))
        #expect(decide(server("RV001"), count: 1) == .giveUp(.failed))
    }
}
