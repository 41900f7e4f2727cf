import CLibCurl
import Synchronization

/// One transfer under way: libcurl's easy handle, the memory it uses, and who waits for the result.
///
/// Made by the sender, then used by the transfer thread alone until it has finished.
final class TransferHandle: @unchecked Sendable {
    let easy: UnsafeMutableRawPointer
    private let exchange: UnsafeMutablePointer<reeve_exchange>
    private let body: UnsafeMutableBufferPointer<UInt8>
    private var lists: [UnsafeMutablePointer<curl_slist>] = []
    private let waiting = Mutex<Waiting>(.nobody)

    private enum Waiting {
        case nobody
        case somebody(CheckedContinuation<TransferResult, Never>)
        case finished
    }

    /// Nil where libcurl refuses one of the settings.
    init?(_ transfer: Transfer, policy: TransferPolicy) {
        guard let easy = curl_easy_init() else { return nil }
        self.easy = easy
        body = .allocate(capacity: transfer.body.count)
        _ = body.initialize(fromContentsOf: transfer.body)
        exchange = .allocate(capacity: 1)
        exchange.initialize(to: reeve_exchange())
        exchange.pointee.body = UnsafePointer(body.baseAddress)
        exchange.pointee.body_length = body.count
        exchange.pointee.answer_limit = transfer.answerLimit
        exchange.pointee.public_addresses_only = policy.publicAddressesOnly
        reeve_curl_attach(easy, exchange)
        guard configure(transfer, policy: policy) else { return nil }
    }

    deinit {
        curl_easy_cleanup(easy)
        for list in lists { curl_slist_free_all(list) }
        free(exchange.pointee.answer)
        exchange.deallocate()
        body.deallocate()
    }

    /// Says who waits for the result.
    func await(_ continuation: CheckedContinuation<TransferResult, Never>) {
        waiting.withLock { $0 = .somebody(continuation) }
    }

    /// Hands over the result; only the first counts.
    func finish(_ result: TransferResult) {
        let waiter = waiting.withLock { waiting in
            defer { waiting = .finished }
            return waiting
        }
        if case .somebody(let continuation) = waiter { continuation.resume(returning: result) }
    }
}

extension TransferHandle {
    private func configure(_ transfer: Transfer, policy: TransferPolicy) -> Bool {
        let isSet =
            set(CURLOPT_URL, transfer.url)
            && set(CURLOPT_PROTOCOLS_STR, "http,https,smtp,smtps")
            && set(CURLOPT_FOLLOWLOCATION, 0)
            && set(CURLOPT_NOSIGNAL, 1)
            && set(CURLOPT_NOPROGRESS, 1)
            && set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
            && set(CURLOPT_CONNECTTIMEOUT_MS, transfer.connectTimeout.wholeMilliseconds)
            && set(CURLOPT_TIMEOUT_MS, transfer.timeout.wholeMilliseconds)
            && (policy.authorities.map { set(CURLOPT_CAINFO, $0) } ?? true)
        guard isSet else { return false }
        switch transfer.method {
        case .connect: return configureConnect(transfer, policy: policy)
        case .post:
            return set(CURLOPT_PROXY, policy.proxy ?? "") && configurePost(transfer)
        case .mail(let sender, let recipients):
            return set(CURLOPT_PROXY, "") && configureMail(transfer, from: sender, to: recipients)
        }
    }

    private func configureConnect(_ transfer: Transfer, policy: TransferPolicy) -> Bool {
        let isMail = transfer.url.hasPrefix("smtp")
        let encryption = transfer.encryption == .upgrade ? CURLUSESSL_ALL : CURLUSESSL_NONE
        let isSet =
            set(CURLOPT_PROXY, isMail ? "" : policy.proxy ?? "")
            && set(CURLOPT_CONNECT_ONLY, 1)
            && set(CURLOPT_USE_SSL, Int(encryption.rawValue))
        guard isSet, let credentials = transfer.credentials else { return isSet }
        return set(CURLOPT_USERNAME, credentials.user) && set(CURLOPT_PASSWORD, credentials.password)
    }

    private func configurePost(_ transfer: Transfer) -> Bool {
        // An empty `Expect:` keeps libcurl from waiting a second for servers that ignore the header.
        let headers = transfer.headers.map { "\($0.name): \($0.value)" } + ["Expect:"]
        return set(CURLOPT_POST, 1)
            && reeve_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)) == CURLE_OK
            && set(CURLOPT_HTTPHEADER, headers)
    }

    private func configureMail(_ transfer: Transfer, from sender: String, to recipients: [String]) -> Bool {
        let encryption = transfer.encryption == .upgrade ? CURLUSESSL_ALL : CURLUSESSL_NONE
        let isSet =
            set(CURLOPT_UPLOAD, 1)
            && reeve_curl_set_size(easy, CURLOPT_INFILESIZE_LARGE, curl_off_t(body.count)) == CURLE_OK
            && set(CURLOPT_MAIL_FROM, "<\(sender)>")
            && set(CURLOPT_MAIL_RCPT, recipients.map { "<\($0)>" })
            && set(CURLOPT_USE_SSL, Int(encryption.rawValue))
        guard isSet else { return false }
        guard let credentials = transfer.credentials else { return true }
        return set(CURLOPT_USERNAME, credentials.user) && set(CURLOPT_PASSWORD, credentials.password)
    }

    private func set(_ option: CURLoption, _ value: String) -> Bool {
        // libcurl copies the text, up to the first zero byte: one inside would cut it short.
        !value.utf8.contains(0) && reeve_curl_set_text(easy, option, value) == CURLE_OK
    }

    private func set(_ option: CURLoption, _ value: Int) -> Bool {
        reeve_curl_set_long(easy, option, value) == CURLE_OK
    }

    private func set(_ option: CURLoption, _ values: [String]) -> Bool {
        var list: UnsafeMutablePointer<curl_slist>?
        for value in values {
            guard let longer = curl_slist_append(list, value) else {
                curl_slist_free_all(list)
                return false
            }
            list = longer
        }
        guard let list else { return true }
        lists.append(list)
        return reeve_curl_set_list(easy, option, list) == CURLE_OK
    }
}

extension TransferHandle {
    /// What libcurl's code means, with what the server said.
    func result(_ code: CURLcode) -> TransferResult {
        let status = reeve_curl_long(easy, CURLINFO_RESPONSE_CODE)
        guard code == CURLE_OK else {
            return .failed(.init(cause: cause(of: code), status: status, message: words(for: code)))
        }
        let seconds = reeve_curl_size(easy, CURLINFO_RETRY_AFTER)
        let bytes = UnsafeBufferPointer(start: exchange.pointee.answer, count: exchange.pointee.answer_length)
        return .answered(
            .init(status: status, body: Array(bytes), retryAfter: seconds > 0 ? .seconds(seconds) : nil))
    }

    private func cause(of code: CURLcode) -> TransferResult.Failure.Cause {
        if exchange.pointee.address_refused { return .addressForbidden }
        return switch code {
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT: .malformed
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .unresolved
        case CURLE_COULDNT_CONNECT: .unreachable
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED:
            .untrusted
        case CURLE_LOGIN_DENIED: .loginRefused
        default: .broken
        }
    }

    private func words(for code: CURLcode) -> String {
        if exchange.pointee.address_refused {
            return "the address is not public, and this installation allows no other"
        }
        let told = withUnsafePointer(to: exchange.pointee.fault) { fault in
            fault.withMemoryRebound(to: CChar.self, capacity: Int(CURL_ERROR_SIZE)) { String(cString: $0) }
        }
        return told.isEmpty ? String(cString: curl_easy_strerror(code)) : told
    }
}

extension Duration {
    /// Rounded up, at least 1: libcurl takes 0 for no limit.
    fileprivate var wholeMilliseconds: Int {
        let (seconds, attoseconds) = components
        return max(1, Int(clamping: seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    }
}
