//! What each field of the schema costs, read out of the schema itself: a field that is new to it has its price at once.
//! A field costs a point, or what it is marked up to; a list costs its rows times what one row costs.

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, OperationType, Type, TypeKind, TypeSystemDefinition},
};

use crate::graphql::page;

/// Points of a mutation at least: it writes, waits for its turn to do so, and makes work for workers.
pub const MUTATION: usize = 10;
/// Points of each `__schema` and `__type`, whatever is read of it: the answer is large, but no database is asked.
pub const INTROSPECTION: usize = 500;
/// Rows of a list that nobody says the length of.
pub const ROWS: usize = 10;

/// Scalars, enumerations and inputs, which have no prices.
const LEAVES: usize = 150;

/// Points of fields that give one of these, where one point would be too little.
const DEAR: [(&str, usize, &str); 4] = [
    ("SearchHitConnection", 20, "asks the index and shows what was found"),
    ("CloudFilePage", 20, "asks a cloud, which counts such requests itself"),
    ("CloudDrivePage", 20, "asks a cloud, which counts such requests itself"),
    ("DocumentText", 10, "reads a text, which may be long"),
];

/// Rows of lists whose length is known better than `ROWS`.
const LENGTHS: [(&str, usize, &str); 1] = [("userErrors", 2, "most mutations have none, and few have several")];

/// Arguments that say how many rows there are, with what holds when nothing is said.
const PAGES: [(&str, usize); 2] = [("first", page::DEFAULT), ("maxBatch", 100)];
/// The lists such an argument speaks of, right below the field that takes it.
const PAGED: [&str; 3] = ["nodes", "edges", "changes"];

static TARIFF: LazyLock<Tariff> = LazyLock::new(|| Tariff::read(&crate::graphql::sdl()));

/// The prices of all fields, by type and field.
#[derive(Debug, Default)]
pub struct Tariff(HashMap<String, Prices>);

/// The prices of one type.
#[derive(Debug, Default)]
pub struct Prices {
    /// Whether one thing can be of this type and another one as well.
    pub is_object: bool,
    pub fields: HashMap<String, Price>,
}

/// What a field costs.
#[derive(Debug)]
pub struct Price {
    /// The type it gives, without lists.
    pub of: String,
    /// Points for the field itself.
    pub points: usize,
    pub rows: Rows,
    /// The argument that says how many rows the field has, or the lists right below it; with the usual number.
    pub page: Option<(&'static str, usize)>,
    pub arguments: Vec<String>,
}

/// How often what is below a field is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    One,
    /// As often as there are values in this argument.
    Argument(&'static str),
    /// As often as the page of the field, or of the field above, says.
    Page,
    Usually(usize),
}

impl Tariff {
    pub fn of_house() -> &'static Self {
        &TARIFF
    }

    fn read(sdl: &str) -> Self {
        let Ok(schema) = parse_schema(sdl) else { return Self::default() };
        let types = schema.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(it) => Some((it.node.name.node.to_string(), it.node.kind)),
            _ => None,
        });
        Self(types.filter_map(|(name, kind)| Some((name.clone(), prices(&name, kind)?))).collect())
    }

    pub fn of(&self, name: &str) -> Option<&Prices> {
        self.0.get(name)
    }

    /// How many rows a field of introspection has, about.
    pub fn introspection(&self, field: &str) -> usize {
        match field {
            "types" => self.0.len() + LEAVES,
            "fields" | "inputFields" | "enumValues" | "possibleTypes" | "directives" => 8,
            "args" | "interfaces" => 2,
            _ => 1,
        }
    }
}

/// The type operations of this kind begin at.
pub fn root(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

fn prices(name: &str, kind: TypeKind) -> Option<Prices> {
    let (is_object, fields) = match kind {
        TypeKind::Object(it) => (true, it.fields),
        TypeKind::Interface(it) => (false, it.fields),
        TypeKind::Union(_) => (false, Vec::new()),
        TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => return None,
    };
    let fields = fields.into_iter().map(|it| (it.node.name.node.to_string(), price(name, &it.node)));
    Some(Prices { is_object, fields: fields.collect() })
}

fn price(parent: &str, field: &FieldDefinition) -> Price {
    let (name, of) = (field.name.node.as_str(), named(&field.ty.node).to_owned());
    let page = PAGES.into_iter().find_map(|(argument, usual)| {
        let found = field.arguments.iter().find(|it| it.node.name.node == argument)?;
        let declared = found.node.default_value.as_ref().and_then(|it| it.node.clone().into_json().ok()?.as_u64());
        Some((argument, declared.and_then(|it| usize::try_from(it).ok()).unwrap_or(usual)))
    });
    let dear = DEAR.iter().find(|(dear, ..)| *dear == of).map_or(1, |(_, points, _)| *points);
    let arguments = field.arguments.iter().map(|it| it.node.name.node.to_string()).collect();
    let points = if parent == "Mutation" { dear.max(MUTATION) } else { dear };
    let length = LENGTHS.iter().find(|(list, ..)| *list == name).map_or(ROWS, |(_, rows, _)| *rows);
    let rows = match is_list(&field.ty.node) {
        false => Rows::One,
        true if field.arguments.iter().any(|it| it.node.name.node == "ids") => Rows::Argument("ids"),
        true if page.is_some() || PAGED.contains(&name) => Rows::Page,
        true => Rows::Usually(length),
    };
    Price { of, points, rows, page, arguments }
}

fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}

fn named(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => named(inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::operation::{document::Document, limits::cost};

    fn points(text: &str) -> usize {
        let document = Document::read(text).unwrap_or_else(|error| panic!("{text}: {}", error.message));
        let operation = document.operation(None).expect("one operation");
        cost(&document.parsed, operation, &Default::default()).expect(text)
    }

    #[test]
    fn every_list_of_the_schema_costs_its_rows() {
        let tariff = Tariff::of_house();
        let lists = tariff.0.iter().flat_map(|(of, prices)| prices.fields.iter().map(move |(name, it)| (of, name, it)));
        let mut seen = 0;
        for (of, name, price) in lists {
            assert!(price.points >= 1, "{of}.{name}");
            let is_of_things = tariff.of(&price.of).is_some();
            let is_paged = price
                .page
                .is_some_and(|(argument, usual)| usual >= 20 && price.arguments.iter().any(|it| it == argument));
            let is_connection =
                price.of != "Connection" && price.of.ends_with("Connection") || price.of.ends_with("Page");
            assert!(!is_connection || is_paged, "{of}.{name} is a connection and takes no `first`");
            if is_of_things && price.rows != Rows::One {
                seen += 1;
                assert_ne!(price.rows, Rows::Usually(1), "{of}.{name} is a list and costs as one row");
            }
            if is_paged {
                let below = tariff.of(&price.of).map(|it| it.fields.values().any(|it| it.rows == Rows::Page));
                assert!(price.rows == Rows::Page || below == Some(true), "{of}.{name} has a page and no rows");
            }
        }
        assert!(seen > 40, "the schema has more than {seen} lists");
    }

    #[test]
    fn each_list_at_the_root_costs_more_than_what_is_in_it() {
        for (name, price) in &Tariff::of_house().of("Query").expect("the root").fields {
            let inner = match price.rows {
                Rows::One if price.page.is_none() => continue,
                Rows::One => "{ x: nodes { __typename y: __typename } }",
                Rows::Argument(_) | Rows::Page | Rows::Usually(_) => "{ __typename y: __typename }",
            };
            let Some((argument, _)) = price.page else { continue };
            if price.of == "ChangeBatch" {
                continue;
            }
            let of = |rows: usize| points(&format!("{{ {name}({argument}: {rows}) {inner} }}"));
            assert_eq!(of(7) - of(3), 4 * 2, "{name}");
        }
    }

    #[test]
    fn nothing_is_cheaper_behind_an_interface_or_in_a_fragment() {
        let plain = points("{ document(id: 1) { children(first: 9) { nodes { id name } } } }");
        assert_eq!(plain, 1 + 1 + 1 + 9 * 2);
        for text in [
            "{ document(id: 1) { ...F } } fragment F on Document { children(first: 9) { nodes { id name } } }",
            "{ document(id: 1) { ... on Document { children(first: 9) { ...G } } } } fragment G on DocumentConnection { nodes { id name } }",
            "{ node(id: 1) { ... on Document { children(first: 9) { nodes { id name } } } } }",
            "{ node(id: 1) { ...F } } fragment F on Document { children(first: 9) { nodes { id name } } }",
            "query($n: Int = 3) { document(id: 1) { children(first: 9) { nodes { id name @skip(if: false) parent @include(if: false) { id } } } } }",
        ] {
            assert_eq!(points(text), plain, "{text}");
        }
    }

    #[test]
    fn long_arguments_cost_something_too() {
        let ids = "1 ".repeat(1_000);
        let short = points("{ nodes(ids: [1]) { id } }");
        assert_eq!(points(&format!("{{ nodes(ids: [{ids}]) {{ id }} }}")), short - 1 + 500 + 10);
    }
}
