//! Each verb of documents and rules, in sentences.
