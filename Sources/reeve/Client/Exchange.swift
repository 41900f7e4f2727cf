import CLibCurl

/// One request over HTTP and its answer, by libcurl; the caller waits for it.
struct Exchange {
    /// The method of HTTP.
    var method: String
    /// The address.
    var url: String
    /// Lines such as `Accept: application/json`.
    var headers: [String]
    /// The body; empty for none.
    var body: [UInt8]
    /// How long it may take, in seconds.
    var timeout = 60

    /// What came back.
    struct Answer {
        var status: Int
        var body: [UInt8]
    }

    /// Sends the request and waits for the answer; redirections are not followed.
    func perform() throws(Failure) -> Answer {
        guard let handle = curl_easy_init() else { throw Failure("libcurl cannot be started") }
        defer { curl_easy_cleanup(handle) }
        let exchange = UnsafeMutablePointer<reeve_exchange>.allocate(capacity: 1)
        exchange.initialize(to: reeve_exchange())
        exchange.pointee.answer_limit = 1 << 30
        defer {
            free(exchange.pointee.answer)
            exchange.deallocate()
        }
        var lines: UnsafeMutablePointer<curl_slist>?
        for line in headers + ["Expect:"] { lines = curl_slist_append(lines, line) }
        defer { curl_slist_free_all(lines) }
        reeve_curl_attach(handle, exchange)
        _ = reeve_curl_set_list(handle, CURLOPT_HTTPHEADER, lines)
        for (option, text) in [(CURLOPT_URL, url), (CURLOPT_PROTOCOLS_STR, "http,https")] {
            guard reeve_curl_set_text(handle, option, text) == CURLE_OK else {
                throw Failure("\(url) is no address that libcurl can use")
            }
        }
        if !body.isEmpty || method == "POST" {
            _ = reeve_curl_set_long(handle, CURLOPT_POST, 1)
            _ = reeve_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
        }
        _ = reeve_curl_set_text(handle, CURLOPT_CUSTOMREQUEST, method)
        _ = reeve_curl_set_long(handle, CURLOPT_TIMEOUT, timeout)
        _ = reeve_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        let code = body.withUnsafeBufferPointer { body in
            exchange.pointee.body = body.baseAddress
            exchange.pointee.body_length = body.count
            return curl_easy_perform(handle)
        }
        guard code == CURLE_OK else {
            throw Failure("\(url) does not answer: \(String(cString: curl_easy_strerror(code)))")
        }
        let answer = UnsafeBufferPointer(start: exchange.pointee.answer, count: exchange.pointee.answer_length)
        return Answer(status: reeve_curl_long(handle, CURLINFO_RESPONSE_CODE), body: Array(answer))
    }
}
