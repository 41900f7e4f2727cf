import HTTPTypes
import JSON
import NIOCore

extension Route {
    /// Every operation there is, in the order in which they are described.
    static let all: [Route] =
        pages + health + metrics + description + instanceLists + instanceCommands + evidence + work
        + deadlines + recomputations + feeds + register + definitions + upgrades + verification + deliveries + sight
        + directory
        + calendars + tokens + pauses

    /// The description of the API itself.
    static let description: [Route] = [
        Route(
            method: .get, path: "/openapi.json", name: "describeAPI", summary: "The OpenAPI description of this server",
            topic: "Description", access: .everyone, success: .json(.anything),
            handle: { _ in Reply(.ok, .shared(descriptionText, mediaType: "application/json")) })
    ]

    /// One text for all who ask: however many are slow to take it, it lies in memory once.
    private static let descriptionText = ByteBuffer(
        bytes: OpenAPI.document(of: Route.all, version: Server.version).bytes() + [UInt8(ascii: "\n")])
}
