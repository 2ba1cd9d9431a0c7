//! Answers made smaller on their way.

use std::io::Read;

use hawser_domain::config::Introspection;
use hawser_tests::{House, Served, without_cost};
use reqwest::{Response, header};
use serde_json::Value;

const SMALL: &str = "{ __typename }";
const LARGE: &str = "{ __schema { types { name description fields { name description } } } }";

async fn ask(served: &Served, accept: Option<&str>, query: &str) -> Response {
    // A client that leaves bodies as they came.
    let http = reqwest::Client::builder().no_gzip().build().unwrap();
    let request = http.post(format!("{}/graphql", served.url)).json(&serde_json::json!({ "query": query }));
    let request = match accept {
        Some(accept) => request.header(header::ACCEPT_ENCODING, accept),
        None => request,
    };
    request.send().await.unwrap()
}

fn coding(answer: &Response) -> Option<&str> {
    answer.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_large_answer_is_sent_in_the_coding_asked_for_and_a_small_one_as_it_is() {
    let house = House::with(|config| config.graphql_introspection = Introspection::Everyone).await;
    let served = house.serve().await;
    let plain = ask(&served, None, LARGE).await;
    assert_eq!(coding(&plain), None);
    assert!(plain.headers()[header::VARY].to_str().unwrap().contains("Accept-Encoding"));
    let plain = whole(&plain.bytes().await.unwrap());
    for (accept, expected) in [
        ("gzip", Some("gzip")),
        ("br", Some("br")),
        ("gzip;q=0.5, br", Some("br")),
        ("gzip, deflate, br, zstd", Some("br")),
        ("zstd", None),
        ("identity", None),
        ("gzip;q=0", None),
        ("nonsense;q=x", None),
    ] {
        let answer = ask(&served, Some(accept), LARGE).await;
        assert_eq!(coding(&answer), expected, "{accept}");
        let sent = answer.bytes().await.unwrap();
        let mut read = Vec::new();
        match expected {
            Some("gzip") => drop(flate2::read::GzDecoder::new(&sent[..]).read_to_end(&mut read).unwrap()),
            Some(_) => brotli::BrotliDecompress(&mut &sent[..], &mut read).unwrap(),
            None => read = sent.to_vec(),
        }
        assert_eq!(whole(&read), plain, "{accept}");
        assert!(expected.is_none() || sent.len() < read.len() / 4, "{accept}: {} of {}", sent.len(), read.len());
        assert_eq!(coding(&ask(&served, Some(accept), SMALL).await), None, "{accept}");
    }
}

/// An answer as it was before it was packed.
fn whole(bytes: &[u8]) -> Value {
    without_cost(serde_json::from_slice(bytes).unwrap())
}
