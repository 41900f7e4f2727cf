import Testing
import Workflows

@testable import Engine

@Suite struct ClaimRotaTests {
    typealias Rota = ClaimRota<Int>

    static func tenant(_ number: Int) -> Identifier { Identifier(high: 0, low: UInt64(number)) }

    /// A queue in memory: due rows by tenant, in order.
    struct Queue {
        var rows: [Identifier: [Int]] = [:]

        func survey(_ rota: Rota) -> [Identifier] {
            rows.keys.sorted().filter { tenant in rows[tenant]!.last.map { $0 > rota.marks[tenant] ?? .min } ?? false }
        }

        func recheck(_ rota: Rota) -> [(tenant: Identifier, before: Int)] {
            rows.compactMap { tenant, rows in
                guard let mark = rota.marks[tenant], let low = rows.first, low <= mark else { return nil }
                return (tenant, low - 1)
            }
        }

        mutating func take(_ share: Rota.Share) -> [Int] {
            var rows = self.rows[share.tenant] ?? []
            let first = rows.firstIndex { $0 > share.after ?? .min } ?? rows.endIndex
            let range = first..<min(first + share.limit, rows.endIndex)
            let taken = Array(rows[range])
            rows.removeSubrange(range)
            self.rows[share.tenant] = rows
            return taken
        }
    }

    /// Runs until the queue is empty; returns what was taken and when, one millisecond a claim.
    static func drain(_ rota: inout Rota, _ queue: inout Queue, from start: Duration = .zero) -> [(
        Identifier, Int, Duration
    )] {
        var now = start
        var taken: [(Identifier, Int, Duration)] = []
        for _ in 0..<100_000 where queue.rows.values.contains(where: { !$0.isEmpty }) {
            switch rota.next(at: now) {
            case .survey:
                now += .milliseconds(1)
                rota.surveyed(queue.survey(rota), next: nil, took: .milliseconds(1), at: now)
            case .recheck:
                now += .milliseconds(1)
                rota.rechecked(queue.recheck(rota), took: .milliseconds(1), at: now)
            case .claim(let shares):
                now += .milliseconds(1)
                for share in shares {
                    let rows = queue.take(share)
                    rota.claimed(share, count: rows.count, last: rows.last)
                    taken += rows.map { (share.tenant, $0, now) }
                }
            case .wait(let until):
                now = until
            }
        }
        return taken
    }

    @Test func takesEverythingOnceInOrder() {
        var rota = Rota(limits: .init(batch: 10))
        var queue = Queue(rows: [Self.tenant(1): Array(1...105), Self.tenant(2): Array(1...3)])
        let taken = Self.drain(&rota, &queue)
        #expect(taken.filter { $0.0 == Self.tenant(1) }.map(\.1) == Array(1...105))
        #expect(taken.filter { $0.0 == Self.tenant(2) }.map(\.1) == Array(1...3))
    }

    @Test func aTenantWithABacklogDelaysNoOther() {
        var rota = Rota()
        var queue = Queue(rows: [Self.tenant(0): Array(1...20_000)])
        for number in 1...1000 { queue.rows[Self.tenant(number)] = [1] }
        let taken = Self.drain(&rota, &queue)
        #expect(taken.count == 21_000)
        let last = taken.filter { $0.0 != Self.tenant(0) }.map(\.2).max()
        #expect(last! < .milliseconds(50))
    }

    @Test func aTenantThatFallsDueDuringABacklogIsSeenWithinAQuarterSecond() {
        var rota = Rota()
        var queue = Queue(rows: [Self.tenant(0): [.max]])
        var now = Duration.zero
        var late = Duration.zero
        for _ in 0..<2000 {
            if now >= .milliseconds(500), queue.rows[Self.tenant(9)] == nil, late == .zero {
                queue.rows[Self.tenant(9)] = [5]
            }
            switch rota.next(at: now) {
            case .survey:
                now += .milliseconds(40)
                rota.surveyed(queue.survey(rota), next: nil, took: .milliseconds(40), at: now)
            case .recheck: rota.rechecked([], took: .zero, at: now)
            case .claim(let shares):
                now += .milliseconds(1)
                for share in shares {
                    // Only the position matters here.
                    if share.tenant == Self.tenant(9) { late = now - .milliseconds(500) }
                    rota.claimed(share, count: share.limit, last: (share.after ?? 0) + share.limit)
                }
                if late > .zero { break }
            case .wait(let until): now = until
            }
            if late > .zero { break }
        }
        #expect(late > .zero && late <= .milliseconds(350))
    }

    @Test func whatLiesBelowTheMarkIsFoundWithinASecond() {
        var rota = Rota(limits: .init(batch: 10))
        var queue = Queue(rows: [Self.tenant(1): Array(100...150)])
        _ = Self.drain(&rota, &queue)
        queue.rows[Self.tenant(1)] = [7]
        let taken = Self.drain(&rota, &queue, from: .milliseconds(500))
        #expect(taken.map(\.1) == [7])
        #expect(taken[0].2 <= .milliseconds(1510))
    }

    @Test func armingEarlierLowersTheMarkAtOnce() {
        var rota = Rota(limits: .init(batch: 10))
        var queue = Queue(rows: [Self.tenant(1): Array(100...150)])
        _ = Self.drain(&rota, &queue)
        queue.rows[Self.tenant(1)] = [7]
        rota.lower(Self.tenant(1), to: 6, at: .milliseconds(100))
        let taken = Self.drain(&rota, &queue, from: .milliseconds(100))
        #expect(taken[0].2 < .milliseconds(120))
    }

    @Test func aClaimThatFailedIsMadeAgain() throws {
        var rota = Rota(limits: .init(batch: 2))
        rota.surveyed([Self.tenant(1)], next: nil, took: .zero, at: .zero)
        guard case .claim(let first) = rota.next(at: .zero), case .claim(let second) = rota.next(at: .zero) else {
            Issue.record("no claim")
            return
        }
        rota.claimed(second[0], count: 2, last: 4)
        rota.failed(first)
        #expect(rota.marks[Self.tenant(1)] == nil)
        guard case .claim(let again) = rota.next(at: .zero) else {
            Issue.record("no claim")
            return
        }
        #expect(again[0].after == nil)
    }

    @Test func reChecksTakeATwentiethOfTheTimeAtMost() {
        var rota = Rota()
        rota.surveyed([], next: nil, took: .zero, at: .zero)
        rota.claimed(.init(tenant: Self.tenant(1), after: nil, limit: 1), count: 1, last: 5)
        var now = Duration.zero
        var spent = Duration.zero
        while now < .seconds(100) {
            switch rota.next(at: now) {
            case .survey: rota.surveyed([], next: nil, took: .zero, at: now)
            case .recheck:
                spent += .milliseconds(300)
                now += .milliseconds(300)
                rota.rechecked([], took: .milliseconds(300), at: now)
            case .claim: Issue.record("nothing is due")
            case .wait(let until): now = until
            }
        }
        #expect(spent <= .seconds(5.1))
        #expect(spent >= .seconds(3))
    }

    @Test func sleepsUntilTheNextDueInstantAndLooksOnceASecond() {
        var rota = Rota()
        rota.surveyed([], next: .milliseconds(300), took: .milliseconds(0.5), at: .seconds(10))
        guard case .wait(let until) = rota.next(at: .seconds(10)) else {
            Issue.record("does not wait")
            return
        }
        #expect(until == .milliseconds(10_300))
        rota.surveyed([], next: .seconds(3600), took: .zero, at: .seconds(11))
        guard case .wait(let look) = rota.next(at: .seconds(11)) else {
            Issue.record("does not wait")
            return
        }
        #expect(look == .seconds(12))
        rota.hint(at: .milliseconds(11_100))
        guard case .survey = rota.next(at: .milliseconds(11_100)) else {
            Issue.record("a hint is not heeded")
            return
        }
    }
}
