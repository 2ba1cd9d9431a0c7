//! The pages a person sees while signing in: the consent form, and the error page for requests that cannot be sent back.

use crate::call::{Reply, escape};

pub struct Form<'a> {
    pub app: &'a str,
    /// `(email, name, preselected)`.
    pub accounts: Vec<(String, String, bool)>,
    pub scopes: Vec<String>,
    /// `(id, name)` of files that may be picked; `None` when no picker was asked for.
    pub picks: Option<Vec<(String, String)>>,
    /// The request's own parameters, carried along.
    pub carried: &'a [(String, String)],
    pub action: String,
}

pub fn consent(form: &Form<'_>) -> Reply {
    let mut body = format!(
        "<h1>Sign in with Google</h1><p>(the sandbox; nobody is really asked)</p>\
         <p><b>{}</b> wants access to a Google Account.</p>\
         <form method=\"post\" action=\"{}\">\n",
        escape(form.app),
        escape(&form.action)
    );
    for (name, value) in form.carried {
        body += &format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value));
    }
    body += "<fieldset><legend>Choose an account</legend>\n";
    for (email, name, chosen) in &form.accounts {
        let chosen = if *chosen { " checked" } else { "" };
        body += &format!(
            "<label><input type=\"radio\" name=\"account\" value=\"{0}\"{chosen}> {1} &lt;{0}&gt;</label><br>\n",
            escape(email),
            escape(name)
        );
    }
    body += "</fieldset>\n<fieldset><legend>Select what it may do</legend>\n";
    for scope in &form.scopes {
        body += &format!(
            "<label><input type=\"checkbox\" name=\"granted\" value=\"{0}\" checked> {0}</label><br>\n",
            escape(scope)
        );
    }
    body += "</fieldset>\n";
    if let Some(picks) = &form.picks {
        body += "<fieldset><legend>Pick files</legend>\n";
        for (id, name) in picks {
            body += &format!(
                "<label><input type=\"checkbox\" name=\"picked\" value=\"{}\"> {}</label><br>\n",
                escape(id),
                escape(name)
            );
        }
        body += "</fieldset>\n";
    }
    body += "<button name=\"decision\" value=\"allow\">Continue</button>\n\
             <button name=\"decision\" value=\"deny\">Cancel</button>\n</form>";
    page(200, "Sign in - Google Accounts", &body)
}

/// What cannot go back to the client is shown to the person.
pub fn error(status: u16, error: &str, words: &str) -> Reply {
    let body = format!(
        "<h1>Access blocked: authorization error</h1><p>{}</p><p>Error {status}: {}</p>",
        escape(words),
        escape(error)
    );
    page(status, "Error - Google Accounts", &body)
}

fn page(status: u16, title: &str, body: &str) -> Reply {
    Reply::html(
        status,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\
             <body>{body}</body></html>\n"
        ),
    )
}
