import Synchronization
import Workflows

/// The services of one worker.
final class Crew: Sendable {
    private let timers: TimerWatch
    private let inbox: InboxCarrier
    private let courier: Courier
    private let schedules: ScheduleWatch
    private let upkeep: Upkeep
    private let recomputer: Recomputer
    /// Workers whose unclean end is not dealt with yet.
    private let unclean: Mutex<[Identifier]>

    init(
        engine: Engine, worker: Identifier, configuration: Worker.Configuration, others: WorkerRegistry.Others,
        known: [FailingTimers.Key: FailingTimers.Record]
    ) {
        let care = Carefulness(
            uncleanExits: others.unclean.count, inFlight: configuration.batch * configuration.lanes,
            hasSuspect: known.values.contains(where: \.isUnfinished))
        if !others.unclean.isEmpty {
            engine.configuration.logger.warning(
                "workers ended uncleanly: timers and messages are stepped one by one at first",
                metadata: ["workers": "\(others.unclean.count)", "timers": "\(care.left)"])
        }
        timers = TimerWatch(
            engine: engine, worker: worker, lanes: configuration.lanes,
            agenda: TimerAgenda(
                limits: .init(batch: configuration.batch), failing: FailingTimers(known: known), care: care))
        inbox = InboxCarrier(
            engine: engine, limits: .init(batch: configuration.batch),
            care: Carefulness(uncleanExits: others.unclean.count, inFlight: configuration.batch, hasSuspect: false))
        courier = Courier(engine: engine, configuration)
        schedules = ScheduleWatch(engine: engine, batch: configuration.batch)
        upkeep = Upkeep(engine: engine)
        recomputer = Recomputer(engine: engine, lanes: configuration.lanes)
        unclean = Mutex(others.unclean)
    }

    /// Works until ``stop()``.
    func run() async {
        await withTaskGroup { group in
            group.addTask { await self.timers.run() }
            group.addTask { await self.inbox.run() }
            group.addTask { await self.courier.run() }
            group.addTask { await self.schedules.run() }
            group.addTask { await self.upkeep.run() }
            group.addTask { await self.recomputer.run() }
        }
    }

    /// Ends every service when what it has under way is done.
    func stop() {
        timers.stop()
        inbox.stop()
        courier.stop()
        schedules.stop()
        upkeep.stop()
        recomputer.stop()
    }

    /// Passes a hint on.
    func wake(_ kinds: WakeUps.Kinds) {
        if kinds.contains(.timers) { timers.hint() }
        if kinds.contains(.messages) { inbox.hint() }
        if kinds.contains(.deliveries) { courier.hint() }
    }

    // MARK: - Those who ended uncleanly

    /// Takes the workers whose unclean end is dealt with: care is over, and this worker lives.
    func takeSettled() -> [Identifier] {
        guard !timers.isCareful, !inbox.isCareful else { return [] }
        return unclean.withLock { unclean in
            defer { unclean = [] }
            return unclean
        }
    }

    /// Takes back what could not be written down.
    func giveBack(_ workers: [Identifier]) { unclean.withLock { $0 += workers } }
}
