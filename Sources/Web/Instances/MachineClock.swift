import Deadlines
import Glibc

extension Instant {
    /// The present by this machine's clock.
    ///
    /// It goes into identifiers; what is recorded, and what is due, is decided by the database's clock.
    package static var ofThisMachine: Instant {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Instant(microseconds: Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000)
    }
}
