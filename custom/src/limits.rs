//! How much an expression may be and do. Nothing here depends on a clock: the same account gives the same findings on
//! every machine. A step is what reading a field costs; a second has some millions of them.

/// Bytes of an expression.
pub const BYTES: usize = 4096;
/// Nodes of an expression, with those few that its macros expand to.
pub const NODES: usize = 200;
/// How deep an expression may be nested.
pub const DEPTH: usize = 32;
/// Levels of expressions within each other that the parser follows.
pub const PARSER_DEPTH: u16 = 32;
/// Bytes of the parser's stack: a level takes a hundred thousand of them in unoptimized code.
pub const PARSER_STACK: usize = 16 << 20;
/// Macros with a loop (`all`, `exists`, `exists_one`, `map`, `filter`) of an expression.
pub const LOOPS: usize = 8;
/// Loops within each other.
pub const NESTED_LOOPS: usize = 3;
/// Steps of an evaluation: of one expression on one resource.
pub const STEPS: u64 = 100_000;
/// Steps of a check, over all resources of an account.
pub const STEPS_OF_CHECK: u64 = 5_000_000;
/// Bytes of text that cost a step.
pub const BYTES_PER_STEP: usize = 256;
/// Steps that a pattern costs to compile.
pub const PATTERN_STEPS: usize = 5000;
/// Steps that a policy costs to parse, besides its bytes.
pub const POLICY_STEPS: usize = 50;
/// Bytes of a compiled pattern.
pub const PATTERN_BYTES: usize = 1 << 17;
/// Compiled patterns that are kept.
pub const PATTERNS: usize = 32;
/// Characters of a text in the evidence.
pub const EVIDENCE_CHARS: usize = 1000;
/// Items of a list in the evidence.
pub const EVIDENCE_ITEMS: usize = 50;
/// Bytes of a file of `checks.d`.
pub const FILE_BYTES: u64 = 1 << 20;
