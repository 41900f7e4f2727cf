/// Bytes that grow at their end; without the checks of an array at each of them.
struct ByteBuffer: ~Copyable {
    private(set) var count = 0
    private var capacity: Int
    private var base: UnsafeMutablePointer<UInt8>

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(capacity: self.capacity)
    }

    deinit { base.deallocate() }

    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: base, count: count) }

    mutating func append(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        base[count] = byte
        count += 1
    }

    mutating func append(_ text: StaticString) {
        append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let start = bytes.baseAddress else { return }
        if count + bytes.count > capacity { grow(by: bytes.count) }
        (base + count).update(from: start, count: bytes.count)
        count += bytes.count
    }

    /// Appends what `fill` writes into room for so many bytes; it says how many it has written.
    mutating func append(atMost limit: Int, _ fill: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        if count + limit > capacity { grow(by: limit) }
        count += fill(UnsafeMutableBufferPointer(start: base + count, count: limit))
    }

    /// Puts other bytes in the place of those from an offset on.
    mutating func replace(from start: Int, with bytes: [UInt8]) {
        count = start
        bytes.withUnsafeBufferPointer { append($0) }
    }

    private mutating func grow(by more: Int) {
        let larger = max(capacity * 2, count + more)
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        new.update(from: base, count: count)
        base.deallocate()
        (base, capacity) = (new, larger)
    }
}
