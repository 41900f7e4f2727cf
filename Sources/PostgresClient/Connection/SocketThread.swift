import CLibPQ
import Glibc
import Synchronization

/// What a `SocketThread` tells the owner of the socket, always on that thread.
protocol SocketOwner: AnyObject, Sendable {
    /// The socket can be read or written, or is broken.
    nonisolated func socketIsReady(readable: Bool, writable: Bool)
    /// The deadline has passed.
    nonisolated func deadlineHasPassed()
}

/// A thread of its own for one connection: it runs the connection's jobs, and between them waits in `poll` for
/// the socket, so that libpq is called by one thread only and no thread of Swift's pool ever waits.
///
/// It starts with its first job and ends when it is retired and has nothing left to run.
final class SocketThread: SerialExecutor, @unchecked Sendable {
    private struct Queue {
        var jobs: [Work] = []
        var isRunning = false
        var isAsleep = false
        var isRetired = false
    }

    private enum Work {
        case isolated(UnownedJob)
        case preferring(UnownedJob, UnownedTaskExecutor)
    }

    /// What to wait for; read and changed on this thread only.
    struct Watch {
        var socket: Int32 = -1
        var wantsToWrite = false
        var deadline: ContinuousClock.Instant?
        weak var owner: (any SocketOwner)?
    }

    @exclusivity(unchecked) var watch = Watch()
    /// The preference that stands for this thread; it lives at least as long as there are isolated jobs.
    fileprivate var preference: UnownedTaskExecutor?
    private let queue = Mutex(Queue())
    /// Jobs that come from this thread itself, and so need neither lock nor wake.
    @exclusivity(unchecked) private var ownJobs: [Work] = []
    private let wakeup: Int32
    private let identity = Atomic<UInt>(0)

    init() {
        wakeup = eventfd(0, Int32(O_CLOEXEC | O_NONBLOCK))
    }

    deinit { _ = close(wakeup) }

    func enqueue(_ job: consuming ExecutorJob) { add(.isolated(UnownedJob(job))) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    func checkIsolated() { precondition(isCurrent, "not on the connection's thread") }

    private var isCurrent: Bool { identity.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Lets the thread end when it has nothing left to run.
    func retire() {
        queue.withLock { $0.isRetired = true }
        wake()
    }

    private func add(_ work: Work) {
        if isCurrent { return ownJobs.append(work) }
        let (start, wakes) = queue.withLock { queue in
            queue.jobs.append(work)
            let start = !queue.isRunning
            queue.isRunning = true
            defer { queue.isAsleep = false }
            return (start, queue.isAsleep)
        }
        if start { spawn() } else if wakes { wake() }
    }

    private func wake() {
        var one: UInt64 = 1
        _ = write(wakeup, &one, 8)
    }

    private func spawn() {
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<SocketThread>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(status == 0, "the system has no thread left: \(String(cString: strerror(status)))")
        pthread_detach(thread)
    }
}

extension SocketThread {
    private func run() {
        identity.store(UInt(pthread_self()), ordering: .relaxed)
        reeve_name_this_thread("libpq")
        var jobs: [Work] = []
        let isolation = asUnownedSerialExecutor()
        while takeJobs(into: &jobs) {
            for job in jobs {
                switch job {
                // Most tasks on the connection prefer its thread. The runtime has to be told that this is it, or it
                // would switch to it at every return from a call.
                case .isolated(let job):
                    if let preference {
                        job.runSynchronously(isolatedTo: isolation, taskExecutor: preference)
                    } else {
                        job.runSynchronously(on: isolation)
                    }
                case .preferring(let job, let preference): job.runSynchronously(on: preference)
                }
            }
            if jobs.isEmpty { waitForEvents() }
            jobs.removeAll(keepingCapacity: true)
        }
    }

    /// Takes what there is to run; announces sleep when there is nothing.
    ///
    /// False when the thread is to end.
    private func takeJobs(into jobs: inout [Work]) -> Bool {
        swap(&jobs, &ownJobs)
        return queue.withLock { queue in
            if !queue.jobs.isEmpty {
                jobs += queue.jobs
                queue.jobs.removeAll(keepingCapacity: true)
            }
            queue.isAsleep = jobs.isEmpty
            queue.isRunning = !(jobs.isEmpty && queue.isRetired)
            // Another thread of the system may get the same identity once this one has ended.
            if !queue.isRunning { identity.store(0, ordering: .relaxed) }
            return queue.isRunning
        }
    }

    private func waitForEvents() {
        awaitEvents()
        if let deadline = watch.deadline, deadline <= .now { watch.owner?.deadlineHasPassed() }
    }

    /// Waits for the socket in the middle of a job, unless there is other work to do; for it, or a new job, ends the
    /// wait.
    ///
    /// Nobody else needs the thread, and suspending and resuming a task takes longer.
    func waitOnTheSpot() {
        let isFree =
            ownJobs.isEmpty
            && queue.withLock { queue in
                queue.isAsleep = queue.jobs.isEmpty
                return queue.isAsleep
            }
        if isFree { awaitEvents() }
    }

    /// Waits for a job from elsewhere or the socket, until the deadline, and tells the socket's owner.
    ///
    /// The announced sleep need not be taken back: a wake too many does no harm.
    private func awaitEvents() {
        let timeout = watch.deadline.map(Self.milliseconds(until:)) ?? -1
        var descriptors = (
            pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
            pollfd(fd: watch.socket, events: Int16(POLLIN | (watch.wantsToWrite ? POLLOUT : 0)), revents: 0)
        )
        let count = withUnsafeMutableBytes(of: &descriptors) {
            poll($0.assumingMemoryBound(to: pollfd.self).baseAddress, watch.socket < 0 ? 1 : 2, timeout)
        }
        guard count > 0 else { return }
        if descriptors.0.revents != 0 {
            var number: UInt64 = 0
            _ = read(wakeup, &number, 8)
        }
        if descriptors.1.revents != 0 {
            let events = Int32(descriptors.1.revents)
            watch.owner?.socketIsReady(readable: events & ~POLLOUT != 0, writable: events & POLLOUT != 0)
        }
    }

    /// Rounded up, so that the deadline has passed when the wait ends.
    private static func milliseconds(until deadline: ContinuousClock.Instant) -> Int32 {
        let left = deadline - .now
        guard left > .zero else { return 0 }
        let (seconds, attoseconds) = left.components
        guard seconds < 86_400 else { return 86_400_000 }
        return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

extension SocketThread {
    /// The thread as the preferred place of tasks, so that they need not change threads to use the connection.
    ///
    /// Belongs to the connection, and retires the thread when the connection is gone.
    final class Preference: TaskExecutor {
        let thread = SocketThread()

        init() { thread.preference = asUnownedTaskExecutor() }

        deinit { thread.retire() }

        func enqueue(_ job: consuming ExecutorJob) {
            thread.add(.preferring(UnownedJob(job), asUnownedTaskExecutor()))
        }
    }
}
