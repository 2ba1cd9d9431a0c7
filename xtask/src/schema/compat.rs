//! What a schema breaks for the clients of an older one. The rules are those of `findBreakingChanges` in the reference
//! implementation of GraphQL, without whether a directive may be repeated, which the parser does not tell. What was deprecated with a date may go once its month is over.

use async_graphql_parser::types::{BaseType, Type};

use super::contract::{Contract, Fact, Month, Part};

/// Everything that breaks, one sentence each, in the order of the old schema.
pub fn breaks(old: &Contract, new: &Contract, today: Month) -> Vec<String> {
    let is_over = |part: &Part| part.removal.is_some_and(|month| month < today);
    let mut breaks = Vec::new();
    for (name, part) in old {
        // What went with its owner was told with its owner.
        let stands_alone = part.of.is_empty() || new.contains_key(&part.of);
        match new.get(name) {
            Some(now) => changed(name, &part.fact, &now.fact, &mut breaks),
            None if !stands_alone || is_over(part) => {}
            None if matches!(part.fact, Fact::Type { .. }) && is_outlived(name, old, new, today) => {}
            None => breaks.push(match part.removal {
                Some((year, month)) => {
                    format!("{name} is gone, and was promised to stay until {year}-{month:02} is over")
                }
                None => format!("{name} is gone; deprecate it first, with the month after which it may be removed"),
            }),
        }
    }
    for (name, part) in new {
        if part.fact.is_required() && !old.contains_key(name) && old.contains_key(&part.of) {
            breaks.push(format!("{name} is new and required; give it a default or let it be null"));
        }
    }
    breaks
}

/// Whether nothing led to a type any more but what may be removed by now, or goes as well.
fn is_outlived(name: &str, old: &Contract, new: &Contract, today: Month) -> bool {
    let mut leading = old.iter().filter(|(coordinate, part)| leads_to(coordinate, part, name)).peekable();
    leading.peek().is_some()
        && leading.all(|(_, part)| {
            let owner = old.get(&part.of).map_or(part.of.as_str(), |owner| owner.of.as_str());
            let is_gone = |of: &str| !of.is_empty() && !new.contains_key(of);
            part.removal.is_some_and(|month| month < today) || is_gone(&part.of) || is_gone(owner)
        })
}

fn leads_to(coordinate: &str, part: &Part, name: &str) -> bool {
    match &part.fact {
        Fact::Output(ty) | Fact::Input { ty, .. } => named(ty) == name,
        // A type of a union or of an interface can be named in a fragment.
        Fact::Member => coordinate.ends_with(&format!("| {name}")) || coordinate.starts_with(&format!("{name} &")),
        _ => false,
    }
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => named(inner),
    }
}

fn changed(name: &str, old: &Fact, new: &Fact, breaks: &mut Vec<String>) {
    match (old, new) {
        (Fact::Type { kind: was, is_one_of: was_one_of }, Fact::Type { kind, is_one_of }) => {
            if was != kind {
                breaks.push(format!("{name} was a {was} and is a {kind}"));
            }
            if *is_one_of && !was_one_of {
                breaks.push(format!("{name} takes one of its fields only, where it took several"));
            }
        }
        (Fact::Output(was), Fact::Output(is)) if !still_gives(was, is) => {
            breaks.push(format!("{name} gave {was} and gives {is}"));
        }
        (Fact::Input { ty: was, .. }, Fact::Input { ty: is, .. }) if !still_takes(was, is) => {
            breaks.push(format!("{name} took {was} and takes {is}"));
        }
        (Fact::Root(was), Fact::Root(is)) if was != is => breaks.push(format!("{name} was {was} and is {is}")),
        (Fact::Directive { places: were }, Fact::Directive { places }) => {
            for place in were.difference(places) {
                breaks.push(format!("{name} could stand at {place}"));
            }
        }
        _ => {}
    }
}

/// Whether whoever read the old type can read the new one: it may promise more.
fn still_gives(old: &Type, new: &Type) -> bool {
    if !old.nullable && new.nullable {
        return false;
    }
    match (&old.base, &new.base) {
        (BaseType::Named(old), BaseType::Named(new)) => old == new,
        (BaseType::List(old), BaseType::List(new)) => still_gives(old, new),
        _ => false,
    }
}

/// Whether whatever was sent for the old type is taken for the new one: it may ask for less.
fn still_takes(old: &Type, new: &Type) -> bool {
    // Not even with a default, which stands for what is left out, and null was allowed.
    if old.nullable && !new.nullable {
        return false;
    }
    match (&old.base, &new.base) {
        (BaseType::Named(old), BaseType::Named(new)) => old == new,
        (BaseType::List(old), BaseType::List(new)) => still_takes(old, new),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::contract::read, *};

    const OLD: &str = r#"
        schema { query: Query mutation: Mutation }
        type Query implements Named {
            name: String! note: String tags: [String] ship(id: ID!, deck: Int = 1, old: Int @deprecated(reason: "Unused; removal after 2027-06")): Ship
            gone: Old @deprecated(reason: "Use `ship`; removal after 2027-06.")
            loose: String @deprecated
        }
        type Mutation { moor(input: Line!): Boolean }
        interface Named { name: String! }
        type Ship { name: String! }
        type Old { name: String deck: Deck }
        enum Deck { LOWER }
        union Any = Ship | Query
        enum Colour { RED BLUE GREEN @deprecated(reason: "Was never seen; removal after 2027-06") }
        input Line { length: Int! colour: Colour knots: [Int!] slack: Int @deprecated(reason: "Unused; removal after 2027-06") }
        input Choice { a: Int b: Int }
        directive @tag(name: String) on FIELD | QUERY
        scalar Long
    "#;

    fn after(edits: &[(&str, &str)], today: Month) -> Vec<String> {
        let mut new = OLD.to_owned();
        for (from, to) in edits {
            assert_eq!(new.matches(from).count(), 1, "{from}");
            new = new.replace(from, to);
        }
        breaks(&read(OLD).unwrap(), &read(&new).unwrap(), today)
    }

    #[test]
    fn every_kind_of_break_is_told() {
        let cases: &[(&[(&str, &str)], &str)] = &[
            (&[("scalar Long", "")], "Long is gone"),
            (&[("scalar Long", "enum Long { A }")], "Long was a scalar and is a enum"),
            (&[("note: String", "")], "Query.note is gone"),
            (&[("loose: String @deprecated", "")], "Query.loose is gone"),
            (&[("type Query implements Named", "type Query")], "Query & Named is gone"),
            (&[("Ship | Query", "Ship")], "Any | Query is gone"),
            (&[(" BLUE", "")], "Colour.BLUE is gone"),
            (&[("note: String", "note: Int")], "Query.note gave String and gives Int"),
            (&[("note: String", "note: [String]")], "Query.note gave String and gives [String]"),
            (
                &[("interface Named { name: String!", "interface Named { name: String")],
                "Named.name gave String! and gives String",
            ),
            (&[("ship(id: ID!, ", "ship(")], "Query.ship(id:) is gone"),
            (&[("deck: Int = 1", "deck: Int! = 1")], "Query.ship(deck:) took Int and takes Int!"),
            (&[("deck: Int = 1", "deck: Int = 1, mast: Int!")], "Query.ship(mast:) is new and required"),
            (&[("length: Int!", "length: Int! width: Int!")], "Line.width is new and required"),
            (&[("colour: Colour ", "colour: Colour! ")], "Line.colour took Colour and takes Colour!"),
            (&[("colour: Colour ", "")], "Line.colour is gone"),
            (&[("knots: [Int!]", "knots: Int")], "Line.knots took [Int!] and takes Int"),
            (&[("input Choice", "input Choice @oneOf")], "Choice takes one of its fields only"),
            (&[("mutation: Mutation", "mutation: Ship")], "schema.mutation was Mutation and is Ship"),
            (&[("mutation: Mutation", "")], "schema.mutation is gone"),
            (&[("directive @tag(name: String) on FIELD | QUERY", "")], "@tag is gone"),
            (&[("(name: String)", "")], "@tag(name:) is gone"),
            (&[("(name: String)", "(name: String, of: Int!)")], "@tag(of:) is new and required"),
            (&[(" | QUERY\n", "\n")], "@tag could stand at Query"),
        ];
        for (edits, told) in cases {
            let breaks = after(edits, (2026, 11));
            assert!(breaks.len() == 1 && breaks[0].starts_with(told), "{told}: {breaks:?}");
        }
    }

    #[test]
    fn what_takes_nothing_away_is_allowed() {
        let cases: &[(&str, &str)] = &[
            ("scalar Long", "scalar Long scalar Short"),
            ("note: String", "note: String! more(of: Int!): Int"),
            ("tags: [String]", "tags: [String!]!"),
            ("deck: Int = 1", "deck: Int = 2, mast: Int! = 1, keel: Int"),
            ("length: Int!", "length: Int width: Int depth: Int! = 3"),
            (" BLUE", " BLUE BLACK"),
            ("Ship | Query", "Ship | Query | Old"),
            ("type Ship ", "type Ship implements Named "),
            ("input Choice { a: Int b: Int }", "input Choice { a: Int b: Int } input Other @oneOf { a: Int b: Int }"),
            ("knots: [Int!]", "knots: [Int]"),
        ];
        for (from, to) in cases {
            assert_eq!(after(&[(from, to)], (2026, 11)), [""; 0], "{to}");
        }
    }

    #[test]
    fn what_was_deprecated_goes_when_its_month_is_over_and_not_before() {
        let field = r#"gone: Old @deprecated(reason: "Use `ship`; removal after 2027-06.")"#;
        let argument = r#", old: Int @deprecated(reason: "Unused; removal after 2027-06")"#;
        let value = r#" GREEN @deprecated(reason: "Was never seen; removal after 2027-06")"#;
        let input = r#" slack: Int @deprecated(reason: "Unused; removal after 2027-06")"#;
        for part in [field, argument, value, input] {
            assert_eq!(after(&[(part, "")], (2027, 7)), [""; 0], "{part}");
            let early = after(&[(part, "")], (2027, 6));
            assert!(early.len() == 1 && early[0].ends_with("until 2027-06 is over"), "{early:?}");
        }
    }

    #[test]
    fn a_type_goes_with_the_last_field_that_led_to_it() {
        let field = r#"gone: Old @deprecated(reason: "Use `ship`; removal after 2027-06.")"#;
        let types = ["type Old { name: String deck: Deck }", "enum Deck { LOWER }"];
        let edits = [(field, ""), (types[0], ""), (types[1], "")];
        assert_eq!(after(&edits, (2027, 7)), [""; 0]);
        assert_eq!(after(&edits, (2027, 6)).len(), 2, "the field and the type it leads to");
        assert_eq!(after(&[("scalar Long", "")], (2030, 1)).len(), 1, "nothing promised that it would go");
    }
}
