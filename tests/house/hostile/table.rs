//! Who may expect what of each root field: one line per field, one column per person, in the order of `Who::ALL`. The
//! questions are those of `scenes.rs`: things of the owner, whose workspace the reader, the writer and the keeper share.

use Answer::{Nothing as __, Ok as OK, Top, User};

/// What an answer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Done, or shown.
    Ok,
    /// Null, or a list without what was asked for.
    Nothing,
    /// Refused in `userErrors`, with this code.
    User(&'static str),
    /// Refused at the top level, with this code.
    Top(&'static str),
}

const NF: Answer = User("NOT_FOUND");
const NA: Answer = User("NOT_ALLOWED");
const IN: Answer = User("INVALID");
const UN: Answer = Top("UNAUTHENTICATED");
const FO: Answer = Top("FORBIDDEN");
const MI: Answer = Top("NOT_FOUND");

#[rustfmt::skip]
pub const TABLE: &[(&str, [Answer; 8])] = &[
    //                        anonymous, stranger, reader, writer, keeper, owner, script, administrator
    ("auditEntries",          [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("capabilities",          [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("changeCursor",          [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("changes",               [UN, __, OK, OK, OK, OK, OK, OK]),
    ("cloudDrives",           [UN, MI, MI, MI, MI, OK, OK, FO]),
    ("cloudFiles",            [UN, MI, MI, MI, MI, OK, OK, FO]),
    ("cloudSearch",           [UN, MI, MI, MI, MI, OK, OK, FO]),
    ("connection",            [UN, __, __, __, __, OK, OK, OK]),
    ("connectionFlow",        [UN, __, __, __, __, OK, OK, __]),
    ("connections",           [UN, __, __, __, __, OK, OK, OK]),
    ("document",              [UN, __, OK, OK, OK, OK, OK, OK]),
    ("documents",             [UN, MI, OK, OK, OK, OK, OK, OK]),
    ("group",                 [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("groups",                [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("job",                   [UN, __, __, __, __, OK, OK, OK]),
    ("jobCounts",             [UN, __, __, __, __, OK, OK, OK]),
    ("jobs",                  [UN, __, __, __, __, OK, OK, OK]),
    ("node",                  [UN, __, OK, OK, OK, OK, OK, OK]),
    ("nodes",                 [UN, __, OK, OK, OK, OK, OK, OK]),
    ("persistedOperations",   [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("principals",            [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("provider",              [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("providers",             [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("rateLimit",             [OK, OK, OK, OK, OK, OK, OK, OK]),
    ("search",                [UN, __, OK, OK, OK, OK, OK, OK]),
    ("user",                  [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("users",                 [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("viewer",                [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("workspaces",            [UN, __, OK, OK, OK, OK, OK, OK]),
    ("aclBlockInheritance",   [UN, NF, NA, NA, OK, OK, FO, OK]),
    ("aclGrant",              [UN, NF, NA, NA, OK, OK, FO, OK]),
    ("aclRevoke",             [UN, NF, NA, NA, OK, OK, FO, OK]),
    ("connectionBegin",       [UN, OK, OK, OK, OK, OK, FO, OK]),
    ("connectionRevoke",      [UN, NF, NF, NF, NF, OK, FO, OK]),
    ("connectionShare",       [UN, NF, NF, NF, NF, OK, FO, OK]),
    ("connectionUnshare",     [UN, NF, NF, NF, NF, OK, FO, OK]),
    ("documentCreate",        [UN, NF, NA, OK, OK, OK, FO, OK]),
    ("documentDelete",        [UN, NF, NA, OK, OK, OK, FO, OK]),
    ("documentEmptyTrash",    [UN, NF, __, OK, OK, OK, FO, OK]),
    ("documentLink",          [UN, NF, NA, NF, NF, OK, FO, NA]),
    ("documentMove",          [UN, NF, NA, OK, OK, OK, FO, OK]),
    ("documentExtract",       [UN, NF, OK, OK, OK, OK, FO, OK]),
    ("documentRefresh",       [UN, NF, OK, OK, OK, OK, FO, OK]),
    ("documentRename",        [UN, NF, NA, OK, OK, OK, FO, OK]),
    ("documentReorder",       [UN, NF, NA, OK, OK, OK, FO, OK]),
    ("documentRestore",       [UN, NF, NA, OK, OK, OK, FO, OK]),
    ("documentTrash",         [UN, NF, NA, OK, OK, OK, FO, OK]),
    ("feedPoll",              [UN, NF, NF, NF, NF, OK, FO, OK]),
    ("groupCreate",           [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("groupDelete",           [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("groupMemberAdd",        [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("groupMemberRemove",     [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("groupUpdate",           [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("jobCancel",             [UN, NF, NF, NF, NF, OK, FO, OK]),
    ("jobRetry",              [UN, NF, NF, NF, NF, OK, FO, OK]),
    ("passwordChange",        [UN, IN, IN, IN, IN, IN, FO, IN]),
    ("passwordSet",           [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("providerCreate",        [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("providerDelete",        [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("providerTest",          [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("providerUpdate",        [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("sessionCreate",         [OK, OK, OK, OK, OK, OK, OK, OK]),
    ("sessionEnd",            [UN, OK, OK, OK, OK, OK, OK, OK]),
    ("tokenCreate",           [UN, OK, OK, OK, OK, OK, FO, OK]),
    ("tokenRevoke",           [UN, NF, NF, NF, NF, OK, FO, OK]),
    ("userCreate",            [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("userDisable",           [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("userEnable",            [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("userUpdate",            [UN, FO, FO, FO, FO, FO, FO, OK]),
    ("Subscription.changes",           [UN, __, OK, OK, OK, OK, OK, OK]),
    ("Subscription.connectionChanged", [UN, __, __, __, __, OK, OK, OK]),
    ("Subscription.documentChanged",   [UN, __, OK, OK, OK, OK, OK, OK]),
    ("Subscription.feedChanged",       [UN, __, __, __, __, OK, OK, OK]),
    ("Subscription.jobUpdated",        [UN, __, __, __, __, OK, OK, OK]),
];
