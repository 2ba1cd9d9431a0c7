//! Walls between crates: which floor may stand on which, and which library stays outside which room.

use std::collections::BTreeMap;

use super::{
    Breach,
    house::{Crate, House},
};

/// What each floor may stand on. A crate that is not listed (the binary, the tests, xtask) sees the whole house.
const FLOORS: &[(&str, &[&str])] = &[
    ("hawser-entity", &[]),
    ("hawser-providers", &[]),
    ("hawser-migration", &[]),
    ("hawser-sandbox", &[]),
    ("hawser-extract", &[]),
    ("hawser-domain", &["hawser-entity", "hawser-extract", "hawser-providers"]),
    ("hawser-api", &["hawser-domain", "hawser-providers"]),
    ("hawser-workers", &["hawser-domain", "hawser-providers", "hawser-extract"]),
];

/// Crates that stay strangers to the house in their tests too, so that they judge it from outside.
const STRANGERS: &[&str] = &["hawser-sandbox", "hawser-extract", "hawser-migration"];

/// Libraries that must not be linked through a crate, at any depth.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("hawser-providers", &["sea-orm", "sea-orm-migration", "sqlx", "async-graphql", "apalis", "apalis-core"]),
    ("hawser-domain", &["async-graphql", "actix-web"]),
    ("hawser-workers", &["async-graphql", "actix-web"]),
];

/// Libraries that a crate must not name itself, though it may stand on a floor that does.
const NOT_NAMED: &[(&str, &[&str])] =
    &[("hawser-api", &["apalis", "apalis-core", "sea-orm", "sea-orm-migration", "sqlx"])];

pub fn breaches(house: &House) -> Vec<Breach> {
    let mut found: Vec<_> = house.crates.iter().flat_map(of_crate).collect();
    found.extend(shared_entries(house));
    found
}

/// A folder `tests` at the root is taken by cargo for tests of the root crate as well, unless that one says
/// `autotests = false`: everything in it would be built and run twice.
fn shared_entries(house: &House) -> Vec<Breach> {
    let mut owners = BTreeMap::<_, Vec<_>>::new();
    for it in &house.crates {
        for entry in &it.entries {
            owners.entry(entry).or_default().push(it.name.as_str());
        }
    }
    owners.retain(|_, owners| owners.len() > 1);
    let breach = |(entry, owners): (&String, Vec<&str>)| Breach {
        place: entry.clone(),
        what: format!(
            "belongs to {}; set `autotests = false` in the one that should not have it",
            owners.join(" and ")
        ),
    };
    owners.into_iter().map(breach).collect()
}

fn of_crate(it: &Crate) -> Vec<Breach> {
    let mut found = Vec::new();
    let mut breach = |what: String| found.push(Breach { place: it.name.clone(), what });

    if let Some(below) = listed(FLOORS, it) {
        for name in it.direct.iter().filter(|name| is_ours(name) && !below.contains(&name.as_str())) {
            breach(format!("stands on {name}, which is not below it"));
        }
    }
    if STRANGERS.contains(&it.name.as_str()) {
        for name in it.in_tests.iter().filter(|name| is_ours(name)) {
            breach(format!("must know nothing of the house, and its tests name {name}"));
        }
    }
    for library in listed(OUTSIDE, it).unwrap_or_default() {
        if it.direct.contains(*library) || it.reach.contains(*library) {
            breach(format!("links {library}, which stays outside this crate"));
        }
    }
    for library in listed(NOT_NAMED, it).unwrap_or_default() {
        if it.direct.contains(*library) {
            breach(format!("names {library} in its Cargo.toml; it goes through the domain"));
        }
    }
    found
}

fn listed(table: &[(&str, &'static [&'static str])], it: &Crate) -> Option<&'static [&'static str]> {
    table.iter().find(|(name, _)| *name == it.name).map(|(_, list)| *list)
}

fn is_ours(name: &str) -> bool {
    name.starts_with("hawser-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, direct: &[&str], reach: &[&str], in_tests: &[&str]) -> Vec<String> {
        let set = |names: &[&str]| names.iter().map(|it| it.to_string()).collect();
        let it = Crate {
            name: name.into(),
            direct: set(direct),
            reach: set(reach),
            in_tests: set(in_tests),
            ..Crate::default()
        };
        of_crate(&it).into_iter().map(|breach| breach.what).collect()
    }

    #[test]
    fn providers_may_not_know_a_database_or_the_house() {
        assert_eq!(found("hawser-providers", &["sea-orm"], &[], &[]).len(), 1);
        assert_eq!(found("hawser-providers", &["wrapper"], &["wrapper", "sea-orm"], &[]).len(), 1);
        assert_eq!(found("hawser-providers", &["hawser-entity"], &[], &[]).len(), 1);
        assert!(found("hawser-providers", &["reqwest"], &["hyper"], &["hawser-sandbox"]).is_empty());
    }

    #[test]
    fn graphql_stays_out_of_the_domain_and_the_workers() {
        assert_eq!(found("hawser-domain", &[], &["async-graphql"], &[]).len(), 1);
        assert_eq!(found("hawser-workers", &["async-graphql"], &[], &[]).len(), 1);
        assert!(found("hawser-api", &["async-graphql"], &["async-graphql"], &[]).is_empty());
    }

    #[test]
    fn a_web_server_stays_out_of_the_domain() {
        assert_eq!(found("hawser-domain", &["actix-web"], &[], &[]).len(), 1);
    }

    #[test]
    fn the_api_names_neither_the_queue_nor_the_tables() {
        assert_eq!(found("hawser-api", &["apalis", "sea-orm"], &[], &[]).len(), 2);
        assert!(found("hawser-api", &["hawser-domain"], &["sea-orm"], &[]).is_empty());
    }

    #[test]
    fn the_two_doors_do_not_know_each_other() {
        assert_eq!(found("hawser-api", &["hawser-workers"], &[], &[]).len(), 1);
        assert_eq!(found("hawser-workers", &["hawser-api"], &[], &[]).len(), 1);
        assert_eq!(found("hawser-domain", &["hawser-api"], &[], &[]).len(), 1);
    }

    #[test]
    fn sandbox_and_extract_know_nothing_of_the_house_not_even_in_tests() {
        for stranger in ["hawser-sandbox", "hawser-extract"] {
            assert_eq!(found(stranger, &["hawser-providers"], &[], &[]).len(), 1);
            assert_eq!(found(stranger, &[], &[], &["hawser-providers"]).len(), 1);
            assert!(found(stranger, &["serde"], &[], &["proptest"]).is_empty());
        }
    }

    #[test]
    fn migrations_never_know_the_entities() {
        assert_eq!(found("hawser-migration", &["hawser-entity"], &[], &[]).len(), 1);
        assert_eq!(found("hawser-migration", &[], &[], &["hawser-entity"]).len(), 1);
    }

    #[test]
    fn a_test_binary_belongs_to_one_crate_only() {
        let owner = |name: &str, entry: &str| Crate {
            name: name.into(),
            entries: [entry.to_owned()].into(),
            ..Crate::default()
        };
        let tests = owner("hawser-tests", "tests/house/main.rs");
        let mut house = House { crates: vec![owner("hawser", "tests/house/main.rs"), tests], ..House::default() };
        assert_eq!(breaches(&house).len(), 1);
        house.crates[0] = owner("hawser", "src/main.rs");
        assert!(breaches(&house).is_empty());
    }

    #[test]
    fn the_binary_and_the_tests_see_the_whole_house() {
        assert!(found("hawser", &["hawser-api", "hawser-workers"], &["sea-orm"], &[]).is_empty());
        assert!(found("hawser-tests", &["hawser-api", "hawser-sandbox", "sea-orm"], &[], &[]).is_empty());
    }
}
