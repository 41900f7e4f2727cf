/// Why a command ends without success: the message for standard error, and the exit status.
struct Failure: Error {
    /// The cause and the way out; empty where all has been said.
    var message: String
    /// 1 when the answer is no or something failed, 2 for bad usage.
    var status: Int32

    /// The answer is no, or something failed.
    init(_ message: String) {
        self.message = message
        status = 1
    }

    /// The command was called wrongly.
    static func usage(_ message: String) -> Failure {
        var failure = Failure(message)
        failure.status = 2
        return failure
    }

    /// The answer is no, and the command has said so.
    static let silent = Failure("")

    /// Any error in words.
    init(_ error: any Error) {
        self = error as? Failure ?? Failure("\(error)")
    }
}
