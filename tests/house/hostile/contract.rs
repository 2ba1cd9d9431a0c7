//! The schema as its readers see it: the root fields, what they take, and an operation for each, made from the schema
//! alone. A field that is new to the schema is new here too.

use std::collections::HashMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition},
};
use serde_json::Value;

/// Where an operation begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    Query,
    Mutation,
    Subscription,
}

pub struct Contract(HashMap<String, TypeKind>);

/// An argument or a field of an input.
#[derive(Debug, Clone)]
pub struct Slot {
    pub name: String,
    pub ty: Type,
    pub is_required: bool,
}

impl Contract {
    pub fn read() -> Self {
        let schema = parse_schema(hawser_api::sdl()).expect("the schema can be read");
        let types = schema.definitions.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => Some((ty.node.name.node.to_string(), ty.node.kind)),
            _ => None,
        });
        Self(types.collect())
    }

    /// The fields operations begin with, by name.
    pub fn roots(&self) -> Vec<(Root, FieldDefinition)> {
        [Root::Query, Root::Mutation, Root::Subscription]
            .into_iter()
            .flat_map(|root| self.fields(&format!("{root:?}")).into_iter().map(move |field| (root, field)))
            .collect()
    }

    fn fields(&self, name: &str) -> Vec<FieldDefinition> {
        match self.0.get(name) {
            Some(TypeKind::Object(object)) => object.fields.iter().map(|field| field.node.clone()).collect(),
            Some(TypeKind::Interface(it)) => it.fields.iter().map(|field| field.node.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// An operation with nothing but this field, those of its arguments that variables are given for, and most of what
    /// it can answer.
    pub fn operation(&self, root: Root, field: &FieldDefinition, given: &Value) -> String {
        let word = format!("{root:?}").to_lowercase();
        let name = &field.name.node;
        let slots: Vec<_> = slots(field).into_iter().filter(|slot| given.get(&slot.name).is_some()).collect();
        let (declared, passed) = match slots.is_empty() {
            true => (String::new(), String::new()),
            false => (
                format!(
                    "({})",
                    slots.iter().map(|it| format!("${}: {}", it.name, it.ty)).collect::<Vec<_>>().join(", ")
                ),
                format!("({})", slots.iter().map(|it| format!("{0}: ${0}", it.name)).collect::<Vec<_>>().join(", ")),
            ),
        };
        format!("{word}{declared} {{ {name}{passed}{} }}", self.selection(base(&field.ty.node), 2))
    }

    fn selection(&self, name: &str, depth: usize) -> String {
        match self.0.get(name) {
            Some(TypeKind::Scalar | TypeKind::Enum(_)) | None => return String::new(),
            Some(TypeKind::Union(_)) => return " { __typename }".to_owned(),
            Some(_) if name == "UserError" => return " { __typename code message path }".to_owned(),
            Some(_) => {}
        }
        let fields = self.fields(name);
        let simple = fields.iter().filter(|field| slots(field).iter().all(|slot| !slot.is_required));
        let chosen = simple.filter_map(|field| {
            let (field, ty) = (&field.name.node, base(&field.ty.node));
            match self.0.get(ty) {
                Some(TypeKind::Scalar | TypeKind::Enum(_)) => Some(format!(" {field}")),
                None if field == "id" || depth > 0 => Some(format!(" {field}")),
                _ if depth > 0 => Some(format!(" {field}{}", self.selection(ty, depth - 1))),
                _ => None,
            }
        });
        format!(" {{ __typename{} }}", chosen.collect::<String>())
    }

    /// What an input is made of; `None` for anything else.
    pub fn input(&self, ty: &Type) -> Option<Vec<Slot>> {
        match self.0.get(base(ty)) {
            Some(TypeKind::InputObject(input)) => Some(input.fields.iter().map(|it| slot(&it.node)).collect()),
            _ => None,
        }
    }

    pub fn is_enum(&self, ty: &Type) -> bool {
        matches!(self.0.get(base(ty)), Some(TypeKind::Enum(_)))
    }
}

/// The arguments of a field.
pub fn slots(field: &FieldDefinition) -> Vec<Slot> {
    field.arguments.iter().map(|it| slot(&it.node)).collect()
}

fn slot(it: &async_graphql::parser::types::InputValueDefinition) -> Slot {
    let ty = it.ty.node.clone();
    Slot { name: it.name.node.to_string(), is_required: !ty.nullable && it.default_value.is_none(), ty }
}

/// The name inside all lists.
pub fn base(ty: &Type) -> &str {
    match &ty.base {
        BaseType::Named(name) => name,
        BaseType::List(inner) => base(inner),
    }
}

pub fn is_list(ty: &Type) -> bool {
    matches!(ty.base, BaseType::List(_))
}
