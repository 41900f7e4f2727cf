/// Feeds mutated input to everything that reads what others wrote, until something breaks.
///
///     reeve-fuzz seeds FOLDER             writes a first corpus, a folder for each target
///     reeve-fuzz TARGET [libFuzzer's arguments and folders]
///
/// Built with `-sanitize=fuzzer`, which instruments the code and brings libFuzzer; see `Scripts/fuzz`.
@main
struct ReeveFuzz {
    static func main() {
        let arguments = CommandLine.arguments
        if arguments.count == 3, arguments[1] == "seeds" { return Seeds.write(to: arguments[2]) }
        guard chosen != nil else {
            let names = Target.all.map(\.name).joined(separator: ", ")
            print("usage: reeve-fuzz seeds FOLDER | reeve-fuzz TARGET [ARGUMENTS], where TARGET is one of \(names)")
            return
        }
        var kept = [arguments[0]] + arguments.dropFirst(2)
        // libFuzzer reads the arguments as C has them, for as long as the process lives.
        let texts = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: kept.count + 1)
        for (index, text) in kept.enumerated() {
            let bytes = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8.count + 1)
            _ = bytes.initialize(from: text.utf8.map { CChar(bitPattern: $0) } + [0])
            texts[index] = bytes.baseAddress
        }
        texts[kept.count] = nil
        var count = CInt(kept.count)
        var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = texts
        _ = run(&count, &pointer) { data, size in
            chosen?.run(UnsafeBufferPointer(start: data, count: size).map { $0 })
            return 0
        }
        kept.removeAll()
    }
}

/// The target of this process; libFuzzer's callback can hold nothing of its own.
private let chosen: Target? = {
    let name = CommandLine.arguments.dropFirst().first
    return Target.all.first { $0.name == name }
}()

@_silgen_name("LLVMFuzzerRunDriver")
private func run(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
