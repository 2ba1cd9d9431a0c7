//! A schema laid out flat: one part per coordinate (`Type`, `Type.field`, `Type.field(argument:)`, `Type.VALUE`,
//! `@directive`), so that two of them can be held against each other part by part.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use async_graphql_parser::{
    Positioned, parse_schema,
    types::{
        ConstDirective, DirectiveDefinition, FieldDefinition, InputValueDefinition, SchemaDefinition, Type,
        TypeDefinition, TypeKind, TypeSystemDefinition,
    },
};

/// All parts by their coordinates.
pub type Contract = BTreeMap<String, Part>;

/// A year and a month.
pub type Month = (i32, u32);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub fact: Fact,
    /// The coordinate of what it is a part of; empty for types and directives.
    pub of: String,
    /// After which month it may be removed, where it is deprecated and says so.
    pub removal: Option<Month>,
}

/// What clients rely on about a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    Type {
        kind: &'static str,
        is_one_of: bool,
    },
    /// A field that is read.
    Output(Type),
    /// An argument, or a field of an input.
    Input {
        ty: Type,
        has_default: bool,
    },
    Value,
    /// A type in a union, or an interface of a type.
    Member,
    /// The type where operations of one kind begin.
    Root(String),
    Directive {
        places: BTreeSet<String>,
    },
}

impl Fact {
    /// Whether requests that do not name it are refused.
    pub fn is_required(&self) -> bool {
        matches!(self, Self::Input { ty, has_default: false } if !ty.nullable)
    }
}

/// # Errors
/// When it is no schema.
pub fn read(sdl: &str) -> Result<Contract> {
    let document = parse_schema(sdl).context("this is no GraphQL schema")?;
    let mut contract = Contract::new();
    for definition in document.definitions {
        match definition {
            TypeSystemDefinition::Schema(schema) => roots(&mut contract, &schema.node),
            TypeSystemDefinition::Type(definition) => add_type(&mut contract, definition.node),
            TypeSystemDefinition::Directive(definition) => add_directive(&mut contract, &definition.node),
        }
    }
    Ok(contract)
}

fn add(contract: &mut Contract, name: String, of: &str, fact: Fact, directives: &[Positioned<ConstDirective>]) {
    contract.insert(name, Part { fact, of: of.to_owned(), removal: removal(directives) });
}

fn roots(contract: &mut Contract, schema: &SchemaDefinition) {
    let roots = [("query", &schema.query), ("mutation", &schema.mutation), ("subscription", &schema.subscription)];
    for (kind, root) in roots {
        if let Some(root) = root {
            add(contract, format!("schema.{kind}"), "", Fact::Root(root.node.to_string()), &[]);
        }
    }
}

fn add_type(contract: &mut Contract, definition: TypeDefinition) {
    let name = definition.name.node.to_string();
    let is_one_of = definition.directives.iter().any(|it| it.node.name.node == "oneOf");
    let kind = match definition.kind {
        TypeKind::Scalar => "scalar",
        TypeKind::Object(object) => {
            members(contract, &name, '&', object.implements);
            fields(contract, &name, object.fields);
            "type"
        }
        TypeKind::Interface(interface) => {
            members(contract, &name, '&', interface.implements);
            fields(contract, &name, interface.fields);
            "interface"
        }
        TypeKind::Union(union) => {
            members(contract, &name, '|', union.members);
            "union"
        }
        TypeKind::Enum(values) => {
            for value in values.values {
                let value = value.node;
                add(contract, format!("{name}.{}", value.value.node), &name, Fact::Value, &value.directives);
            }
            "enum"
        }
        TypeKind::InputObject(input) => {
            for field in &input.fields {
                add_input(contract, format!("{name}.{}", field.node.name.node), &name, &field.node);
            }
            "input"
        }
    };
    add(contract, name, "", Fact::Type { kind, is_one_of }, &[]);
}

fn members(contract: &mut Contract, name: &str, sign: char, others: Vec<Positioned<async_graphql_value::Name>>) {
    for other in others {
        add(contract, format!("{name} {sign} {}", other.node), name, Fact::Member, &[]);
    }
}

fn fields(contract: &mut Contract, name: &str, fields: Vec<Positioned<FieldDefinition>>) {
    for field in fields {
        let field = field.node;
        let coordinate = format!("{name}.{}", field.name.node);
        for argument in &field.arguments {
            add_input(contract, format!("{coordinate}({}:)", argument.node.name.node), &coordinate, &argument.node);
        }
        add(contract, coordinate, name, Fact::Output(field.ty.node), &field.directives);
    }
}

fn add_input(contract: &mut Contract, coordinate: String, of: &str, input: &InputValueDefinition) {
    let fact = Fact::Input { ty: input.ty.node.clone(), has_default: input.default_value.is_some() };
    add(contract, coordinate, of, fact, &input.directives);
}

fn add_directive(contract: &mut Contract, directive: &DirectiveDefinition) {
    let name = format!("@{}", directive.name.node);
    for argument in &directive.arguments {
        add_input(contract, format!("{name}({}:)", argument.node.name.node), &name, &argument.node);
    }
    let places = directive.locations.iter().map(|place| format!("{:?}", place.node)).collect();
    add(contract, name, "", Fact::Directive { places }, &[]);
}

/// The month at the end of a reason, as in `@deprecated(reason: "Use `b`; removal after 2027-06.")`.
fn removal(directives: &[Positioned<ConstDirective>]) -> Option<Month> {
    let deprecated = directives.iter().find(|it| it.node.name.node == "deprecated")?;
    let reason = deprecated.node.get_argument("reason")?.node.clone().into_json().ok()?;
    month(reason.as_str()?)
}

fn month(reason: &str) -> Option<Month> {
    let (_, date) = reason.trim_end_matches('.').rsplit_once("removal after ")?;
    let (year, month) = date.split_once('-')?;
    let month = month.parse().ok().filter(|month| (1..=12).contains(month))?;
    Some((year.parse().ok()?, month))
}
