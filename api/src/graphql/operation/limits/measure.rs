//! Measures a parsed document: how deep it goes and how much of everything it has, operation by operation, with each
//! fragment looked at once however often it is spread.

use std::collections::HashMap;

use async_graphql::{
    Name, Positioned, ServerError,
    parser::types::{ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet},
};

use super::bound::{ALIASES, DEPTH, DIRECTIVES, INTROSPECTION, NESTING, ROOT_FIELDS, SELECTIONS};
use crate::graphql::error::{Code, fault};

/// Fields of introspection that give a list and can be put into each other.
const LISTS: [&str; 4] = ["fields", "interfaces", "possibleTypes", "inputFields"];

/// What a document within the limits comes to; kept with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measures(HashMap<Option<Name>, Measure>);

impl Measures {
    /// Whether the operation of this name, or the only one, asks for the schema itself.
    pub fn introspects(&self, operation: Option<&str>) -> bool {
        match operation {
            Some(name) => self.0.iter().any(|(key, it)| key.as_deref() == Some(name) && it.introspects),
            None => self.0.values().any(|it| it.introspects),
        }
    }
}

/// What one operation, or one part of it, comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Measure {
    depth: usize,
    nesting: usize,
    aliases: usize,
    root_fields: usize,
    directives: usize,
    selections: usize,
    /// Fields inside each other that would be lists of introspection, if this were introspection.
    lists: usize,
    /// The same where it is.
    introspection: usize,
    introspects: bool,
}

impl Measure {
    /// Takes in what stands beside it.
    fn add(&mut self, other: Measure) {
        self.depth = self.depth.max(other.depth);
        self.nesting = self.nesting.max(other.nesting);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.root_fields = self.root_fields.saturating_add(other.root_fields);
        self.directives = self.directives.saturating_add(other.directives);
        self.selections = self.selections.saturating_add(other.selections);
        self.lists = self.lists.max(other.lists);
        self.introspection = self.introspection.max(other.introspection);
        self.introspects |= other.introspects;
    }

    fn hold(self) -> Result<(), ServerError> {
        SELECTIONS.hold(self.selections)?;
        NESTING.hold(self.nesting)?;
        DEPTH.hold(self.depth)?;
        ROOT_FIELDS.hold(self.root_fields)?;
        ALIASES.hold(self.aliases)?;
        DIRECTIVES.hold(self.directives)?;
        INTROSPECTION.hold(self.introspection)
    }
}

/// Takes time in proportion to the document's text.
///
/// # Errors
/// `COMPLEXITY_EXCEEDED` when any operation of the document is beyond a limit; `GRAPHQL_VALIDATION_FAILED` for a
/// fragment that spreads itself, since nothing could be said of its size.
pub fn measure(document: &ExecutableDocument) -> Result<Measures, ServerError> {
    let mut ruler = Ruler { fragments: &document.fragments, known: HashMap::new(), looks: 0 };
    let mut measures = Measures::default();
    let mut selections = 0_usize;
    for (name, operation) in document.operations.iter() {
        let measure = ruler.operation(&operation.node)?;
        measure.hold()?;
        selections = selections.saturating_add(measure.selections);
        measures.0.insert(name.cloned(), measure);
    }
    SELECTIONS.hold(selections)?;
    Ok(measures)
}

struct Ruler<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// What fragments come to; nothing while one is being measured.
    known: HashMap<&'a str, Option<Measure>>,
    /// Selections looked at: never more than are written in the document.
    looks: usize,
}

impl<'a> Ruler<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Measure, ServerError> {
        let mut measure = self.set(&operation.selection_set.node)?;
        let variables = operation.variable_definitions.iter().map(|it| it.node.directives.len()).sum::<usize>();
        measure.directives = measure.directives.saturating_add(operation.directives.len() + variables);
        Ok(measure)
    }

    fn set(&mut self, set: &'a SelectionSet) -> Result<Measure, ServerError> {
        let mut sum = Measure::default();
        for selection in &set.items {
            self.looks += 1;
            let mut part = match &selection.node {
                Selection::Field(field) => self.field(&field.node)?,
                Selection::InlineFragment(inline) => self.set(&inline.node.selection_set.node)?,
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node)?,
            };
            part.selections = part.selections.saturating_add(1);
            part.directives = part.directives.saturating_add(selection.node.directives().len());
            sum.add(part);
        }
        sum.nesting += 1;
        Ok(sum)
    }

    fn field(&mut self, field: &'a Field) -> Result<Measure, ServerError> {
        let mut measure = match field.selection_set.node.items.is_empty() {
            true => Measure::default(),
            false => self.set(&field.selection_set.node)?,
        };
        let name = field.name.node.as_str();
        if LISTS.contains(&name) {
            measure.lists += 1;
        }
        if matches!(name, "__schema" | "__type") {
            measure.introspection = measure.introspection.max(measure.lists);
            measure.introspects = true;
            measure.depth = 0;
        }
        measure.depth += 1;
        measure.root_fields = 1;
        measure.aliases = measure.aliases.saturating_add(usize::from(field.alias.is_some()));
        Ok(measure)
    }

    /// A fragment that is not there comes to nothing: validation says so.
    fn fragment(&mut self, name: &'a str) -> Result<Measure, ServerError> {
        match self.known.get(name) {
            Some(Some(measure)) => return Ok(*measure),
            Some(None) => {
                let message = format!("the fragment `{name}` spreads itself, directly or through others");
                return Err(fault(Code::GraphqlValidationFailed, message));
            }
            None => {}
        }
        let Some(fragment) = self.fragments.get(name) else { return Ok(Measure::default()) };
        self.known.insert(name, None);
        let mut measure = self.set(&fragment.node.selection_set.node)?;
        measure.directives = measure.directives.saturating_add(fragment.node.directives.len());
        self.known.insert(name, Some(measure));
        Ok(measure)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use proptest::prelude::*;

    use super::*;

    fn measured(text: &str) -> Result<Measures, ServerError> {
        measure(&parse_query(text).expect(text))
    }

    fn only(text: &str) -> Measure {
        let measures = measured(text).unwrap_or_else(|error| panic!("{}", error.message));
        *measures.0.values().next().expect("an operation")
    }

    fn refusal(text: &str) -> String {
        measured(text).expect_err(text).message
    }

    #[test]
    fn fragments_count_wherever_they_are_spread() {
        let measure = only(
            "query Q($x: Boolean @a = true) @b { ...F ... on Query @c { x: d { ...F } } }
             fragment F on T @e { y: f(v: 1) @g @h { i { j } } k }",
        );
        let expected = Measure {
            depth: 4,
            nesting: 6,
            aliases: 3,
            root_fields: 3,
            directives: 9,
            selections: 12,
            ..Measure::default()
        };
        assert_eq!(measure, expected);
    }

    #[test]
    fn the_most_passes_and_one_more_does_not() {
        let nested = |depth: usize| format!("{}a{}", "{a".repeat(depth - 1) + "{", "}".repeat(depth));
        let inline = |depth: usize| format!("{}a{}", "{...".repeat(depth - 1) + "{", "}".repeat(depth));
        let aliases = |count: usize| format!("{{a{{{}}}}}", "b:c ".repeat(count));
        let roots = |count: usize| format!("{{{}}}", "a ".repeat(count));
        let directives = |count: usize| format!("{{a{}}}", " @b".repeat(count));
        let selections = |count: usize| {
            let fields = "f ".repeat(count - 1 - 100 * 99);
            format!("{{a{{{} {fields}}}}} fragment F on T {{{}}}", "...F ".repeat(99), "f ".repeat(99))
        };
        let lists = |count: usize| {
            format!("{{__schema{{types{}{}}}}}", "{fields".repeat(count), "{x}".to_owned() + &"}".repeat(count))
        };
        type Text<'a> = &'a dyn Fn(usize) -> String;
        let cases: [(&str, Text<'_>, usize); 7] = [
            ("depth", &nested, 15),
            ("nesting", &inline, 32),
            ("aliases", &aliases, 30),
            ("rootFields", &roots, 20),
            ("directives", &directives, 20),
            ("selections", &selections, 10_000),
            ("introspection", &lists, 2),
        ];
        for (name, text, most) in cases {
            measured(&text(most)).unwrap_or_else(|error| panic!("{name}: {}", error.message));
            let message = format!("the limit `{name}` is {most}, and this operation has {}", most + 1);
            assert_eq!(refusal(&text(most + 1)), message);
        }
    }

    #[test]
    fn every_operation_of_a_document_counts() {
        let long = "b ".repeat(21);
        assert!(refusal(&format!("query A {{a}} query B {{{long}}}")).contains("rootFields"));
        let operations: String = (0..101).map(|it| format!("query Q{it} {{a{{...F}}}} ")).collect();
        let fields = "f ".repeat(99);
        assert!(
            refusal(&format!("{operations} fragment F on T {{{fields}}}"))
                .contains("`selections` is 10000, and this operation has 10201")
        );
    }

    #[test]
    fn what_is_introspected_has_no_depth_but_is_seen_in_fragments_and_behind_aliases() {
        let deep = format!("x: __type(name: \"T\") {}a{}", "{ofType".repeat(20) + "{", "}".repeat(21));
        for text in [
            format!("{{{deep}}}"),
            format!("query Q {{...F}} fragment F on Query {{...G}} fragment G on Query {{{deep}}}"),
            format!("{{... on Query {{... {{{deep}}}}}}}"),
        ] {
            let measures = measured(&text).unwrap_or_else(|error| panic!("{}", error.message));
            assert!(measures.introspects(None), "{text}");
            assert_eq!(measures.0.values().next().map(|it| it.depth), Some(1));
        }
        let two = measured("query A {a} query B {__schema{x}}").expect("small");
        assert!(!two.introspects(Some("A")) && two.introspects(Some("B")));
        assert!(!only("{a{fields{interfaces{fields{interfaces{x}}}}}}").introspects, "names alone are nothing");
    }

    /// `f0` spreads `f1` so many times, that spreads `f2` so many times, and so on.
    fn bomb(levels: usize, times: usize) -> String {
        let spreads = |it: usize| format!(" ...f{it}").repeat(times);
        let fragments: String = (0..levels).map(|it| format!("fragment f{it} on T {{{}}} ", spreads(it + 1))).collect();
        format!("{{ ...f0 }} {fragments} fragment f{levels} on T {{ x }}")
    }

    #[test]
    fn a_bomb_of_fragments_is_refused_without_being_gone_through() {
        let count = 3 * (1_usize << 40) - 1;
        let message = format!("the limit `selections` is 10000, and this operation has {count}");
        assert_eq!(refusal(&bomb(40, 2)), message);
        assert!(refusal(&bomb(120, 7)).contains(&usize::MAX.to_string()), "the count stops at the end");
    }

    #[test]
    fn fragments_in_a_circle_end_and_a_long_chain_is_no_trouble() {
        assert!(refusal("{...a} fragment a on T {...a}").contains("`a` spreads itself"));
        assert!(refusal("{...a} fragment a on T {b{...b}} fragment b on T {...a}").contains("`a` spreads itself"));
        assert!(refusal(&bomb(248, 1)).contains("`nesting` is 32, and this operation has 250"));
        assert_eq!(only("{...nobody}").selections, 1);
    }

    /// A document of fragments that spread each other at will.
    fn web() -> impl Strategy<Value = String> {
        let item = prop_oneof![
            (0..6_usize).prop_map(|it| format!("...f{it}")),
            Just("a".to_owned()),
            Just("b: a".to_owned()),
            Just("__schema { types { fields { name } } }".to_owned()),
            (0..6_usize).prop_map(|it| format!("c @x {{ ...f{it} d }}")),
            (0..6_usize).prop_map(|it| format!("... on T {{ ...f{it} }}")),
        ];
        let set = proptest::collection::vec(item, 1..5).prop_map(|items| items.join(" "));
        proptest::collection::vec(set, 6..7).prop_map(|sets| {
            let fragments = sets.iter().enumerate().map(|(it, set)| format!("fragment f{it} on T {{ {set} }} "));
            format!("{{ ...f0 }} {}", fragments.collect::<String>())
        })
    }

    proptest! {
        #[test]
        fn any_web_of_fragments_is_measured_or_refused(text in web()) {
            let _ = measured(&text);
        }

        #[test]
        fn each_fragment_is_looked_at_once(levels in 1_usize..60, times in 1_usize..6) {
            let document = parse_query(bomb(levels, times)).expect("a document");
            let mut ruler = Ruler { fragments: &document.fragments, known: HashMap::new(), looks: 0 };
            let (_, operation) = document.operations.iter().next().expect("an operation");
            ruler.operation(&operation.node).expect("no circle");
            prop_assert_eq!(ruler.looks, levels * times + 2, "as many as are written down");
        }
    }
}
