//! The whole house under test: one binary, one module per noun.
