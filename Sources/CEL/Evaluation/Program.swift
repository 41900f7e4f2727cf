/// An expression compiled for an environment, to be evaluated often.
///
/// Names are resolved, constant parts computed, patterns compiled; an evaluation allocates little.
public struct Program: Sendable {
    /// The expression.
    public let expression: Expression
    /// What its names mean.
    public let environment: Environment

    let plan: any Plan
    /// The plan of every node, by id, for explanations.
    let plans: [(any Plan)?]

    /// Compiles an expression.
    ///
    /// Nothing is checked: what is wrong comes out when it is evaluated.
    public init(_ expression: Expression, in environment: Environment = Environment()) {
        var compiler = Compiler(expression: expression, environment: environment)
        plan = compiler.compile(expression.root)
        plans = compiler.plans
        self.expression = expression
        self.environment = environment
    }

    /// Computes the value, or says why there is none.
    public func evaluate(
        _ activation: some Activation, limit: CostLimit = .standard
    ) throws(EvaluationError) -> Value {
        var frame = Frame(activation: activation, zones: environment.zones, budget: limit.units)
        do throws(EvaluationError) {
            return try plan.run(&frame)
        } catch {
            throw error.positioned(in: expression.source)
        }
    }
}
