//! The harness of the house under test: a private database per test, real doors, real workers, a local cloud.
