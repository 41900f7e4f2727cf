import CLibPQ
import Glibc
import TestSupport
import Testing

@testable import PostgresClient

/// A server that is gone without a word, as when its machine loses power: only TCP can find out.
@Suite struct SilenceTests {
    @Test func theSystemIsToldHowLongSilenceMayLast() async throws {
        let cluster = try TestCluster(port: try freePort())
        let port = cluster.server.configuration.port ?? 0
        let conninfo = "host=127.0.0.1 port=\(port) user=postgres password=secret"
        #expect(try await limits(conninfo) == [60_000, 30, 10, 3])
        #expect(try await limits("\(conninfo) tcp_user_timeout=7000 keepalives_idle=70") == [7000, 70, 10, 3])
    }

    /// Milliseconds that what was sent may go unanswered; seconds of rest before the first probe, and between probes; probes.
    private func limits(_ conninfo: String) async throws -> [Int32] {
        let connection = try await PostgresConnection.connect(PostgresConfiguration(conninfo))
        let limits = await connection.limits()
        await connection.close()
        return limits
    }
}

extension PostgresConnection {
    fileprivate func limits() -> [Int32] {
        let socket = link.map { PQsocket($0.raw) } ?? -1
        return [TCP_USER_TIMEOUT, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT].map { option in
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            getsockopt(socket, Int32(IPPROTO_TCP), option, &value, &size)
            return value
        }
    }
}
