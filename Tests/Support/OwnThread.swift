import Foundation
import Synchronization
import Testing

/// Runs a test on a thread of its own: for tests that wait for other programs.
///
/// Swift has one thread for each core, and a test that waits on one of them holds up all others.
public struct OwnThread: SuiteTrait, TestTrait, TestScoping {
    /// Given to a suite, it holds for each of its tests.
    public var isRecursive: Bool { true }

    /// Runs one test.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        let executor = ThreadExecutor()
        defer { executor.end() }
        try await withTaskExecutorPreference(executor) { try await body() }
    }
}

extension Trait where Self == OwnThread {
    /// The test waits for other programs.
    public static var ownThread: Self { Self() }
}

private final class ThreadExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let ended = Atomic<Bool>(false)
    private let signal = DispatchSemaphore(value: 0)

    init() {
        Thread { [self] in work() }.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        signal.signal()
    }

    func end() {
        ended.store(true, ordering: .releasing)
        signal.signal()
    }

    private func work() {
        while true {
            signal.wait()
            let job: UnownedJob? = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let job {
                job.runSynchronously(on: asUnownedTaskExecutor())
            } else if ended.load(ordering: .acquiring) {
                return
            }
        }
    }
}
