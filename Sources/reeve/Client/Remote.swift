import JSON

/// The running Reeve that commands about instances talk to.
struct Remote {
    /// Its address, without a slash at the end.
    let url: String
    private let token: String

    /// Finds it: what the settings `url` and `token` say, else the file that `reeve up` writes into its data directory.
    ///
    /// - Parameter person: the person of a demonstration to act as; nil for whoever the token belongs to.
    init(_ configuration: Configuration, as person: String? = nil) throws(Failure) {
        var url = configuration[.url]
        var token = configuration[.token]
        if url == nil || token == nil || person != nil {
            let known = try KnownServer.read(in: try configuration.required(.data).expandingHome)
            url = url ?? known?.url
            token = token ?? known?.token
            if let person {
                guard let own = known?.people[person] else {
                    let people = known?.people.keys.sorted().joined(separator: ", ") ?? ""
                    throw .usage(
                        "There is no token for \(person) here; --as knows "
                            + (people.isEmpty ? "nobody: it is for demonstrations" : people))
                }
                token = own
            }
        }
        guard let url else {
            throw Failure(
                "No running Reeve is known here. Start one with `reeve up`, or say where it is with REEVE_URL and "
                    + "REEVE_TOKEN.")
        }
        guard url.hasPrefix("http://") || url.hasPrefix("https://") else {
            throw .usage("The setting url must begin with http:// or https://, found \"\(url)\"")
        }
        guard let token else { throw Failure("No token for \(url) is known: set REEVE_TOKEN.") }
        self.url = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.token = token
    }

    /// Asks for something to read.
    ///
    /// - Parameters:
    ///   - path: segments of the path after `/api/v1`, not encoded.
    ///   - query: parameters; those without a value are left out.
    func get(_ path: [String], _ query: [(String, String?)] = []) throws(Failure) -> JSON {
        try send("GET", path, query)
    }

    /// Asks for something to be done.
    func post(
        _ path: [String], _ body: JSON, key: String? = nil, version: Int64? = nil
    ) throws(Failure) -> JSON {
        try send("POST", path, body: body, headers: Self.headers(key, version))
    }

    private static func headers(_ key: String?, _ version: Int64?) -> [String] {
        var headers: [String] = []
        if let key { headers.append("Idempotency-Key: \(key)") }
        if let version { headers.append("If-Match: \"\(version)\"") }
        return headers
    }

    /// Asks for something to be put in a place, or taken from it.
    func send(
        _ method: String, _ path: [String], _ query: [(String, String?)] = [], body: JSON? = nil,
        headers: [String] = []
    ) throws(Failure) -> JSON {
        let headers = body == nil ? headers : headers + ["Content-Type: application/json"]
        return try json(exchange(method, path, query, body?.bytes(), headers))
    }

    private func json(_ answer: Exchange.Answer) throws(Failure) -> JSON {
        if answer.body.isEmpty { return .null }
        do throws(JSONError) {
            return try JSON(parsing: answer.body)
        } catch {
            throw Failure("\(url) answered with something other than JSON (\(error)); is it a Reeve?")
        }
    }

    /// Asks for a document that is not JSON.
    func bytes(_ path: [String], _ query: [(String, String?)] = []) throws(Failure) -> [UInt8] {
        try exchange("GET", path, query, nil, []).body
    }

    /// Sends a file of any type.
    func upload(
        _ path: [String], _ query: [(String, String?)], _ file: [UInt8], type: String, key: String?, version: Int64?
    ) throws(Failure) -> JSON {
        let headers = Self.headers(key, version) + ["Content-Type: \(type)"]
        return try json(exchange("POST", path, query, file, headers))
    }

    private func exchange(
        _ method: String, _ path: [String], _ query: [(String, String?)], _ body: [UInt8]?, _ headers: [String]
    ) throws(Failure) -> Exchange.Answer {
        let target = (["/api/v1"] + path.map(Self.escape)).joined(separator: "/")
        let pairs = query.compactMap { name, value in value.map { "\(name)=\(Self.escape($0))" } }
        let headers = headers + ["Authorization: Bearer \(token)", "Accept: application/json"]
        let exchange = Exchange(
            method: method, url: url + target + (pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")),
            headers: headers, body: body ?? [])
        let answer = try exchange.perform()
        guard answer.status < 400 else { throw Self.refusal(answer, url) }
        return answer
    }

    /// The problem that a server describes (RFC 9457), in words.
    private static func refusal(_ answer: Exchange.Answer, _ url: String) -> Failure {
        guard let problem = try? JSON(parsing: answer.body), let detail = problem["detail"]?.stringValue else {
            return Failure("\(url) answered with status \(answer.status)")
        }
        var lines = [detail]
        for fault in problem["errors"]?.arrayValue ?? [] {
            let place = fault["pointer"]?.stringValue ?? ""
            let words = fault["detail"]?.stringValue ?? ""
            if !detail.contains(words) { lines.append("  \(place): \(words)") }
        }
        for reason in problem["rejection"]?["details"]?["because"]?.arrayValue ?? [] {
            if let reason = reason.stringValue, !detail.contains(reason) { lines.append("  \(reason)") }
        }
        return Failure(lines.joined(separator: "\n"))
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                escaped += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return escaped
    }
}
