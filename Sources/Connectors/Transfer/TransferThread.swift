import CLibCurl
import Glibc
import Synchronization

/// A thread that runs all transfers of a process through one multi handle of libcurl.
///
/// No thread of Swift's pool ever waits for a server. The thread starts with the first transfer and ends with
/// ``stop()``; connections are kept and used again meanwhile.
public final class TransferThread: Sendable {
    private struct Desk {
        var arrived: [TransferHandle] = []
        var abandoned: [TransferHandle] = []
        var isRunning = false
        var isStopped = false
    }

    /// What holds for all transfers.
    public let policy: TransferPolicy
    private let desk = Mutex(Desk())
    private let multi: MultiHandle

    /// Prepares a thread for transfers under a policy.
    public init(policy: TransferPolicy = TransferPolicy()) {
        self.policy = policy
        multi = MultiHandle()
    }

    /// Abandons all transfers and ends the thread; later transfers fail as cancelled.
    public func stop() {
        desk.withLock { $0.isStopped = true }
        multi.wake()
    }

    /// Runs one transfer to its end.
    func run(_ transfer: Transfer) async -> TransferResult {
        guard let handle = TransferHandle(transfer, policy: policy) else {
            return .failed(.init(cause: .malformed, message: "libcurl does not take the URL or one of its settings"))
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                handle.await(continuation)
                submit(handle)
            }
        } onCancel: {
            desk.withLock { $0.abandoned.append(handle) }
            multi.wake()
        }
    }

    private func submit(_ handle: TransferHandle) {
        let start: Bool? = desk.withLock { desk in
            if desk.isStopped { return nil }
            desk.arrived.append(handle)
            defer { desk.isRunning = true }
            return !desk.isRunning
        }
        switch start {
        case nil: handle.finish(.failed(.init(cause: .cancelled, message: "transfers have been stopped")))
        case true?: spawn()
        case false?: multi.wake()
        }
    }

    private func spawn() {
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<TransferThread>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        if status == 0 {
            pthread_detach(thread)
        } else {
            // No thread to be had: what has arrived fails and is tried again later.
            let waiting = desk.withLock { desk in
                desk.isRunning = false
                defer { desk.arrived = [] }
                return desk.arrived
            }
            let reason = String(cString: strerror(status))
            for handle in waiting {
                handle.finish(.failed(.init(cause: .broken, message: "the system gives no thread: \(reason)")))
            }
        }
    }

    /// The thread's own loop.
    private func work() {
        var running: [UnsafeMutableRawPointer: TransferHandle] = [:]
        while true {
            let (arrived, abandoned, isStopped) = desk.withLock { desk in
                defer { (desk.arrived, desk.abandoned) = ([], []) }
                return (desk.arrived, desk.abandoned, desk.isStopped)
            }
            for handle in arrived {
                if multi.add(handle) {
                    running[handle.easy] = handle
                } else {
                    handle.finish(.failed(.init(cause: .broken, message: "libcurl has no room for the transfer")))
                }
            }
            for handle in isStopped ? Array(running.values) : abandoned {
                if running.removeValue(forKey: handle.easy) != nil { multi.remove(handle) }
                handle.finish(.failed(.init(cause: .cancelled, message: "the attempt was abandoned")))
            }
            if isStopped { return }
            multi.perform { easy, code in
                guard let handle = running.removeValue(forKey: easy) else { return }
                let result = handle.result(code)
                multi.remove(handle)
                handle.finish(result)
            }
            multi.wait()
        }
    }
}

/// libcurl's multi handle: used by the transfer thread alone, save for ``wake()``.
private final class MultiHandle: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer

    init() {
        // Thread-safe since libcurl 7.84, and only counts when called again.
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        multi = curl_multi_init()
        _ = reeve_curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, 64)
        _ = reeve_curl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, 8)
    }

    deinit { curl_multi_cleanup(multi) }

    func add(_ handle: TransferHandle) -> Bool { curl_multi_add_handle(multi, handle.easy) == CURLM_OK }

    func remove(_ handle: TransferHandle) { curl_multi_remove_handle(multi, handle.easy) }

    /// Moves all transfers on and reports those that ended.
    func perform(_ finished: (UnsafeMutableRawPointer, CURLcode) -> Void) {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var code = CURLE_OK
        while let easy = reeve_curl_next_finished(multi, &code) { finished(easy, code) }
    }

    /// Waits for a socket, a timeout or ``wake()``; a second at most.
    func wait() {
        var ready: Int32 = 0
        curl_multi_poll(multi, nil, 0, 1000, &ready)
    }

    func wake() { curl_multi_wakeup(multi) }
}
