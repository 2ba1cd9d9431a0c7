//! As much of a browser as one consent needs: it follows redirects, keeps each host's cookies, and fills in the cloud's
//! form as a person would. No scripts, no pictures.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use reqwest::{
    Client, RequestBuilder, StatusCode, Url,
    header::{COOKIE, LOCATION, SET_COOKIE},
    redirect::Policy,
};

const REDIRECTS: usize = 10;

pub struct Browser {
    client: Client,
    /// By origin, then by name.
    cookies: HashMap<String, HashMap<String, String>>,
}

/// A page that has arrived.
struct Page {
    url: Url,
    status: StatusCode,
    html: String,
}

impl Browser {
    pub fn new() -> anyhow::Result<Self> {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build()?;
        Ok(Self { client, cookies: HashMap::new() })
    }

    /// Opens the address, agrees as `account` on the cloud's page, and comes back. The last page's status must be 200.
    pub async fn consent(&mut self, address: &str, account: &str) -> anyhow::Result<()> {
        let url = Url::parse(address)?;
        let page = self.follow(self.client.get(url.clone()), url).await?;
        ensure!(page.status == StatusCode::OK, "the consent page answered {}: {}", page.status, page.html);
        let form = Form::read(&page.html, account).with_context(|| format!("no consent form in {}", page.html))?;
        let action = page.url.join(&form.action)?;
        let sent = self.client.post(action.clone()).form(&form.fields);
        let page = self.follow(sent, action).await?;
        ensure!(
            page.status == StatusCode::OK,
            "the way back ended at {} with {}: {}",
            page.url.path(),
            page.status,
            page.html
        );
        Ok(())
    }

    async fn follow(&mut self, mut request: RequestBuilder, mut url: Url) -> anyhow::Result<Page> {
        for _ in 0..REDIRECTS {
            if let Some(cookies) = self.cookies.get(&url.origin().ascii_serialization()) {
                let all: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request = request.header(COOKIE, all.join("; "));
            }
            let answer = request.send().await?;
            for cookie in answer.headers().get_all(SET_COOKIE) {
                self.keep(&url, cookie.to_str()?);
            }
            let Some(location) = answer.headers().get(LOCATION) else {
                return Ok(Page { url, status: answer.status(), html: answer.text().await? });
            };
            url = url.join(location.to_str()?)?;
            request = self.client.get(url.clone());
        }
        bail!("more than {REDIRECTS} redirects; the last one led to {}", url.path())
    }

    fn keep(&mut self, url: &Url, cookie: &str) {
        let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
        let Some((name, value)) = pair.trim().split_once('=') else { return };
        let jar = self.cookies.entry(url.origin().ascii_serialization()).or_default();
        let is_over = attributes.split(';').any(|attribute| attribute.trim().eq_ignore_ascii_case("max-age=0"));
        match is_over {
            true => jar.remove(name),
            false => jar.insert(name.to_owned(), value.to_owned()),
        };
    }
}

/// A consent form, filled in: all scopes stay ticked, the account is chosen, and it is sent with "allow".
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    fn read(html: &str, account: &str) -> Option<Self> {
        let form = tags(html, "form").next()?;
        let mut fields = vec![("account".to_owned(), account.to_owned()), ("decision".to_owned(), "allow".to_owned())];
        for tag in tags(html, "input") {
            let kind = attribute(tag, "type")?;
            if kind == "hidden" || (kind == "checkbox" && tag.trim_end().ends_with("checked")) {
                fields.push((attribute(tag, "name")?, attribute(tag, "value")?));
            }
        }
        Some(Self { action: attribute(form, "action")?, fields })
    }
}

/// What stands between `<name ` and `>`, once for each such tag.
fn tags<'a>(html: &'a str, name: &str) -> impl Iterator<Item = &'a str> {
    let opening = format!("<{name} ");
    let rest: Vec<_> = html.split(opening.as_str()).skip(1).collect();
    rest.into_iter().filter_map(|rest| rest.split_once('>').map(|(tag, _)| tag))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    let plain = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    Some(plain.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_sent_with_what_it_carries_and_what_is_ticked() {
        let html = r#"<form method="post" action="/a?b=1&amp;c=2"><input type="hidden" name="state" value="x&quot;y">
            <input type="radio" name="account" value="other@a"><input type="checkbox" name="granted" value="all" checked>
            <input type="checkbox" name="picked" value="file"></form>"#;
        let form = Form::read(html, "me@a").unwrap();
        assert_eq!(form.action, "/a?b=1&c=2");
        let has = |name: &str, value: &str| form.fields.contains(&(name.to_owned(), value.to_owned()));
        assert!(has("state", "x\"y") && has("granted", "all") && has("account", "me@a") && has("decision", "allow"));
        assert_eq!(form.fields.len(), 4, "{:?}", form.fields);
    }

    #[test]
    fn cookies_go_back_to_their_host_until_they_end() {
        let mut browser = Browser::new().unwrap();
        let here = Url::parse("http://127.0.0.1:1/x").unwrap();
        browser.keep(&here, "a=1; Path=/; HttpOnly");
        assert_eq!(browser.cookies["http://127.0.0.1:1"]["a"], "1");
        browser.keep(&here, "a=; Max-Age=0; Path=/");
        assert!(browser.cookies["http://127.0.0.1:1"].is_empty());
    }
}
