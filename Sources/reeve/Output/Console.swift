import Glibc
import JSON

/// Standard output and standard error.
enum Console {
    /// Writes a line to standard output.
    static func write(_ line: String = "") {
        print(line)
    }

    /// Writes a JSON value to standard output, laid out for people, and a line break.
    static func write(_ value: JSON, _ format: JSON.Format = .pretty) {
        print(value.text(format))
    }

    /// Writes a line to standard error.
    static func error(_ line: String) {
        flush()
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let written = Glibc.write(2, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard written > 0 else { return }
                rest = rest.dropFirst(written)
            }
        }
    }

    /// Hands on what was written so far, for readers at the other end of a pipe.
    static func flush() {
        fflush(nil)
    }

    /// Ends the process.
    static func finish(_ status: Int32) -> Never {
        flush()
        exit(status)
    }
}
