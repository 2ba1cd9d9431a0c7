//! A document: its text, read once, with what is remembered of having checked it.

use std::{
    collections::HashSet,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use async_graphql::{
    Name, Positioned, ServerError, ValidationResult, Value, Variables,
    parser::{
        parse_query,
        types::{
            BaseType, Directive, DocumentOperations, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
            Type,
        },
    },
};
use async_graphql_value::Value as Literal;
use hawser_domain::persisted_operation;
use lru::LruCache;
use sha2::{Digest, Sha256};

use super::{lexer, limits, newer};
use crate::graphql::error::{Code, fault};

/// SHA-256 of a text.
pub type Hash = [u8; 32];

/// Results kept of one document: beyond that, its variables differ with every call.
const RESULTS: NonZeroUsize = NonZeroUsize::new(32).unwrap();

/// A document as the executor takes it.
pub struct Document {
    pub hash: Hash,
    pub parsed: ExecutableDocument,
    pub measures: limits::Measures,
    /// Bytes it holds, roughly.
    pub weight: usize,
    /// Variables whose value decides whether the document may run, and not only of which kind it is.
    telling: HashSet<Name>,
    passed: Mutex<LruCache<Hash, ValidationResult>>,
}

impl Document {
    /// # Errors
    /// `GRAPHQL_PARSE_FAILED` with the place; `COMPLEXITY_EXCEEDED` beyond a limit.
    pub fn read(text: &str) -> Result<Self, ServerError> {
        limits::tokens(text)?;
        let tokens = lexer::tokens(text);
        let parsed = parse_query(newer::readable(text, &tokens)).map_err(|error| mark(error.into()))?;
        Ok(Self {
            hash: persisted_operation::hash(text),
            measures: limits::measure(&parsed)?,
            telling: telling(&parsed),
            // No token becomes more than one selection with its share of a map.
            weight: size_of::<Self>() + text.len() + tokens.len() * size_of::<Positioned<Selection>>(),
            parsed,
            passed: Mutex::new(LruCache::new(RESULTS)),
        })
    }

    /// The operation of this name, or the only one when none is named.
    ///
    /// # Errors
    /// `OPERATION_RESOLUTION_FAILURE` when there is none, or when it cannot be told which.
    pub fn operation(&self, name: Option<&str>) -> Result<&OperationDefinition, ServerError> {
        let found = match (&self.parsed.operations, name) {
            (DocumentOperations::Single(operation), None) => Some(operation),
            (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
            (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
            _ => None,
        };
        let message = || match name {
            Some(name) => format!("the document has no operation named `{name}`"),
            None => "the document has several operations: say which with `operationName`".to_owned(),
        };
        found.map(|operation| &operation.node).ok_or_else(|| fault(Code::OperationResolutionFailure, message()))
    }

    /// The names of its operations, in order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.parsed.operations.iter().filter_map(|(name, _)| Some(name?.as_str())).collect();
        names.sort_unstable();
        names
    }

    /// Stands for a call of this document, as far as it makes a difference to whether it is valid and what it costs: the
    /// operation chosen, and its variables. Of an id or a text that is passed on as it is, only that it is one.
    pub fn call(&self, name: Option<&str>, variables: &Variables) -> Hash {
        let mut hasher = Sha256::new();
        feed(&mut hasher, name.unwrap_or_default().as_bytes());
        for (_, operation) in self.parsed.operations.iter() {
            for variable in &operation.node.variable_definitions {
                let (name, ty) = (&variable.node.name.node, &variable.node.var_type.node);
                match variables.get(name) {
                    None => feed(&mut hasher, b"absent"),
                    Some(Value::String(_)) if is_text(ty) && !self.telling.contains(name) => {
                        feed(&mut hasher, b"text");
                    }
                    Some(value) => feed(&mut hasher, format!("={value}").as_bytes()),
                }
            }
        }
        hasher.finalize().into()
    }

    /// What checking this call came to, if it was found valid before.
    pub fn passed(&self, call: &Hash) -> Option<ValidationResult> {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).get(call).copied()
    }

    pub fn pass(&self, call: Hash, result: ValidationResult) {
        self.passed.lock().unwrap_or_else(PoisonError::into_inner).put(call, result);
    }
}

/// With its length: two values never read like two others.
fn feed(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update(bytes.len().to_le_bytes());
    hasher.update(bytes);
}

/// Of these the executor's rules ask only whether they are a text, and no cost depends on them.
fn is_text(ty: &Type) -> bool {
    matches!(&ty.base, BaseType::Named(name) if name == "ID" || name == "String")
}

/// Variables inside lists, objects and directives: there the rules do not see for what type a variable stands, and its
/// value may be a word of an enum.
fn telling(document: &ExecutableDocument) -> HashSet<Name> {
    let mut found = HashSet::new();
    for (_, operation) in document.operations.iter() {
        of_directives(&operation.node.directives, &mut found);
        of_selections(&operation.node.selection_set.node, &mut found);
    }
    for fragment in document.fragments.values() {
        of_directives(&fragment.node.directives, &mut found);
        of_selections(&fragment.node.selection_set.node, &mut found);
    }
    found
}

fn of_selections(selections: &SelectionSet, found: &mut HashSet<Name>) {
    for selection in &selections.items {
        of_directives(selection.node.directives(), found);
        match &selection.node {
            Selection::Field(field) => {
                for (_, value) in &field.node.arguments {
                    if !matches!(value.node, Literal::Variable(_)) {
                        of_value(&value.node, found);
                    }
                }
                of_selections(&field.node.selection_set.node, found);
            }
            Selection::InlineFragment(fragment) => of_selections(&fragment.node.selection_set.node, found),
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn of_directives(directives: &[Positioned<Directive>], found: &mut HashSet<Name>) {
    let arguments = directives.iter().flat_map(|directive| &directive.node.arguments);
    arguments.for_each(|(_, value)| of_value(&value.node, found));
}

fn of_value(value: &Literal, found: &mut HashSet<Name>) {
    match value {
        Literal::Variable(name) => drop(found.insert(name.clone())),
        Literal::List(items) => items.iter().for_each(|item| of_value(item, found)),
        Literal::Object(fields) => fields.values().for_each(|field| of_value(field, found)),
        _ => {}
    }
}

fn mark(error: ServerError) -> ServerError {
    ServerError { extensions: fault(Code::GraphqlParseFailed, "").extensions, ..error }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calls(text: &str, variables: [serde_json::Value; 2]) -> [Hash; 2] {
        let document = Document::read(text).unwrap();
        variables.map(|it| document.call(None, &Variables::from_json(it)))
    }

    #[test]
    fn a_call_with_another_id_or_text_is_the_same_call() {
        let [one, other] = calls(
            "query($id: ID!, $after: String) { a(id: $id, after: $after) }",
            [json!({ "id": "x", "after": "y" }), json!({ "id": "z", "after": "" })],
        );
        assert_eq!(one, other);
    }

    #[test]
    fn whatever_else_differs_makes_another_call() {
        for (text, one, other) in [
            ("query($v: ID) { a(b: $v) }", json!({ "v": "1" }), json!({ "v": 1 })),
            ("query($v: ID) { a(b: $v) }", json!({ "v": "1" }), json!({ "v": null })),
            ("query($v: ID) { a(b: $v) }", json!({ "v": null }), json!({})),
            ("query($v: [ID]) { a(b: $v) }", json!({ "v": ["1"] }), json!({ "v": ["1", "2"] })),
            ("query($v: [ID]) { a(b: $v) }", json!({ "v": "1" }), json!({ "v": "2" })),
            ("query($v: Int) { a(b: $v) }", json!({ "v": 1 }), json!({ "v": 2 })),
            ("query($v: Kind) { a(b: $v) }", json!({ "v": "A" }), json!({ "v": "B" })),
            ("query($v: String) { a(b: [$v]) }", json!({ "v": "A" }), json!({ "v": "B" })),
            (
                "query($v: String) { ...F } fragment F on T { a(b: {c: {d: $v}}) }",
                json!({ "v": "A" }),
                json!({ "v": "B" }),
            ),
            ("query($v: String) { ... @x(y: $v) { a } }", json!({ "v": "A" }), json!({ "v": "B" })),
            ("query($v: Int, $w: Int) { a(b: $v, c: $w) }", json!({ "v": 1 }), json!({ "w": 1 })),
        ] {
            let [one, other] = calls(text, [one, other]);
            assert_ne!(one, other, "{text}");
        }
        let document = Document::read("query A { a } query B { a }").unwrap();
        let none = Variables::default();
        assert_ne!(document.call(Some("A"), &none), document.call(Some("B"), &none));
    }

    #[test]
    fn a_document_weighs_more_than_it_takes() {
        // A field has more in it than a letter.
        let document = Document::read(&format!("{{ x {{ {} }} }}", "a ".repeat(1000))).unwrap();
        assert!(document.weight > 1000 * size_of::<Selection>(), "{}", document.weight);
    }
}
