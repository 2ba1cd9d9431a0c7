//! Metadata of files that the tests write themselves.
