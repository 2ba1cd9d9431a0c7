//! The way of a request: what the client takes, what it sent, who asks, what that operation is; then it runs, and the
//! answer travels as the client likes it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{ACCEPT, ALLOW, HeaderName, HeaderValue},
    },
    web::{Data, Payload},
};
use async_graphql::{Response, parser::types::OperationType};
use futures::stream;
use hawser_domain::{Principal, config::StatusProfile};

use super::{
    answer, batch,
    read::{self, Sent},
    refusal::Refusal,
    status,
};
use crate::{
    graphql::{Caller, CookieSession, Engine, Operation, Parameters, ResumeFrom, execute, prepare, stream as answers},
    transport::{
        RequestId,
        accept::{Accept, Media},
        authentication, client, cors, forgery,
        sse::{self, Reader},
    },
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// A request at the door.
pub struct Door<'a> {
    pub request: &'a HttpRequest,
    pub engine: &'a Engine,
    pub accept: Accept,
    id: RequestId,
}

pub async fn post(request: HttpRequest, payload: Payload, id: RequestId, engine: Data<Engine>) -> HttpResponse {
    let Some(door) = Door::open(&request, &engine, id) else { return not_acceptable(&request, &engine, id).await };
    let answered = match read::body(&request, payload).await {
        Ok(sent) => door.answer(sent).await,
        Err(refusal) => Err(refusal),
    };
    door.close(answered).await
}

pub async fn get(request: HttpRequest, id: RequestId, engine: Data<Engine>) -> HttpResponse {
    let Some(door) = Door::open(&request, &engine, id) else { return not_acceptable(&request, &engine, id).await };
    let answered = match read::address(request.query_string()) {
        Ok(parameters) => door.answer(Sent::One(parameters)).await,
        Err(refusal) => Err(refusal),
    };
    door.close(answered).await
}

/// Anything but GET, POST and OPTIONS.
pub async fn other(request: HttpRequest, id: RequestId, engine: Data<Engine>) -> HttpResponse {
    let message = "send operations by POST or GET, or open a WebSocket with the subprotocol graphql-transport-ws";
    refuse(&request, &engine, id, Refusal::new(StatusCode::METHOD_NOT_ALLOWED, message)).await
}

async fn not_acceptable(request: &HttpRequest, engine: &Engine, id: RequestId) -> HttpResponse {
    let message = "this door answers in application/graphql-response+json, application/json or text/event-stream";
    refuse(request, engine, id, Refusal::new(StatusCode::NOT_ACCEPTABLE, message)).await
}

/// Whatever the client takes: a status that is no success is not given to plain JSON.
async fn refuse(request: &HttpRequest, engine: &Engine, id: RequestId, refusal: Refusal) -> HttpResponse {
    let (profile, status) = (engine.app().config.graphql_status, refusal.status);
    let response = refusal.into_response(id.0);
    let mut response = answer::with_status(request, profile, Media::Response, status, &response).await;
    if status == StatusCode::METHOD_NOT_ALLOWED {
        // What may be sent here, or, where the method is one of them, what this operation needs.
        let methods = if request.method() == Method::GET { "POST" } else { cors::METHODS };
        response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    }
    response
}

impl<'a> Door<'a> {
    fn open(request: &'a HttpRequest, engine: &'a Engine, id: RequestId) -> Option<Self> {
        let lines: Vec<_> = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok()).collect();
        let accept = Accept::negotiate((!lines.is_empty()).then(|| lines.join(",")).as_deref())?;
        Some(Self { request, engine, accept, id })
    }

    async fn close(&self, answered: Result<HttpResponse, Refusal>) -> HttpResponse {
        match answered {
            Ok(response) => response,
            Err(refusal) => refuse(self.request, self.engine, self.id, refusal).await,
        }
    }

    pub fn profile(&self) -> StatusProfile {
        self.engine.app().config.graphql_status
    }

    /// Who likes streams better is told of faults of the request in the form that carries a status.
    fn media(&self) -> Media {
        self.accept.answer.filter(|_| !self.accept.stream_first).unwrap_or(Media::Response)
    }

    async fn answer(&self, mut sent: Sent) -> Result<HttpResponse, Refusal> {
        let app = self.engine.app();
        if let Sent::Several(list) = &sent {
            batch::check(app.config.graphql_batch, list)?;
        }
        sent.name_client(client::name(self.request.headers()));
        forgery::check(app, self.request).map_err(Refusal::forbidden)?;
        let principal = authentication::of_request(app, self.request).await;
        let principal = principal.map_err(|error| Refusal::unauthenticated(&error, self.id.0))?;
        let caller = Caller { principal, address: authentication::address(self.request), request_id: self.id.0 };
        match sent {
            Sent::One(parameters) => self.one(parameters, caller).await,
            Sent::Several(list) => batch::run(self, list, caller).await,
        }
    }

    async fn one(&self, sent: Parameters, caller: Caller) -> Result<HttpResponse, Refusal> {
        let who = caller.principal.clone();
        let operation = match prepare(self.engine, sent, caller).await {
            Ok(operation) => self.mark(operation),
            Err(response) => return Ok(self.single(response).await),
        };
        match operation.kind {
            OperationType::Mutation if self.request.method() == Method::GET => {
                Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "a GET only reads: send mutations by POST"))
            }
            OperationType::Subscription if !self.accept.stream => {
                let message =
                    "a subscription is answered by a stream: send `Accept: text/event-stream`, or use a WebSocket";
                Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, message))
            }
            OperationType::Subscription => {
                let operation = match self.last_event() {
                    Some(cursor) => operation.with(ResumeFrom(cursor)),
                    None => operation,
                };
                let builder = answer::begin(StatusCode::OK, sse::CONTENT_TYPE);
                Ok(sse::open(builder, self.reader(who), answers(self.engine, operation)))
            }
            _ => Ok(self.single(execute(self.engine, operation).await).await),
        }
    }

    /// Sends the only answer there is. In a stream, too, the status tells when the request itself was turned away.
    async fn single(&self, response: Response) -> HttpResponse {
        if self.accept.stream_first && !status::is_of_request(&response) {
            let mut builder = answer::begin(StatusCode::OK, sse::CONTENT_TYPE);
            answer::pass_on(&mut builder, &response);
            return sse::open(builder, self.reader(None), stream::iter([response]));
        }
        answer::one(self.request, self.profile(), self.media(), &response).await
    }

    fn reader(&self, who: Option<Principal>) -> Reader {
        Reader { engine: self.engine.clone(), who, request_id: self.id.0 }
    }

    /// Tells resolvers that whoever asks keeps the session in a cookie.
    pub fn mark(&self, operation: Operation) -> Operation {
        match authentication::of_cookie(self.engine.app(), self.request) {
            Some(_) => operation.with(CookieSession),
            None => operation,
        }
    }

    fn last_event(&self) -> Option<String> {
        let id = self.request.headers().get(LAST_EVENT_ID)?.to_str().ok()?.trim();
        (!id.is_empty()).then(|| id.to_owned())
    }
}
