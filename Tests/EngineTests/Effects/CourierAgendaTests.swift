import Deadlines
import JSON
import Testing
import Workflows

@testable import Engine

@Suite struct CourierAgendaTests {
    private static let key = DestinationKey(tenant: Identifier(high: 0, low: 1), name: "hook")

    private func delivery(_ number: UInt64) -> ReadyDelivery {
        let id = Identifier(high: 1, low: number)
        return ReadyDelivery(
            row: OutboxRow(
                tenant: Self.key.tenant, nextAt: Instant(microseconds: 0), id: id, instance: id, sequence: 1,
                ordinal: 0,
                attempts: 1, kind: "call", destination: Self.key.name, channel: Self.key.name,
                body: StoredJSON(.object([:])), createdAt: Instant(microseconds: 0)),
            delivery: Delivery(
                id: id.description, instance: id.description,
                destination: Destination(name: Self.key.name, transport: "mail", settings: [:]), recipient: nil,
                subject: "", text: "", type: "call", facts: [:], recordedAt: Instant(microseconds: 0)),
            transport: RecordingTransport())
    }

    /// An agenda with four under way, sixteen kept, and a destination that has no room for more.
    private func full() -> CourierAgenda {
        var agenda = CourierAgenda(policy: DeliveryPolicy())
        for number in 0..<4 { #expect(agenda.admit(delivery(UInt64(number)), at: .zero) == .send) }
        for number in 4..<20 { #expect(agenda.admit(delivery(UInt64(number)), at: .zero) == .kept) }
        return agenda
    }

    @Test func whatIsKeptLeavesInItsOrderAsSoonAsAnotherHasEnded() throws {
        var agenda = full()
        #expect(agenda.room == 28)
        for number in 4..<20 {
            _ = agenda.ended(Self.key, .delivered(detail: ""), at: .milliseconds(number))
            guard case .send(let next)? = agenda.turn(of: Self.key, at: .milliseconds(number), isStopping: false) else {
                Issue.record("nothing followed")
                return
            }
            #expect(next.row.id.low == UInt64(number))
            #expect(agenda.total == 4)
        }
        if agenda.turn(of: Self.key, at: .seconds(1), isStopping: false) != nil { Issue.record("there is more") }
    }

    @Test func theLongerNothingMovesTheLongerOthersWait() {
        var agenda = full()
        #expect(agenda.admit(delivery(20), at: .milliseconds(10)) == .postpone(.seconds(1)))
        #expect(agenda.admit(delivery(20), at: .seconds(7)) == .postpone(.seconds(7)))
        #expect(agenda.admit(delivery(20), at: .seconds(29)) == .postpone(.seconds(10)))
        _ = agenda.ended(Self.key, .delivered(detail: ""), at: .seconds(30))
        #expect(agenda.admit(delivery(20), at: .seconds(30)) == .send)
    }

    @Test func whatWasKeptTooLongOrWhenTheWorkerStopsIsPutBack() {
        var agenda = full()
        _ = agenda.ended(Self.key, .delivered(detail: ""), at: .seconds(26))
        guard case .postpone(_, .zero)? = agenda.turn(of: Self.key, at: .seconds(26), isStopping: false) else {
            Issue.record("it was not put back")
            return
        }
        agenda = full()
        _ = agenda.ended(Self.key, .delivered(detail: ""), at: .seconds(1))
        var returned = 0
        while case .postpone(_, .zero)? = agenda.turn(of: Self.key, at: .seconds(1), isStopping: true) { returned += 1 }
        #expect(returned == 16)
    }

    @Test func anOpenBreakerSendsBackWhatWasKept() {
        var agenda = full()
        var ended = 0
        for _ in 0..<5 {
            _ = agenda.ended(Self.key, .retry(reason: "no", after: nil), at: .seconds(1))
            if case .send? = agenda.turn(of: Self.key, at: .seconds(1), isStopping: false) { ended += 1 }
        }
        #expect(ended == 4)
        while let turn = agenda.turn(of: Self.key, at: .seconds(1), isStopping: false) {
            guard case .postpone(_, let wait) = turn else {
                Issue.record("it was sent")
                return
            }
            #expect(wait == .seconds(15))
        }
    }
}
