//! Tests, benches and the demo stand on this: the proxy in front of the AWS emulator.
