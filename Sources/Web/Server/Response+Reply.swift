import HTTPTypes
import Hummingbird
import JSON

extension Response {
    /// The reply as HTTP sends it; for HEAD without its body.
    init(_ reply: Reply, isHead: Bool) {
        var headers = reply.headers
        headers[.xContentTypeOptions] = "nosniff"
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        let body: ResponseBody
        switch reply.content {
        case .nothing:
            body = ResponseBody()
        case .json(let value):
            headers[.contentType] = "application/json"
            body = ResponseBody(value)
        case .problem(let value):
            headers[.contentType] = "application/problem+json"
            body = ResponseBody(value)
        case .text(let text, let mediaType):
            headers[.contentType] = mediaType
            body = ResponseBody(byteBuffer: ByteBuffer(string: text))
        case .bytes(let bytes, let mediaType):
            headers[.contentType] = mediaType
            body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        case .shared(let buffer, let mediaType):
            headers[.contentType] = mediaType
            body = ResponseBody(byteBuffer: buffer)
        case .stream(let pieces, let mediaType):
            headers[.contentType] = mediaType
            body = ResponseBody { writer in
                for try await piece in pieces { try await writer.write(ByteBuffer(bytes: piece)) }
                try await writer.finish(nil)
            }
        }
        let response = Response(status: reply.status, headers: headers, body: body)
        self = isHead ? response.createHeadResponse() : response
    }
}

extension ResponseBody {
    fileprivate init(_ value: JSON) {
        var bytes = value.bytes()
        bytes.append(UInt8(ascii: "\n"))
        self.init(byteBuffer: ByteBuffer(bytes: bytes))
    }
}
