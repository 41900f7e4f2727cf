import Glibc

/// A TCP port on which a server is about to listen.
enum Port {
    /// Says at once what would otherwise be found out after minutes of preparation: that the port is taken.
    ///
    /// Another program may still take it in between; the server then says the same.
    static func check(host: String, port: Int) throws(Failure) {
        guard port > 0 else { return }
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, String(port), &hints, &found)
        guard code == 0, let address = found?.pointee else {
            throw Failure("\(host) is no address of this machine: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var yes: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        // One that has just been killed is given the time to be gone.
        for _ in 0..<20 {
            if bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return }
            guard errno == EADDRINUSE else { break }
            usleep(50_000)
        }
        switch errno {
        case EADDRINUSE:
            throw Failure(
                """
                Port \(port) on \(host) is taken by another program. Stop that one, or choose another port with \
                --listen \(host):PORT.
                """)
        case let code:
            throw Failure(
                "Reeve cannot listen on \(host):\(port): \(String(cString: strerror(code))). Choose another --listen.")
        }
    }
}
