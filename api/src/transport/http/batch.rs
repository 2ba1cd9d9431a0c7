//! Several operations in one request, where the settings allow it: they run one after the other, as if they had been sent
//! in that order, and are answered in one list.

use actix_web::{HttpResponse, http::StatusCode};
use async_graphql::{Response, parser::types::OperationType};

use super::{answer, door::Door, refusal::Refusal, status};
use crate::graphql::{Caller, Parameters, execute, prepare};

/// The most operations of one request.
const MOST: usize = 10;

pub async fn run(door: &Door<'_>, list: Vec<Parameters>, caller: Caller) -> Result<HttpResponse, Refusal> {
    let Some(media) = door.accept.answer else {
        return Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "several operations are not answered by a stream of events",
        ));
    };
    let mut responses = Vec::with_capacity(list.len());
    for sent in list {
        responses.push(one(door, sent, caller.clone()).await);
    }
    let status = common(&responses);
    let (status, media) = status::sent(status, door.profile(), media);
    let mut builder = answer::begin(status, media.content_type());
    for response in &responses {
        answer::pass_on(&mut builder, response);
    }
    let mut body = b"[".to_vec();
    for (place, response) in responses.iter().enumerate() {
        if place > 0 {
            body.push(b',');
        }
        body.extend(answer::json(response));
    }
    body.push(b']');
    Ok(answer::send(door.request, builder, body).await)
}

/// Checked before anybody is signed in.
pub fn check(is_on: bool, list: &[Parameters]) -> Result<(), Refusal> {
    let message = match list.len() {
        _ if !is_on => "send one operation per request: lists of operations are not taken here".to_owned(),
        0 => "the list has no operation".to_owned(),
        count if count > MOST => format!("a request may bring {MOST} operations, not {count}"),
        _ => return Ok(()),
    };
    Err(Refusal::ill_formed(message))
}

async fn one(door: &Door<'_>, sent: Parameters, caller: Caller) -> Response {
    let id = caller.request_id;
    match prepare(door.engine, sent, caller).await {
        Ok(operation) if operation.kind == OperationType::Subscription => {
            Refusal::ill_formed("a subscription cannot be one of several operations").into_response(id)
        }
        Ok(operation) => execute(door.engine, door.mark(operation)).await,
        Err(response) => response,
    }
}

/// Each operation speaks for itself in the list, except where the request was turned away as a whole.
fn common(responses: &[Response]) -> StatusCode {
    match responses {
        [first, rest @ ..]
            if status::is_of_request(first) && rest.iter().all(|it| status::of(it) == status::of(first)) =>
        {
            status::of(first)
        }
        _ => StatusCode::OK,
    }
}
