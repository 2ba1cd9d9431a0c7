//! What the houses under test stand on, and the tests that need not run twice.

/// A column of the drawing of the house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Column {
    /// What is built in: SQLite, channels in process, an index and blobs in folders
    Embedded,
    /// PostgreSQL, Redis, Elasticsearch and a store of blobs
    Cluster,
    Both,
}

/// Tests of the house, by the beginning of their names, that run on what is built in only, each with the reason.
pub const EMBEDDED_ONLY: &[(&str, &str)] = &[
    ("extraction_child::", "a reading process knows no house"),
    ("extraction_hostile::", "a reading process knows no house"),
    ("fsck::the_command_ends_well", "the program is started with the settings of the embedded house"),
    ("extraction_tools::", "a reading process knows no house"),
    ("fuzz::", "malformed requests are refused before anything is asked of a store"),
    ("hostile::requests::", "malformed requests are refused before anything is asked of a store"),
    ("schema::", "the schema is the same file"),
    ("graphiql::", "a page is served from the program itself"),
];

/// Left out of every run by the mark `ignore`, like those that need servers, but started by other tests only.
pub const CHILDREN: &[&str] =
    &["_until_it_is_killed", "::a_caller_that_calls_as_fast_as_it_may", "::a_process_that_calls_when_it_is_told_to"];
