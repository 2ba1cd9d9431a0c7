//! The ways Google says no, with its reasons and its words.
//! Shape: `{error:{code,message,errors:[{domain,reason,message,locationType?,location?}],status?,details?}}`.

use serde_json::{Value, json};

use crate::call::Reply;

/// Boxed, because it travels in the `Err` of nearly every function here.
#[derive(Debug, Clone)]
pub struct Refusal(Box<Said>);

#[derive(Debug, Clone)]
struct Said {
    status: u16,
    reason: String,
    domain: &'static str,
    message: String,
    /// `(locationType, location)`.
    location: Option<(&'static str, String)>,
    /// The canonical name, where the newer error model is used.
    canonical: Option<&'static str>,
    details: Option<Value>,
}

impl Refusal {
    pub fn new(status: u16, reason: &str, message: impl Into<String>) -> Self {
        Self(Box::new(Said {
            status,
            reason: reason.to_owned(),
            domain: "global",
            message: message.into(),
            location: None,
            canonical: None,
            details: None,
        }))
    }

    fn at(mut self, kind: &'static str, location: &str) -> Self {
        self.0.location = Some((kind, location.to_owned()));
        self
    }

    fn usage(mut self) -> Self {
        self.0.domain = "usageLimits";
        self
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "badRequest", message)
    }

    /// A parameter with a value that cannot be.
    pub fn invalid(parameter: &str) -> Self {
        Self::new(400, "invalid", "Invalid Value").at("parameter", parameter)
    }

    pub fn required(parameter: &str) -> Self {
        let message = format!("Required parameter: {parameter}");
        Self::new(400, "required", message).at("parameter", parameter)
    }

    pub fn bad_field(name: &str) -> Self {
        let message = format!("Invalid field selection {name}");
        Self::new(400, "invalidParameter", message).at("parameter", "fields")
    }

    pub fn not_json() -> Self {
        Self::new(400, "parseError", "Parse Error")
    }

    pub fn unsupported_alt(alt: &str) -> Self {
        Self::new(400, "badRequest", format!("Unsupported alt type \"{alt}\""))
    }

    pub fn no_file(id: &str) -> Self {
        Self::new(404, "notFound", format!("File not found: {id}.")).at("parameter", "fileId")
    }

    pub fn no_drive(id: &str) -> Self {
        Self::new(404, "notFound", format!("Shared drive not found: {id}")).at("parameter", "driveId")
    }

    pub fn no_thing(what: &str, id: &str, parameter: &str) -> Self {
        Self::new(404, "notFound", format!("{what} not found: {id}.")).at("parameter", parameter)
    }

    pub fn no_route() -> Self {
        Self::new(404, "notFound", "Not Found")
    }

    pub fn forbidden(file: &str) -> Self {
        Self::new(
            403,
            "insufficientFilePermissions",
            format!("The user does not have sufficient permissions for file {file}."),
        )
    }

    pub fn app_not_authorized(app: &str, verb: &str, file: &str) -> Self {
        Self::new(
            403,
            "appNotAuthorizedToFile",
            format!("The user has not granted the app {app} {verb} access to the file {file}."),
        )
    }

    pub fn missing_scope() -> Self {
        let mut refusal = Self::new(403, "insufficientPermissions", "Insufficient Permission");
        refusal.0.canonical = Some("PERMISSION_DENIED");
        refusal.0.details = Some(json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": {"service": "drive.googleapis.com"}
        }]));
        refusal
    }

    pub fn bad_token() -> Self {
        Self::new(401, "authError", "Invalid Credentials").at("header", "Authorization")
    }

    /// Nobody asked: reading and writing are refused differently.
    pub fn anonymous(method: &str) -> Self {
        if method == "GET" {
            let mut refusal = Self::new(
                403,
                "forbidden",
                "Method doesn't allow unregistered callers (callers without established identity). \
                 Please use API Key or other form of API consumer identity to call this API.",
            );
            refusal.0.canonical = Some("PERMISSION_DENIED");
            return refusal;
        }
        let mut refusal = Self::new(
            401,
            "required",
            "Request is missing required authentication credential. Expected OAuth 2 access token, \
             login cookie or other valid authentication credential. See \
             https://developers.google.com/identity/sign-in/web/devconsole-project.",
        )
        .at("header", "Authorization");
        refusal.0.canonical = Some("UNAUTHENTICATED");
        refusal
    }

    pub fn user_rate() -> Self {
        Self::new(403, "userRateLimitExceeded", "User Rate Limit Exceeded").usage()
    }

    pub fn too_many() -> Self {
        Self::new(429, "rateLimitExceeded", "Rate Limit Exceeded").usage()
    }

    pub fn storage_full() -> Self {
        Self::new(403, "storageQuotaExceeded", "The user's Drive storage quota has been exceeded.")
    }

    /// What a scripted fault asks for; the words follow from the reason where the documentation gives them.
    pub fn scripted(status: u16, reason: Option<&str>, message: Option<&str>) -> Self {
        let reason = reason.unwrap_or(match status {
            400 => "badRequest",
            401 => "authError",
            403 => "userRateLimitExceeded",
            404 => "notFound",
            429 => "rateLimitExceeded",
            _ => "backendError",
        });
        let words = match reason {
            "authError" => "Invalid Credentials",
            "userRateLimitExceeded" => "User Rate Limit Exceeded",
            "rateLimitExceeded" => "Rate Limit Exceeded",
            "dailyLimitExceeded" => "Daily Limit Exceeded",
            "insufficientPermissions" => "Insufficient Permission",
            "storageQuotaExceeded" => "The user's Drive storage quota has been exceeded.",
            "domainPolicy" => "The domain administrators have disabled Drive apps.",
            "teamDriveMembershipRequired" => "The attempted action requires shared drive membership.",
            "exportSizeLimitExceeded" => "This file is too large to be exported.",
            "notFound" => "File not found: .",
            "invalid" => "Invalid Value",
            "backendError" | "internalError" => "Backend Error",
            _ => "Bad Request",
        };
        let refusal = Self::new(status, reason, message.unwrap_or(words));
        if reason.ends_with("LimitExceeded") && reason != "exportSizeLimitExceeded" {
            return refusal.usage();
        }
        refusal
    }

    pub fn with_location(self, kind: &'static str, location: &str) -> Self {
        self.at(kind, location)
    }

    pub fn reply(&self) -> Reply {
        let mut one = json!({
            "message": self.0.message,
            "domain": self.0.domain,
            "reason": self.0.reason,
        });
        if let Some((kind, location)) = &self.0.location {
            one["location"] = json!(location);
            one["locationType"] = json!(kind);
        }
        let mut error = json!({
            "code": self.0.status,
            "message": self.0.message,
            "errors": [one],
        });
        if let Some(canonical) = self.0.canonical {
            error["status"] = json!(canonical);
        }
        if let Some(details) = &self.0.details {
            error["details"] = details.clone();
        }
        let reply = Reply::json(self.0.status, &json!({ "error": error }));
        if self.0.status == 401 {
            return reply.with("WWW-Authenticate", "Bearer realm=\"https://accounts.google.com/\"");
        }
        reply
    }
}
