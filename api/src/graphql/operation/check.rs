//! Checking a document without running it: before it is imported.

use async_graphql::{
    Name, Request, ServerError, Value, Variables,
    parser::types::{BaseType, Type},
};

use super::{
    Engine,
    cache::{OnlyChecked, VALID},
    document::Document,
};

/// The names of the operations in a document that would run.
///
/// # Errors
/// Everything the schema has against it, each with its place.
pub async fn check(engine: &Engine, text: &str) -> Result<Vec<String>, Vec<String>> {
    let document = Document::read(text).map_err(|error| vec![say(&error)])?;
    let mut request = Request::new("").variables(samples(&document));
    request.set_parsed_query(document.parsed.clone());
    let response = engine.schema.execute(request.data(OnlyChecked)).await;
    match response.errors.as_slice() {
        [only] if only.message == VALID => Ok(document.names().into_iter().map(str::to_owned).collect()),
        errors => Err(errors.iter().map(say).collect()),
    }
}

fn say(error: &ServerError) -> String {
    match error.locations.first() {
        Some(place) => format!("line {}, column {}: {}", place.line, place.column, error.message),
        None => error.message.clone(),
    }
}

/// Values for the variables that a cost may depend on: the least there are.
fn samples(document: &Document) -> Variables {
    let operations = document.parsed.operations.iter();
    let variables = operations.flat_map(|(_, operation)| &operation.node.variable_definitions);
    let samples = variables.filter(|it| it.node.default_value.is_none());
    let samples = samples.filter_map(|it| Some((it.node.name.node.clone(), sample(&it.node.var_type.node)?)));
    let mut all = Variables::default();
    all.extend(samples.collect::<Vec<(Name, Value)>>());
    all
}

/// `None` where any value could be a wrong one.
fn sample(ty: &Type) -> Option<Value> {
    match &ty.base {
        _ if ty.nullable => Some(Value::Null),
        BaseType::List(_) => Some(Value::List(Vec::new())),
        BaseType::Named(name) if name == "Int" => Some(Value::from(1)),
        BaseType::Named(_) => None,
    }
}
