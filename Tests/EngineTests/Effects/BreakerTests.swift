import Testing

@testable import Engine

@Suite struct BreakerTests {
    @Test func opensAfterFiveFailuresInARow() {
        var breaker = Breaker()
        for _ in 0..<4 { breaker.failed(at: .zero) }
        breaker.answered()
        for _ in 0..<4 { breaker.failed(at: .zero) }
        #expect(breaker.admit(at: .zero) == .pass)
        breaker.failed(at: .zero)
        #expect(breaker.admit(at: .zero) == .wait(until: .seconds(15)))
    }

    @Test func halfOpenItLetsOneProbePassWhichDecides() {
        var breaker = Breaker()
        for _ in 0..<5 { breaker.failed(at: .zero) }
        #expect(breaker.admit(at: .seconds(15)) == .pass)
        #expect(breaker.admit(at: .seconds(15)) == .wait(until: .seconds(20)))
        breaker.failed(at: .seconds(20))
        #expect(breaker.admit(at: .seconds(20)) == .wait(until: .seconds(50)))
        #expect(breaker.admit(at: .seconds(50)) == .pass)
        breaker.answered()
        #expect(breaker == Breaker())
    }

    @Test func theRestIsTenMinutesAtMost() {
        var breaker = Breaker()
        var now = Duration.zero
        for _ in 0..<50 {
            breaker.failed(at: now)
            if case .wait(let until) = breaker.admit(at: now) {
                #expect(until - now <= .seconds(600))
                now = until
                #expect(breaker.admit(at: now) == .pass)
            }
        }
    }

    @Test func whatWasUnderWayWhenItOpenedChangesNothing() {
        var breaker = Breaker()
        for _ in 0..<5 { breaker.failed(at: .zero) }
        let open = breaker
        breaker.failed(at: .seconds(3))
        #expect(breaker == open)
    }

    @Test func aProbeThatWasGivenUpLeavesRoomForAnother() {
        var breaker = Breaker()
        for _ in 0..<5 { breaker.failed(at: .zero) }
        #expect(breaker.admit(at: .seconds(15)) == .pass)
        breaker.abandoned(at: .seconds(15))
        #expect(breaker.admit(at: .seconds(15)) == .pass)
    }
}

@Suite struct DeliveryPolicyTests {
    let policy = DeliveryPolicy()

    @Test func waitsGrowThreefoldUpToFourHours() {
        let waits = (1..<14).map { attempt -> Duration in
            guard
                case .again(let wait, _) = policy.verdict(
                    on: .retry(reason: "r", after: nil), attempt: attempt, random: 0)
            else { return .zero }
            return wait
        }
        #expect(waits.prefix(4) == [.seconds(5), .seconds(15), .seconds(45), .seconds(135)])
        #expect(waits.last == .seconds(4 * 3600))
    }

    @Test func jitterTakesUpToHalf() {
        #expect(
            policy.verdict(on: .retry(reason: "r", after: nil), attempt: 1, random: 1)
                == .again(after: .seconds(2.5), reason: "r"))
    }

    @Test func aReceiverMayAskForMorePatience() {
        #expect(
            policy.verdict(on: .retry(reason: "r", after: .seconds(90)), attempt: 1, random: 0)
                == .again(after: .seconds(90), reason: "r"))
        #expect(
            policy.verdict(on: .retry(reason: "r", after: .seconds(1_000_000)), attempt: 1, random: 0)
                == .again(after: .seconds(86_400), reason: "r"))
    }

    @Test func theLastAttemptAndARefusalMakeADeadLetter() {
        #expect(
            policy.verdict(on: .retry(reason: "r", after: nil), attempt: 14, random: 0)
                == .dead(reason: "given up after 14 attempts: r"))
        #expect(policy.verdict(on: .refused(reason: "r"), attempt: 1, random: 0) == .dead(reason: "r"))
        #expect(policy.verdict(on: .delivered(detail: "250"), attempt: 1, random: 0) == .done(detail: "250"))
    }
}
