import Glibc
import Synchronization

/// A small process that outlives this one, and then stops the server and removes its directory if told so.
///
/// It waits for the end of a stream that only this process holds open, so a crash counts as well.
final class Guard: Sendable {
    private let stream: Mutex<Int32>
    private let process: pid_t

    /// What the shell does: `$1` is the directory, `$2` the signal, `$3` what to remove.
    private static let script = """
        alive() {
            [ -n "$1" ] && kill -0 "$1" 2>/dev/null && [ "$(cut -d ' ' -f 3 "/proc/$1/stat" 2>/dev/null)" != Z ]
        }
        read -r line
        [ "$line" = done ] && exit 0
        sleep 0.05
        pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
        if alive "$pid" && kill -s "$2" "$pid"; then
            attempts=0
            while alive "$pid" && [ $attempts -lt 200 ]; do
                sleep 0.05
                attempts=$((attempts + 1))
            done
            alive "$pid" && kill -s KILL "$pid"
        fi
        [ -z "$3" ] || rm -rf -- "$3"
        """

    init(data: String, signal: String, removing: String?) throws(ClusterError) {
        guard let shell = Command.find("sh") else { throw .system("there is no shell") }
        let pair = try StreamPair()
        defer { close(pair.far) }
        let null = open("/dev/null", O_WRONLY | O_CLOEXEC)
        defer { close(null) }
        do throws(ClusterError) {
            process = try Command([shell, "-c", Self.script, "guard", data, signal, removing ?? ""])
                .spawn(input: pair.far, output: null)
        } catch {
            close(pair.near)
            throw error
        }
        stream = Mutex(pair.near)
    }

    /// Lets the guard go without doing anything.
    func dismiss() { end(saying: "done\n") }

    /// Lets the guard do its work now, and waits for it.
    func trigger() { end(saying: "") }

    private func end(saying word: String) {
        let descriptor = stream.withLock { stream in
            defer { stream = -1 }
            return stream
        }
        guard descriptor >= 0 else { return }
        if !word.isEmpty { _ = word.withCString { send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) } }
        close(descriptor)
        _ = Command.wait(for: process)
    }

    deinit { trigger() }
}
