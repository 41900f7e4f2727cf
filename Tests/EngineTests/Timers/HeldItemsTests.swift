import Deadlines
import Testing
import Workflows

@testable import Engine

@Suite struct HeldItemsTests {
    static func timer(_ number: Int) -> DueTimer {
        DueTimer(
            tenant: Identifier(high: 0, low: 1),
            place: TimerPlace(
                dueAt: Instant(seconds: 1), instance: Identifier(high: 0, low: UInt64(number)), generation: 1),
            item: ItemKey("clock"))
    }

    @Test func triesAgainAfterTenMillisecondsDoublingToASecondThenAlone() {
        var locked = HeldItems<DueTimer>()
        let timer = Self.timer(1)
        var now = Duration.zero
        var waits: [Duration] = []
        locked.wasLocked(timer, at: now)
        while true {
            let next = locked.nextAt!
            waits.append(next - now)
            now = next
            if locked.takeAlone(at: now) != nil { break }
            #expect(locked.takeDue(at: now, limit: 10) == [timer])
            locked.wasLocked(timer, at: now)
        }
        #expect(waits == [10, 20, 40, 80, 160, 320, 640, 1000].map { .milliseconds($0) })
        #expect(now < .seconds(3))
        locked.ended(timer)
        locked.aloneEnded()
        #expect(locked.count == 0)
        #expect(locked.nextAt == nil)
    }

    @Test func theSlowLaneHoldsOneAtATime() {
        var locked = HeldItems<DueTimer>()
        for number in 1...3 { locked.wasLocked(Self.timer(number), at: .milliseconds(number)) }
        #expect(locked.takeAlone(at: .seconds(5)) == Self.timer(1))
        #expect(locked.takeAlone(at: .seconds(5)) == nil)
        locked.ended(Self.timer(1))
        locked.aloneEnded()
        #expect(locked.takeAlone(at: .seconds(5)) == Self.timer(2))
    }

    @Test func oneThatIsUnderWayIsNotTakenTwice() {
        var locked = HeldItems<DueTimer>()
        locked.wasLocked(Self.timer(1), at: .zero)
        #expect(locked.takeDue(at: .milliseconds(10), limit: 10).count == 1)
        #expect(locked.takeDue(at: .milliseconds(10), limit: 10).isEmpty)
    }
}

@Suite struct CarefulnessTests {
    @Test func aCleanStartIsNotCareful() {
        #expect(!Carefulness(uncleanExits: 0, inFlight: 400, hasSuspect: false).isCareful)
    }

    @Test func afterAnUncleanExitAsManyAsWereUnderWayAreSteppedAlone() {
        var care = Carefulness(uncleanExits: 1, inFlight: 3, hasSuspect: false)
        for _ in 0..<3 {
            #expect(care.isCareful)
            care.survived()
        }
        #expect(!care.isCareful)
    }

    @Test func eachFurtherUncleanExitDoublesTheNumber() {
        #expect(Carefulness(uncleanExits: 3, inFlight: 100, hasSuspect: false).left == 400)
        #expect(Carefulness(uncleanExits: 1000, inFlight: 100, hasSuspect: false).left == 102_400)
    }

    @Test func whenNothingIsDueTheCareIsOver() {
        var care = Carefulness(uncleanExits: 1, inFlight: 100, hasSuspect: false)
        care.foundNothing()
        #expect(!care.isCareful)
    }

    @Test func aKnownSuspectEndsTheCare() {
        #expect(!Carefulness(uncleanExits: 1, inFlight: 100, hasSuspect: true).isCareful)
    }
}
