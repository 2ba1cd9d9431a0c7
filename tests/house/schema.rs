//! The schema as a contract: what the running server says of itself is what is committed, everything is described, and
//! what is deprecated says until when it stays.

use std::collections::BTreeMap;

use async_graphql::parser::{
    parse_schema,
    types::{ConstDirective, FieldDefinition, InputValueDefinition, TypeKind, TypeSystemDefinition},
};
use hawser_tests::House;
use serde_json::{Value, json};

/// What is said of each coordinate (`Type`, `Type.field`, `Type.field(argument:)`, `Type.VALUE`, `@directive`).
type Said = BTreeMap<String, Value>;

const ASK: &str = "{ __schema { queryType { name } mutationType { name } subscriptionType { name } \
     directives { name description locations args(includeDeprecated: true) { ...Input } } \
     types { kind name description specifiedByURL isOneOf \
       fields(includeDeprecated: true) { name description isDeprecated deprecationReason type { ...Ref } \
         args(includeDeprecated: true) { ...Input } } \
       inputFields(includeDeprecated: true) { ...Input } interfaces { name } possibleTypes { name } \
       enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } } } } \
   fragment Input on __InputValue { name description defaultValue isDeprecated deprecationReason type { ...Ref } } \
   fragment Ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// What the running server says of itself.
async fn running() -> Said {
    let house = House::start().await;
    let (admin, served) = (house.admin().await, house.serve().await);
    let answer = served.gql(&admin, ASK, Value::Null).await;
    assert!(answer.get("errors").is_none(), "{answer:#}");
    let schema = &answer["data"]["__schema"];
    let mut said = Said::new();
    for root in ["query", "mutation", "subscription"] {
        said.insert(format!("schema.{root}"), schema[format!("{root}Type")]["name"].clone());
    }
    for directive in schema["directives"].as_array().unwrap() {
        let name = format!("@{}", text(&directive["name"]));
        inputs(&mut said, &directive["args"], |argument| format!("{name}({argument}:)"));
        let mut places: Vec<_> = directive["locations"].as_array().unwrap().iter().map(text).collect();
        places.sort();
        said.insert(name, json!({ "description": directive["description"], "places": places }));
    }
    for ty in schema["types"].as_array().unwrap() {
        let name = text(&ty["name"]);
        if name.starts_with("__") || ["Boolean", "Float", "ID", "Int", "String"].contains(&name.as_str()) {
            continue;
        }
        for field in ty["fields"].as_array().into_iter().flatten() {
            let coordinate = format!("{name}.{}", text(&field["name"]));
            inputs(&mut said, &field["args"], |argument| format!("{coordinate}({argument}:)"));
            said.insert(coordinate, part(field, &written(&field["type"]), &Value::Null));
        }
        inputs(&mut said, &ty["inputFields"], |field| format!("{name}.{field}"));
        for value in ty["enumValues"].as_array().into_iter().flatten() {
            said.insert(format!("{name}.{}", text(&value["name"])), part(value, "", &Value::Null));
        }
        let others = if ty["kind"] == "UNION" { "possibleTypes" } else { "interfaces" };
        let mut others: Vec<_> = ty[others].as_array().into_iter().flatten().map(|it| text(&it["name"])).collect();
        others.sort();
        said.insert(
            name,
            json!({ "kind": ty["kind"], "description": ty["description"], "url": ty["specifiedByURL"],
                    "isOneOf": ty["isOneOf"].as_bool().unwrap_or_default(), "others": others }),
        );
    }
    said
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn inputs(said: &mut Said, all: &Value, coordinate: impl Fn(&str) -> String) {
    for input in all.as_array().into_iter().flatten() {
        let name = coordinate(input["name"].as_str().unwrap());
        said.insert(name, part(input, &written(&input["type"]), &input["defaultValue"]));
    }
}

fn part(of: &Value, ty: &str, default: &Value) -> Value {
    let reason = if of["isDeprecated"] == true { of["deprecationReason"].clone() } else { Value::Null };
    json!({ "description": of["description"], "type": ty, "default": default, "deprecated": reason })
}

fn written(ty: &Value) -> String {
    match ty["kind"].as_str() {
        Some("NON_NULL") => format!("{}!", written(&ty["ofType"])),
        Some("LIST") => format!("[{}]", written(&ty["ofType"])),
        _ => text(&ty["name"]),
    }
}

/// What a schema in writing says.
fn committed(sdl: &str) -> Said {
    let mut said = Said::new();
    for definition in parse_schema(sdl).unwrap().definitions {
        match definition {
            TypeSystemDefinition::Schema(schema) => {
                let roots = [schema.node.query, schema.node.mutation, schema.node.subscription];
                for (root, name) in ["query", "mutation", "subscription"].iter().zip(roots) {
                    said.insert(format!("schema.{root}"), json!(name.map(|name| name.node.to_string())));
                }
            }
            TypeSystemDefinition::Directive(directive) => {
                let directive = directive.node;
                let name = format!("@{}", directive.name.node);
                for argument in &directive.arguments {
                    let argument = &argument.node;
                    said.insert(format!("{name}({}:)", argument.name.node), input(argument));
                }
                let mut places: Vec<_> = directive.locations.iter().map(|it| screaming(&it.node)).collect();
                places.sort();
                let description = directive.description.map(|it| it.node);
                said.insert(name, json!({ "description": description, "places": places }));
            }
            TypeSystemDefinition::Type(ty) => add_type(&mut said, ty.node),
        }
    }
    said
}

fn add_type(said: &mut Said, ty: async_graphql::parser::types::TypeDefinition) {
    let name = ty.name.node.to_string();
    let mut others = Vec::new();
    let kind = match ty.kind {
        TypeKind::Scalar => "SCALAR",
        TypeKind::Object(object) => {
            others.extend(object.implements);
            object.fields.iter().for_each(|field| add_field(said, &name, &field.node));
            "OBJECT"
        }
        TypeKind::Interface(interface) => {
            others.extend(interface.implements);
            interface.fields.iter().for_each(|field| add_field(said, &name, &field.node));
            "INTERFACE"
        }
        TypeKind::Union(union) => {
            others.extend(union.members);
            "UNION"
        }
        TypeKind::Enum(values) => {
            for value in values.values {
                let value = value.node;
                let said_of = sdl_part(value.description.map(|it| it.node), "", None, &value.directives);
                said.insert(format!("{name}.{}", value.value.node), said_of);
            }
            "ENUM"
        }
        TypeKind::InputObject(object) => {
            for field in &object.fields {
                said.insert(format!("{name}.{}", field.node.name.node), input(&field.node));
            }
            "INPUT_OBJECT"
        }
    };
    let mut others: Vec<_> = others.into_iter().map(|it| it.node.to_string()).collect();
    others.sort();
    let directive = |wanted: &str| ty.directives.iter().map(|it| &it.node).find(|it| it.name.node == wanted);
    let url = directive("specifiedBy").and_then(|it| it.get_argument("url")).map(|it| it.node.clone());
    said.insert(
        name,
        json!({ "kind": kind, "description": ty.description.map(|it| it.node), "url": url,
                "isOneOf": directive("oneOf").is_some(), "others": others }),
    );
}

fn add_field(said: &mut Said, owner: &str, field: &FieldDefinition) {
    let coordinate = format!("{owner}.{}", field.name.node);
    for argument in &field.arguments {
        said.insert(format!("{coordinate}({}:)", argument.node.name.node), input(&argument.node));
    }
    let description = field.description.as_ref().map(|it| it.node.clone());
    said.insert(coordinate, sdl_part(description, &field.ty.node.to_string(), None, &field.directives));
}

fn input(it: &InputValueDefinition) -> Value {
    let default = it.default_value.as_ref().map(|value| value.node.to_string());
    let description = it.description.as_ref().map(|it| it.node.clone());
    sdl_part(description, &it.ty.node.to_string(), default, &it.directives)
}

fn sdl_part(
    description: Option<String>,
    ty: &str,
    default: Option<String>,
    directives: &[async_graphql::Positioned<ConstDirective>],
) -> Value {
    let deprecated = directives.iter().find(|it| it.node.name.node == "deprecated");
    let reason = deprecated.map(|it| match it.node.get_argument("reason") {
        Some(reason) => reason.node.clone().into_json().unwrap(),
        None => json!("No longer supported"),
    });
    json!({ "description": description, "type": ty, "default": default, "deprecated": reason })
}

/// `FragmentSpread` as `FRAGMENT_SPREAD`.
fn screaming(place: &impl std::fmt::Debug) -> String {
    let mut name = String::new();
    for letter in format!("{place:?}").chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[tokio::test]
async fn the_running_server_says_of_itself_what_the_committed_schema_says() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema.graphql");
    let (committed, mut running) = (committed(&std::fs::read_to_string(path).unwrap()), running().await);
    // Directives belong to GraphQL itself; of their arguments only the types are written down, of `@deprecated` nothing.
    running.retain(|name, _| !name.starts_with("@deprecated"));
    for (_, said) in running.iter_mut().filter(|(name, _)| name.starts_with('@') && name.ends_with(":)")) {
        said["description"] = Value::Null;
    }
    for (name, said) in &running {
        assert_eq!(committed.get(name), Some(said), "{name}");
    }
    let unknown: Vec<_> = committed.keys().filter(|name| !running.contains_key(*name)).collect();
    assert_eq!(unknown, Vec::<&String>::new(), "the server knows nothing of these");
    assert!(running.len() > 800, "{}", running.len());
    assert_eq!(running["DocumentPlaceInput"]["isOneOf"], true);
    assert_eq!(running["DateTime"]["url"], "https://datatracker.ietf.org/doc/html/rfc3339");
}

/// What is wrong with what is said, one line each.
fn undescribed(said: &Said) -> Vec<String> {
    // Directives of GraphQL itself come with words of their own, and roots are names of types.
    let ours = said.iter().filter(|(name, _)| !name.starts_with('@') && !name.starts_with("schema."));
    let told = ours.map(|(name, said)| (name, said["description"].as_str().unwrap_or_default()));
    let is_sentence = |text: &str| {
        let begins = text.chars().next().is_some_and(|first| first.is_uppercase() || !first.is_alphabetic());
        begins && text.ends_with('.') && text.trim() == text
    };
    told.filter(|(_, text)| !is_sentence(text)).map(|(name, text)| format!("{name}: {text:?}")).collect()
}

#[tokio::test]
async fn everything_in_the_schema_is_described_in_full_sentences() {
    assert_eq!(undescribed(&running().await), Vec::<String>::new());
    let sample = "\"What is sold.\" type Ware { \"its name\" name(\"Which.\" of: Int, to: Int): String price: Int }
         enum Size { \"Small.\" S \"Large\" L }";
    let told: Vec<_> = undescribed(&committed(sample));
    let names: Vec<_> = told.iter().map(|line| line.split(": ").next().unwrap()).collect();
    assert_eq!(names, ["Size", "Size.L", "Ware.name", "Ware.name(to:)", "Ware.price"]);
}

/// Deprecated things that do not say until when they stay.
fn undated(said: &Said) -> Vec<&String> {
    let is_dated = |reason: &str| {
        let month = reason.trim_end_matches('.').rsplit_once("; removal after ").map(|(_, month)| month);
        month.is_some_and(|month| chrono::NaiveDate::parse_from_str(&format!("{month}-01"), "%Y-%m-%d").is_ok())
    };
    let deprecated = said.iter().filter_map(|(name, said)| said["deprecated"].as_str().map(|reason| (name, reason)));
    deprecated.filter(|(_, reason)| !is_dated(reason)).map(|(name, _)| name).collect()
}

#[tokio::test]
async fn what_is_deprecated_says_after_which_month_it_may_be_removed() {
    assert_eq!(undated(&running().await), Vec::<&String>::new());
    let sample = r#"type Ware { a: Int @deprecated(reason: "Use `b`; removal after 2027-06") b: Int @deprecated
           c(d: Int @deprecated(reason: "Unused; removal after 2027-06.")): Int @deprecated(reason: "Use `b`.")
           e: Int @deprecated(reason: "Use `b`; removal after 2027-13") f: Int @deprecated(reason: "Use `b`; removal after summer") }"#;
    let said = committed(sample);
    assert_eq!(undated(&said), ["Ware.b", "Ware.c", "Ware.e", "Ware.f"]);
}
