/// Where a value lies within a form, such as `window.from` or `units[2].lead`.
struct SchemaPath: CustomStringConvertible {
    let description: String

    init(_ name: String) { description = name }

    func field(_ name: String) -> SchemaPath { SchemaPath(description.isEmpty ? name : "\(description).\(name)") }
    func element(_ index: Int) -> SchemaPath { SchemaPath("\(description)[\(index)]") }
}
