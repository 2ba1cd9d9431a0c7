//! The IDE: there where it is wanted, and nothing of it comes from anywhere else.

use hawser_tests::House;

#[tokio::test]
async fn without_the_setting_there_is_no_ide() {
    let house = House::start().await;
    let served = house.serve().await;
    for path in ["/graphiql", "/graphiql/start.js", "/graphiql/react-18.3.1.js"] {
        let answer = served.http.get(format!("{}{path}", served.url)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_page_loads_what_this_server_has_and_is_forbidden_to_load_anything_else() {
    let house = House::with(|config| config.graphiql = true).await;
    let served = house.serve().await;
    let get = async |path: &str| served.http.get(format!("{}{path}", served.url)).send().await.unwrap();
    let page = get("/graphiql").await;
    if !hawser_api::has_graphiql() {
        assert_eq!(page.status(), 404);
        assert!(page.text().await.unwrap().contains("cargo xtask ide"), "it is said how to come by it");
        return;
    }
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("http"), "no other host: {policy}");
    let page = page.text().await.unwrap();
    let named: Vec<&str> = page.split('"').filter(|word| word.starts_with("/graphiql/")).collect();
    assert_eq!(named.len(), 5, "{named:?}");
    for path in named {
        let answer = get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        assert!(
            kind.starts_with(if path.ends_with(".css") { "text/css" } else { "text/javascript" }),
            "{path}: {kind}"
        );
        assert!(!answer.bytes().await.unwrap().is_empty(), "{path}");
    }
    for (asset, word) in [("graphiql-4.1.2.js", "createFetcher"), ("react-dom-18.3.1.js", "createRoot")] {
        let text = get(&format!("/graphiql/{asset}")).await.text().await.unwrap();
        assert!(text.contains(word), "{asset} is what it is called");
    }
    assert_eq!(get("/graphiql/../../etc/passwd").await.status(), 404);
}
