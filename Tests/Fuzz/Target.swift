/// Something that takes bytes of strangers, and what must hold of it whatever they are.
struct Target: Sendable {
    /// Its name on the command line.
    let name: String
    /// First inputs, from which others are bred.
    let seeds: [String]
    /// Takes one input; a trap or a broken promise ends the process.
    let run: @Sendable ([UInt8]) -> Void

    static let all: [Target] = [
        .cel, .checkedCEL, .celBatch, .regex, .json, .yaml, .rules, .calendars, .definitions, .recurrence, .times,
    ]

    /// Ends the process, so that libFuzzer keeps the input.
    static func demand(_ condition: Bool, _ promise: @autoclosure () -> String) {
        if !condition { fatalError("broken promise: \(promise())") }
    }
}
