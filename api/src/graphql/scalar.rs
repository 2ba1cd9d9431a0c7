//! Values GraphQL has no type for. `DateTime` comes with the executor; what is said of it stands here, too.

use async_graphql::{Description, InputValueError, InputValueResult, Scalar, ScalarType, Value};

pub const DATE_TIME: &str = "A moment, as RFC 3339 writes it, such as `2026-11-21T17:04:05.123456Z`. Answers are in UTC, to the microsecond; inputs \
     may have any offset.";
pub const JSON: &str = "Any JSON value.";

/// A whole number of 64 bits, as a string of digits, since JavaScript's numbers lose the last ones beyond 2^53. As input
/// a number is taken too.
#[derive(Description, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Long(pub i64);

#[Scalar(use_type_description, specified_by_url = "https://protobuf.dev/programming-guides/json/")]
impl ScalarType for Long {
    fn parse(value: Value) -> InputValueResult<Self> {
        let parsed = match &value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        parsed.map(Self).ok_or_else(|| InputValueError::custom("a whole number of 64 bits is expected"))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// An absolute address, such as `https://example.org/quay?berth=7`.
#[derive(Description, Debug, Clone, PartialEq, Eq)]
pub struct Url(pub String);

#[Scalar(name = "URL", use_type_description, specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) if url::Url::parse(text).is_ok() => Ok(Self(text.clone())),
            _ => Err(InputValueError::custom("an absolute URL is expected, such as https://example.org/")),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A place in a list or in the change log. Opaque: keep it and hand it back as it came.
#[derive(Description, Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

#[Scalar(use_type_description, specified_by_url = "https://relay.dev/graphql/connections.htm#sec-Cursor")]
impl ScalarType for Cursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => Ok(Self(text)),
            _ => Err(InputValueError::custom("a cursor is expected, as it was handed out")),
        }
    }

    fn is_valid(value: &Value) -> bool {
        matches!(value, Value::String(_))
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}
