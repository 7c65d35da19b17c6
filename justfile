# Everything that must pass before a change is merged; the same steps run in continuous integration.
check:
    bash .ci/run

# The tests, doc examples included.
test:
    cargo test --release --workspace

# The benchmarks (criterion).
bench:
    cargo bench

# The documentation, in target/doc.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --workspace

# The examples as a newcomer runs them.
examples:
    cargo run --release --example 01_cookie_factory
    cargo run --release --example 02_hierarchical_ddm
