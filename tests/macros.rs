//! Programs that must not compile, with the messages they must give.

#[test]
fn wrong_statements_are_compile_errors() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
