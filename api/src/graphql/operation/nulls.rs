//! Nulls where errors happened. The executor leaves a field that failed out of its object, whatever its type; clients are
//! promised a null in its place or, where the type allows none, in the place of the nearest thing around it that may be
//! null. Only answers with errors come here.

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::{
    Name, PathSegment, Response, Value,
    indexmap::IndexMap,
    parser::{
        parse_schema,
        types::{
            BaseType, ExecutableDocument, FieldDefinition, OperationDefinition, OperationType, Selection, SelectionSet,
            Type, TypeKind, TypeSystemDefinition,
        },
    },
};

/// The types of all fields, by the type they stand in and their name.
pub struct Shapes(HashMap<String, HashMap<String, Type>>);

static OURS: LazyLock<Shapes> = LazyLock::new(|| Shapes::read(&crate::graphql::sdl()));

/// Puts nulls into an answer of this operation.
pub fn settle(document: &ExecutableDocument, operation: Option<&str>, response: &mut Response) {
    if response.errors.iter().any(|error| !error.path.is_empty()) {
        settle_by(&OURS, document, operation, response);
    }
}

fn settle_by(shapes: &Shapes, document: &ExecutableDocument, operation: Option<&str>, response: &mut Response) {
    let mut operations = document.operations.iter();
    let chosen = operations.find(|(name, _)| operation.is_none_or(|wanted| name.is_some_and(|it| it == wanted)));
    let Some((_, chosen)) = chosen else { return };
    let mut walk = Walk { shapes, document, at: Vec::new(), nulled: Vec::new() };
    for error in &response.errors {
        let is_told = walk.nulled.iter().any(|nulled| error.path.starts_with(nulled));
        if !error.path.is_empty() && !is_told {
            walk.at.clear();
            if walk.root(&chosen.node, &error.path, &mut response.data) {
                response.data = Value::Null;
                return;
            }
        }
    }
}

impl Shapes {
    fn read(sdl: &str) -> Self {
        let types = parse_schema(sdl).map(|schema| schema.definitions).unwrap_or_default();
        let fields = |fields: Vec<async_graphql::Positioned<FieldDefinition>>| {
            fields.into_iter().map(|field| (field.node.name.node.to_string(), field.node.ty.node)).collect()
        };
        let named = types.into_iter().filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) => match ty.node.kind {
                TypeKind::Object(object) => Some((ty.node.name.node.to_string(), fields(object.fields))),
                TypeKind::Interface(it) => Some((ty.node.name.node.to_string(), fields(it.fields))),
                _ => None,
            },
            _ => None,
        });
        Self(named.collect())
    }
}

/// On the way to one error after the other.
struct Walk<'a> {
    shapes: &'a Shapes,
    document: &'a ExecutableDocument,
    at: Vec<PathSegment>,
    /// What became null because something in it may not be.
    nulled: Vec<Vec<PathSegment>>,
}

impl<'a> Walk<'a> {
    fn root(&mut self, operation: &'a OperationDefinition, path: &[PathSegment], data: &mut Value) -> bool {
        let name = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        self.object(name, &[&operation.selection_set.node], path, data)
    }

    /// Goes on from an object; whether it has to become null.
    fn object(&mut self, ty: &str, selected: &[&'a SelectionSet], path: &[PathSegment], value: &mut Value) -> bool {
        let Some((PathSegment::Field(key), rest)) = path.split_first() else { return false };
        let mut found = Vec::new();
        let mut of = None;
        for set in selected {
            self.find(ty, set, key, &mut of, &mut found);
        }
        if *value == Value::Null {
            // All of its fields failed, and the executor took what was left for nothing at all.
            *value = Value::Object(IndexMap::new());
        }
        let Value::Object(fields) = value else { return false };
        self.at.push(PathSegment::Field(key.clone()));
        match fields.get_mut(key.as_str()) {
            Some(inner) if !rest.is_empty() => match of {
                Some(of) => self.value(of, &found, rest, inner),
                None => false,
            },
            Some(_) => false,
            None => {
                fields.insert(Name::new(key), Value::Null);
                self.may_not_be_null(of)
            }
        }
    }

    /// Goes on from a value of this type; whether what is around it has to become null.
    fn value(&mut self, ty: &Type, selected: &[&'a SelectionSet], path: &[PathSegment], value: &mut Value) -> bool {
        let is_lost = match (&ty.base, path.split_first()) {
            (BaseType::List(inner), Some((PathSegment::Index(index), rest))) => {
                let Value::List(items) = value else { return false };
                let Some(item) = items.get_mut(*index) else { return false };
                self.at.push(PathSegment::Index(*index));
                !rest.is_empty() && self.value(inner, selected, rest, item)
            }
            (BaseType::Named(name), Some(_)) => self.object(name, selected, path, value),
            _ => false,
        };
        if is_lost {
            *value = Value::Null;
            return self.may_not_be_null(Some(ty));
        }
        false
    }

    fn may_not_be_null(&mut self, ty: Option<&Type>) -> bool {
        let is_promised = ty.is_some_and(|ty| !ty.nullable);
        if !is_promised {
            self.nulled.push(self.at.clone());
        }
        self.at.pop();
        is_promised
    }

    /// What is selected under a key, in fragments as well. Fields that share a key have types of one shape.
    fn find(
        &self,
        ty: &str,
        set: &'a SelectionSet,
        key: &str,
        of: &mut Option<&'a Type>,
        found: &mut Vec<&'a SelectionSet>,
    ) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    let shape = self.shapes.0.get(ty).and_then(|fields| fields.get(field.node.name.node.as_str()));
                    *of = of.or(shape);
                    found.push(&field.node.selection_set.node);
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let on = fragment.node.type_condition.as_ref().map_or(ty, |it| it.node.on.node.as_str());
                    self.find(on, &fragment.node.selection_set.node, key, of, found);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.find(on, &fragment.node.selection_set.node, key, of, found);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{ServerError, parser::parse_query};
    use serde_json::{Value as Json, json};

    use super::*;

    const SCHEMA: &str = "type Query { ships: [Ship!]! ship: Ship names: [String] any: Node }
        type Ship implements Node { id: ID! name: String! note: String crew: [Ship!] mate: Ship! captain: Ship }
        interface Node { id: ID! }";

    fn settled(query: &str, data: Json, paths: &[Json]) -> Json {
        let mut response = Response::new(Value::from_json(data).unwrap());
        for path in paths {
            let path = path.as_array().unwrap().iter().map(|part| match part {
                Json::String(field) => PathSegment::Field(field.clone()),
                index => PathSegment::Index(index.as_u64().unwrap() as usize),
            });
            response.errors.push(ServerError { path: path.collect(), ..ServerError::new("broken", None) });
        }
        settle_by(&Shapes::read(SCHEMA), &parse_query(query).unwrap(), None, &mut response);
        response.data.into_json().unwrap()
    }

    #[test]
    fn a_field_that_may_be_null_is_null() {
        let query = "{ all: ships { name about: note } }";
        let data = json!({ "all": [{ "name": "a" }, { "name": "b", "about": "fast" }] });
        let expected = json!({ "all": [{ "name": "a", "about": null }, { "name": "b", "about": "fast" }] });
        assert_eq!(settled(query, data, &[json!(["all", 0, "about"])]), expected);
    }

    #[test]
    fn what_may_not_be_null_takes_along_what_is_around_it() {
        let query = "{ ships { crew { ...Named captain { mate { name } } } } } fragment Named on Ship { name }";
        let whole = json!({ "ships": [{ "crew": [{ "name": "a", "captain": { "mate": { "name": "b" } } }] }] });
        let mut data = whole.clone();
        data["ships"][0]["crew"][0]["captain"]["mate"].as_object_mut().unwrap().remove("name");
        let mut expected = whole.clone();
        expected["ships"][0]["crew"][0]["captain"] = Json::Null;
        assert_eq!(settled(query, data, &[json!(["ships", 0, "crew", 0, "captain", "mate", "name"])]), expected);

        let mut data = whole;
        data["ships"][0]["crew"][0].as_object_mut().unwrap().remove("name");
        let error = json!(["ships", 0, "crew", 0, "name"]);
        assert_eq!(settled(query, data, &[error.clone(), error]), json!({ "ships": [{ "crew": null }] }));

        let data = json!({ "ships": [{ "note": "x" }] });
        assert_eq!(settled("{ ships { note name } }", data, &[json!(["ships", 0, "name"])]), Json::Null);
    }

    #[test]
    fn an_object_all_of_whose_fields_failed_is_an_object_still() {
        let errors = [json!(["ship", "a"]), json!(["ship", "b"])];
        let settled = settled("{ ship { a: note b: note } }", json!({ "ship": null }), &errors);
        assert_eq!(settled, json!({ "ship": { "a": null, "b": null } }));
        assert_eq!(self::settled("{ ship { id } }", Json::Null, &[json!(["ship"])]), json!({ "ship": null }));
    }

    #[test]
    fn fields_of_interfaces_are_found_in_fragments() {
        let query = "{ any { id ... on Ship { it: name note } } }";
        let data = json!({ "any": { "id": "1", "note": null } });
        assert_eq!(settled(query, data, &[json!(["any", "it"])]), json!({ "any": null }));
    }

    #[test]
    fn a_list_that_failed_at_one_place_is_null() {
        let data = json!({ "ship": { "id": "1" } });
        let settled = settled("{ ship { id crew { id } } }", data, &[json!(["ship", "crew", 1])]);
        assert_eq!(settled, json!({ "ship": { "id": "1", "crew": null } }));
    }
}
