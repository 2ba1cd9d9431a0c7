//! Links for the viewer's own browser, made from metadata: nothing here creates a share or carries our token.

use url::Url;

use super::call::LIST;
use super::{Google, wire};
use crate::{Access, AppLink, CloudFile, ErrorKind, Link, LinkKind, Result};

const APPS_SCOPE: &str = "https://www.googleapis.com/auth/drive.apps.readonly";

pub fn links(file: &CloudFile) -> Vec<Link> {
    let view = file.web_url.clone().map(|url| (LinkKind::View, url));
    let embed = file.web_url.as_deref().filter(|_| !file.is_folder).and_then(embed).map(|url| (LinkKind::Embed, url));
    let download = file.download_url.clone().filter(|_| file.can_download).map(|url| (LinkKind::Download, url));
    [view, embed, download]
        .into_iter()
        .flatten()
        .filter(|(_, url)| is_web(url))
        .map(|(kind, url)| Link { kind, url })
        .collect()
}

/// `…/view` and `…/edit` have a sister `…/preview` that may be framed; of the query only the resource key matters.
fn embed(view: &str) -> Option<String> {
    let mut url = Url::parse(view).ok()?;
    let last = url.path_segments()?.next_back()?.to_owned();
    if !matches!(last.as_str(), "view" | "edit") {
        return None;
    }
    url.path_segments_mut().ok()?.pop().push("preview");
    let key = url.query_pairs().find(|(name, _)| name == "resourcekey").map(|(_, key)| key.into_owned());
    url.set_query(None);
    url.set_fragment(None);
    if let Some(key) = key {
        url.query_pairs_mut().append_pair("resourcekey", &key);
    }
    Some(url.into())
}

/// Drive's own editor or viewer first; other applications when the scope to list them is configured and granted.
pub async fn app_links(google: &Google, access: &Access, file: &CloudFile) -> Result<Vec<AppLink>> {
    let own = file.web_url.clone().filter(|url| is_web(url)).map(|url| AppLink {
        name: own_name(&file.mime_type).into(),
        url,
        icon_url: file.icon_url.clone(),
        is_default: true,
    });
    let mut links: Vec<_> = own.into_iter().collect();
    if !google.settings.scopes.iter().any(|scope| scope == APPS_SCOPE) {
        return Ok(links);
    }
    let mut params = vec![("appFilterMimeTypes", file.mime_type.as_str())];
    params.extend(file.extension.as_deref().map(|extension| ("appFilterExtensions", extension)));
    let url = google.url(&["drive", "v3", "apps"], &params)?;
    match google.json::<wire::AppList>(access, google.get(access, url, LIST)?).await {
        Ok(apps) => {
            links.extend(apps.items.into_iter().filter_map(|app| app_link(app, file)));
            Ok(links)
        }
        // Users can untick the scope; the file still opens in Drive.
        Err(error) if matches!(error.kind, ErrorKind::MissingScope | ErrorKind::Forbidden) => Ok(links),
        Err(error) => Err(error),
    }
}

fn app_link(app: wire::App, file: &CloudFile) -> Option<AppLink> {
    let filled = app.open_url_template?.replace("{ids}", &file.id).replace("{exportIds}", &file.id);
    let url = Url::parse(&filled).ok()?.to_string();
    is_web(&url).then(|| AppLink {
        name: app.name,
        url,
        icon_url: app.icons.into_iter().find_map(|icon| icon.icon_url),
        is_default: false,
    })
}

fn own_name(mime_type: &str) -> &'static str {
    match mime_type {
        "application/vnd.google-apps.document" => "Google Docs",
        "application/vnd.google-apps.spreadsheet" => "Google Sheets",
        "application/vnd.google-apps.presentation" => "Google Slides",
        "application/vnd.google-apps.drawing" => "Google Drawings",
        "application/vnd.google-apps.form" => "Google Forms",
        _ => "Google Drive",
    }
}

/// Only addresses a browser opens as pages; never `javascript:` and its kin.
fn is_web(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_form_is_derived_from_the_view_link() {
        for (view, expected) in [
            ("https://drive.google.com/file/d/1/view?usp=drivesdk", Some("https://drive.google.com/file/d/1/preview")),
            (
                "https://docs.google.com/document/d/1/edit?usp=x&resourcekey=0-k",
                Some("https://docs.google.com/document/d/1/preview?resourcekey=0-k"),
            ),
            ("https://drive.google.com/drive/folders/1", None),
            ("not an address", None),
        ] {
            assert_eq!(embed(view).as_deref(), expected, "{view}");
        }
    }

    #[test]
    fn an_application_with_a_script_for_an_address_is_left_out() {
        let app = |template: &str| wire::App {
            name: "App".into(),
            open_url_template: Some(template.into()),
            icons: Vec::new(),
        };
        let file: CloudFile = serde_json::from_str::<wire::File>(r#"{"id":"F"}"#).expect("a file").into();
        let link = app_link(app("https://app.example/?state={\"ids\":[\"{ids}\"]}"), &file).expect("a link");
        assert!(link.url.starts_with("https://app.example/?state=") && link.url.contains('F'));
        assert!(app_link(app("javascript:alert('{ids}')"), &file).is_none());
    }
}
