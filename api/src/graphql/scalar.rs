//! Values GraphQL has no type for. `DateTime` comes with the executor (RFC 3339, UTC).

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};

/// A whole number of 64 bits, as a string of digits, since JavaScript's numbers lose the last ones beyond 2^53. As input
/// a number is taken too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Long(pub i64);

#[Scalar]
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

/// An absolute address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(pub String);

#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
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
