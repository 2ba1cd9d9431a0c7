//! GraphQL in process: as over the wire, without the wire.

use hawser_api::graphql::{Caller, Parameters, run};
use hawser_domain::{Principal, token};
use serde_json::Value;

use crate::{House, Person};

impl House {
    /// The whole answer, errors and all.
    pub async fn gql(&self, person: &Person, query: &str, variables: Value) -> Value {
        self.gql_with(Some(&person.token), query, variables).await
    }

    /// Like `gql`, with any token, or none.
    pub async fn gql_with(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let principal = match token {
            Some(token) => Some(token::authenticate(&self.app, token, None).await.expect("a good token")),
            None => None,
        };
        self.run(principal, query, variables).await
    }

    /// Like `gql`, but for the look at the token.
    pub async fn ask_as(&self, who: &Principal, query: &str) -> Value {
        self.run(Some(who.clone()), query, Value::Null).await
    }

    async fn run(&self, principal: Option<Principal>, query: &str, variables: Value) -> Value {
        let caller = Caller { principal, address: None, request_id: self.app.randomness.id(self.clock.now()) };
        let response = run(&self.engine, Parameters::of(query).variables(variables), caller).await;
        serde_json::to_value(response).expect("an answer is JSON")
    }

    /// The data of an answer that has no errors.
    pub async fn data(&self, person: &Person, query: &str, variables: Value) -> Value {
        let mut answer = self.gql(person, query, variables).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        answer["data"].take()
    }
}
