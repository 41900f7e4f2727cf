/// Waiting times that grow with each attempt.
struct Backoff: Sendable {
    /// The first wait.
    var first: Duration
    /// What each wait is multiplied by to make the next.
    var factor: Int
    /// No wait is longer.
    var longest: Duration

    /// Between attempts to reach a database that is away: 10 ms, doubling to a second.
    static let ofDatabase = Backoff(first: .milliseconds(10), factor: 2, longest: .seconds(1))

    /// The wait after an attempt, counted from 1.
    func wait(after attempt: Int) -> Duration {
        var wait = first
        for _ in 1..<max(1, min(attempt, 64)) {
            wait = wait * factor
            if wait >= longest { return longest }
        }
        return min(wait, longest)
    }

    /// The wait shortened by up to half, so that what failed together does not come back together.
    ///
    /// - Parameter random: From 0 to 1.
    func wait(after attempt: Int, random: Double) -> Duration {
        wait(after: attempt) * (1 - min(max(random, 0), 1) / 2)
    }
}
