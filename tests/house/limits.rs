//! What an operation may be made of, what it costs, who may read the schema, and how long it may take.

use std::{net::IpAddr, time::Duration};

use async_graphql::Response;
use hawser_api::graphql::{Caller, Parameters, listen, run};
use hawser_domain::{Principal, config::Introspection, entity::user::Role, user};
use hawser_tests::{Heard, House, Person};
use reqwest::{StatusCode, header};
use serde_json::{Value, json};

const WHO: &str = "{ viewer { user { name } } }";

/// The answer with its headers.
async fn answer(house: &House, who: Option<&Person>, address: Option<&str>, query: &str) -> Response {
    let principal = who.map(|person| person.principal.clone());
    run(&house.engine, Parameters::of(query), caller(house, principal, address)).await
}

fn caller(house: &House, principal: Option<Principal>, address: Option<&str>) -> Caller {
    let address = address.map(|text| text.parse::<IpAddr>().unwrap());
    Caller { principal, address, request_id: house.app.randomness.id(house.clock.now()) }
}

fn code(answer: &Value) -> &str {
    assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer:#}");
    answer["errors"][0]["extensions"]["code"].as_str().unwrap()
}

#[tokio::test]
async fn beyond_a_limit_there_is_one_error_that_names_it() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let nothing = "document(id: \"doc_00000000000000000000000000\")";
    let roots = |count: usize| "viewer { __typename } ".repeat(count);
    let aliases = |count: usize| (0..count).map(|it| format!("a{it}: isSession ")).collect::<String>();
    let parents = |count: usize| format!("{nothing} {{ {}id{} }}", "parent { ".repeat(count), " }".repeat(count));
    let directives = |count: usize| format!("viewer {{ {} }}", "isSession @include(if: true) ".repeat(count));
    let tokens = |count: usize| format!("viewer {{ {}}}", "isSession ".repeat(count - 5));
    let ids = |count: usize| format!("nodes(ids: [{}]) {{ id }}", "\"doc_00000000000000000000000000\" ".repeat(count));
    for (limit, most, text) in [
        ("rootFields", 20, &roots as &dyn Fn(usize) -> String),
        ("aliases", 30, &|count| format!("viewer {{ {} }}", aliases(count))),
        ("depth", 15, &|count| parents(count - 2)),
        ("directives", 20, &directives),
        ("tokens", 2000, &tokens),
    ] {
        let passes = house.gql(&ann, &format!("{{{}}}", text(most)), json!({})).await;
        assert!(passes.get("errors").is_none(), "{limit}: {passes:#}");
        let refused = house.gql(&ann, &format!("{{{}}}", text(most + 1)), json!({})).await;
        assert_eq!(code(&refused), "COMPLEXITY_EXCEEDED");
        let (error, more) = (&refused["errors"][0], most + 1);
        assert_eq!(error["message"], format!("the limit `{limit}` is {most}, and this operation has {more}"));
        assert_eq!(error["extensions"]["limit"], limit);
        assert_eq!((&error["extensions"]["value"], &error["extensions"]["maximum"]), (&json!(more), &json!(most)));
        assert!(error["extensions"]["requestId"].is_string() && error.get("path").is_none(), "{error:#}");
    }
    let many = house.gql(&ann, &format!("{{{}}}", ids(101)), json!({})).await;
    assert_eq!(code(&many), "BAD_USER_INPUT", "{many:#}");
}

#[tokio::test]
async fn what_is_built_to_do_harm_is_refused_before_it_can() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let fill = |text: &str| text.repeat(256 * 1024 / text.len());
    let list = format!("{{ nodes(ids: {}{}) {{ id }} }}", "[".repeat(70), "]".repeat(70));
    let doubled = |levels: usize| {
        let fragments = (0..levels).map(|it| format!("fragment f{it} on Viewer {{ ...f{0} ...f{0} }} ", it + 1));
        format!(
            "{{ viewer {{ ...f0 }} }} {} fragment f{levels} on Viewer {{ isSession }}",
            fragments.collect::<String>()
        )
    };
    let rows = "a: nodes { children(first: 100) { nodes { id name kind } } } ".to_owned();
    let amplified = format!("{{ documents(first: 100) {{ {} }} }}", rows.replace("a:", "") + &rows);
    for (text, expected) in [
        (fill("{"), "COMPLEXITY_EXCEEDED"),
        (fill("a:"), "COMPLEXITY_EXCEEDED"),
        (fill("["), "COMPLEXITY_EXCEEDED"),
        (fill("{a"), "COMPLEXITY_EXCEEDED"),
        (fill("#"), "GRAPHQL_PARSE_FAILED"),
        (fill("#\n"), "GRAPHQL_PARSE_FAILED"),
        (fill(","), "GRAPHQL_PARSE_FAILED"),
        (fill("a"), "GRAPHQL_PARSE_FAILED"),
        (fill("\"\"\"\""), "GRAPHQL_PARSE_FAILED"),
        (list, "COMPLEXITY_EXCEEDED"),
        (doubled(40), "COMPLEXITY_EXCEEDED"),
        (doubled(14), "COMPLEXITY_EXCEEDED"),
        (amplified, "COMPLEXITY_EXCEEDED"),
        ("{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = house.gql(&ann, &text, json!({})).await;
        assert_eq!(code(&answer), expected, "{} {answer:#}", &text[..text.len().min(60)]);
    }
    // Of names that are no names, only so many are told.
    let wrong = format!("{{ viewer {{ {} }} }}", (0..1500).map(|it| format!("wrong{it} ")).collect::<String>());
    let told = house.gql(&ann, &wrong, json!({})).await;
    assert_eq!(told["errors"].as_array().map(Vec::len), Some(100));
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    let deep = house.gql(&ann, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": deep })).await;
    assert!(deep["errors"].is_array(), "{deep:#}");
    let long = json!({ "ids": vec!["doc_00000000000000000000000000"; 10_000] });
    let long = house.gql(&ann, "query($ids: [ID!]!) { nodes(ids: $ids) { id } }", long).await;
    assert_eq!(code(&long), "COMPLEXITY_EXCEEDED");
    assert_eq!(long["errors"][0]["extensions"]["limit"], "variableValues");
}

#[tokio::test]
async fn the_cost_of_an_operation_is_what_one_works_out_by_hand() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    for (query, variables, points) in [
        ("{ __typename }", json!({}), 1),
        // viewer, user, name
        (WHO, json!({}), 3),
        // The list, then for each of 50 rows: the row's place in `nodes` is one point for all.
        ("{ workspaces { nodes { id name } } }", json!({}), 1 + 1 + 50 * 2),
        (
            "query($n: Int) {
                documents(first: $n) {
                    totalCount
                    pageInfo { hasNextPage endCursor }
                    edges { cursor node { id name parent { id } children(first: 3) { nodes { id } } } }
                }
                node(id: \"doc_00000000000000000000000000\") {
                    id
                    ... on Document { name }
                    ... on Connection { state provider { name } }
                }
            }",
            json!({ "n": 20 }),
            // documents, totalCount, pageInfo with two, edges; a row: cursor, node, id, name, parent with one, children,
            // nodes, three ids. Then node, id, and the dearer of what it can be.
            (1 + 1 + 3 + 1 + 20 * (1 + 1 + 2 + 2 + 1 + 1 + 3)) + (1 + 1 + 3),
        ),
        ("query($n: Int = 7) { users(first: $n) { nodes { id } } }", json!({}), 1 + 1 + 7),
        ("query($n: Int) { users(last: $n) { nodes { id } } }", json!({ "n": 90 }), 1 + 1 + 90),
        ("query($n: Int) { groups(first: $n) { nodes { id } } }", json!({ "n": null }), 1 + 1 + 50),
        ("query($n: Int) { groups(first: $n) { nodes { id } } }", json!({}), 1 + 1 + 50),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", json!({ "ids": ["a", "b", "c"] }), 1 + 3),
        ("{ changes(since: \"x\") { changes { at } } }", json!({}), 1 + 1 + 100),
        // A search costs 20 itself, and its facets are lists of usual length.
        (
            "{ search(query: \"buoy\", first: 2) { nodes { document { id } } facets { field } } }",
            json!({}),
            20 + 1 + 2 * 2 + 1 + 10,
        ),
        (
            "query($no: Boolean = false) { viewer { isSession @include(if: $no) user @skip(if: true) { id } } }",
            json!({}),
            1,
        ),
        ("{ __schema { types { name } } }", json!({}), 500),
        ("mutation { sessionEnd { userErrors { message } } }", json!({}), 10 + 1 + 2),
    ] {
        let answer = house.gql(&ann, query, variables).await;
        assert_eq!(answer["extensions"]["cost"]["requested"], points, "{query}");
        let refused = answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED";
        assert!(!refused, "{query}: {answer:#}");
    }
    // Beyond the most an operation may cost, it is not run.
    let ann = house.person(ann.id).await;
    let query = "query($n: Int) { documents(first: 100) { nodes { children(first: 99) { nodes { id name createdAt modifiedAt } } audit(first: $n) { nodes { id } } } } }";
    let most = house.gql(&ann, query, json!({ "n": 100 })).await;
    assert_eq!(most["extensions"]["cost"]["requested"], 2 + 100 * (2 + 99 * 4 + 2 + 100), "{most:#}");
    let named = "query($n: Int) { documents(first: 100) { nodes { ...F } } } fragment F on Document { children(first: $n) { nodes { id name createdAt modifiedAt parent { id } } } }";
    let refused = house.gql(&ann, named, json!({ "n": 100 })).await;
    assert_eq!(code(&refused), "COMPLEXITY_EXCEEDED");
    assert_eq!(refused["errors"][0]["extensions"]["value"], 2 + 100 * (2 + 100 * 6), "a fragment hides nothing");
}

#[tokio::test]
async fn a_variable_that_was_left_out_has_its_declared_value() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    let query = "query($yes: Boolean = true) { viewer { isSession @include(if: $yes) user @skip(if: $yes) { id } } }";
    assert_eq!(house.data(&ann, query, json!({})).await["viewer"], json!({ "isSession": true }));
    let given = house.gql(&ann, query, json!({ "yes": false })).await;
    assert!(given["data"]["viewer"]["user"]["id"].is_string(), "{given:#}");
}

/// The query of graphql-js with all its options, as its tools send it.
fn of_tools() -> String {
    let of = "ofType { kind name ".repeat(9);
    format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }}
            subscriptionType {{ name kind }} types {{ ...FullType }}
            directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...InputValue }} }} }} }}
         fragment FullType on __Type {{ kind name description specifiedByURL isOneOf
            fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...InputValue }}
                type {{ ...TypeRef }} isDeprecated deprecationReason }}
            inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }}
            enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }}
            possibleTypes {{ ...TypeRef }} }}
         fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated deprecationReason }}
         fragment TypeRef on __Type {{ kind name {of} {} }}",
        "}".repeat(9)
    )
}

#[tokio::test]
async fn tools_read_the_whole_schema_in_one_operation() {
    let house = House::start().await;
    let ann = house.member("ann").await;
    // As graphql-js, as Apollo and codegen (which leave parts out), and as GraphiQL (without deprecated inputs).
    let older = of_tools()
        .replace("args(includeDeprecated: true)", "args")
        .replace("inputFields(includeDeprecated: true)", "inputFields");
    for query in [of_tools(), older.replace("isOneOf", "").replace("specifiedByURL", ""), older] {
        let answer = house.gql(&ann, &query, json!({})).await;
        assert!(answer.get("errors").is_none(), "{answer:#}");
        let types = answer["data"]["__schema"]["types"].as_array().unwrap();
        assert!(types.iter().any(|it| it["name"] == "Document"));
        assert_eq!(answer["extensions"]["cost"]["requested"], 500);
    }
    let cube = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    let refused = house.gql(&ann, cube, json!({})).await;
    assert_eq!(
        (code(&refused), &refused["errors"][0]["extensions"]["limit"]),
        ("COMPLEXITY_EXCEEDED", &json!("introspection"))
    );
    let wide =
        format!("{{ __schema {{ types {{ fields {{ type {{ fields {{ {} }} }} }} }} }} }}", "name ".repeat(1900));
    let refused = house.gql(&ann, &wide, json!({})).await;
    assert_eq!(
        (code(&refused), &refused["errors"][0]["extensions"]["limit"]),
        ("COMPLEXITY_EXCEEDED", &json!("introspectionCost"))
    );
}

#[tokio::test]
async fn the_schema_is_shown_and_names_are_suggested_to_whom_the_setting_says() {
    use Introspection::{Administrators, Everyone, Nobody, SignedIn};
    let asked = [
        "{ __schema { queryType { name } } }",
        "{ __type(name: \"Query\") { name } }",
        "query { x: __schema { queryType { name } } }",
        "{ ...F } fragment F on Query { ... { y: __type(name: \"Query\") { name } } }",
        "{ __typename ... on Query { __schema { queryType { name } } } }",
    ];
    let misspelt =
        ["{ viewr { isSession } }", "{ node(idd: \"x\") { id } }", "{ viewer @skip(iff: true) { isSession } }"];
    for (setting, allowed) in [
        (Everyone, [true, true, true]),
        (SignedIn, [false, true, true]),
        (Administrators, [false, false, true]),
        (Nobody, [false, false, false]),
    ] {
        let house = House::with(|config| config.graphql_introspection = setting).await;
        let (ann, admin) = (house.member("ann").await, house.admin().await);
        for (who, allowed) in [None, Some(&ann), Some(&admin)].into_iter().zip(allowed) {
            let token = who.map(|person| person.token.as_str());
            for query in asked {
                let answer = house.gql_with(token, query, json!({})).await;
                let context = format!("{setting:?}, allowed: {allowed}: {query} {answer:#}");
                if allowed {
                    assert!(answer["data"].to_string().contains("\"Query\""), "{context}");
                } else {
                    assert_eq!(code(&answer), "FORBIDDEN", "{context}");
                    assert!(answer["errors"][0]["message"].as_str().unwrap().contains("schema"), "{context}");
                    assert!(!answer.to_string().contains("\"Query\""), "{context}");
                }
            }
            for query in misspelt {
                let answer = house.gql_with(token, query, json!({})).await;
                assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED");
                let is_helped = answer.to_string().contains("Did you mean");
                let knows = allowed && !query.contains("iff");
                assert_eq!(is_helped, knows, "{setting:?}: {query} {answer:#}");
            }
            // Everybody may ask what kind of thing they got.
            let answer = house.gql_with(token, "{ __typename }", json!({})).await;
            assert_eq!(answer["data"]["__typename"], "Query");
        }
        if setting == Everyone {
            let answer = house.gql_with(None, "{ viewr { isSession } }", json!({})).await;
            let message = "Unknown field \"viewr\" on type \"Query\". Did you mean \"viewer\"?";
            assert_eq!(answer["errors"][0]["message"], message);
        }
    }
}

#[tokio::test]
async fn an_operation_that_does_not_introspect_runs_beside_one_that_does() {
    let house = House::with(|config| config.graphql_introspection = Introspection::Nobody).await;
    let ann = house.member("ann").await;
    let both = "query A { viewer { isSession } } query B { __schema { queryType { name } } }";
    let named = |name: &str| Parameters { operation_name: Some(name.to_owned()), ..Parameters::of(both) };
    let who = || caller(&house, Some(ann.principal.clone()), None);
    assert!(run(&house.engine, named("A"), who()).await.is_ok());
    assert!(run(&house.engine, named("B"), who()).await.errors[0].message.contains("cannot be introspected"));
}

#[tokio::test]
async fn whoever_asks_for_too_much_waits_until_the_bucket_fills() {
    let house = House::with(|config| {
        (config.graphql_points, config.graphql_points_per_second) = (600, 1);
        (config.graphql_stranger_points, config.graphql_stranger_points_per_second) = (100, 1);
    })
    .await;
    let (ann, bob) = (house.member("ann").await, house.member("bob").await);
    let header =
        |response: &Response, name: &str| response.http_headers.get(name).map(|it| it.to_str().unwrap().to_owned());
    let dear = "{ documents(first: 100) { nodes { id name kind createdAt modifiedAt } } }";
    let first = answer(&house, Some(&ann), None, dear).await;
    assert!(first.is_ok(), "{:?}", first.errors);
    assert_eq!(header(&first, "ratelimit-limit").unwrap(), "600");
    assert_eq!(header(&first, "ratelimit-policy").unwrap(), "\"points\";q=600;w=600");
    let left: u64 = header(&first, "ratelimit-remaining").unwrap().parse().unwrap();
    assert!((98..600).contains(&left), "{left}");
    let reset: u64 = header(&first, "ratelimit-reset").unwrap().parse().unwrap();
    assert!((1..=502).contains(&reset), "{reset}");
    assert!(header(&first, "ratelimit").unwrap().starts_with("\"points\";r="));
    assert_eq!(header(&first, "retry-after"), None);
    let json = serde_json::to_value(&first).unwrap();
    assert_eq!(
        json["extensions"]["cost"],
        json!({ "requested": 502, "maximum": 600, "remaining": left, "restoreRate": 1 })
    );

    let second = answer(&house, Some(&ann), None, dear).await;
    let json = serde_json::to_value(&second).unwrap();
    assert_eq!(code(&json), "RATE_LIMITED");
    let wait: u64 = header(&second, "retry-after").unwrap().parse().unwrap();
    assert!((1..=405).contains(&wait), "{wait}");
    assert_eq!(json["errors"][0]["extensions"]["retryAfter"], wait);
    assert_eq!(json["extensions"]["cost"]["requested"], 502);
    assert!(header(&second, "ratelimit-remaining").is_some());
    // Each has their own.
    assert!(answer(&house, Some(&bob), None, dear).await.is_ok());
    house.clock.advance(Duration::from_secs(wait));
    assert!(answer(&house, Some(&ann), None, dear).await.is_ok(), "they waited as long as they were told");

    // Strangers have one for their address, and what is not even an operation costs too.
    let mut codes = Vec::new();
    while codes.last().is_none_or(|last| last != "RATE_LIMITED") && codes.len() < 10_000 {
        let refused = answer(&house, None, Some("192.0.2.1"), "{").await;
        assert_eq!(refused.http_headers["ratelimit-limit"], "100");
        assert!(refused.http_headers.contains_key("ratelimit-remaining"));
        codes.push(code(&serde_json::to_value(refused).unwrap()).to_owned());
    }
    assert!((101..10_000).contains(&codes.len()), "{}", codes.len());
    assert_eq!(codes[0], "GRAPHQL_PARSE_FAILED");
    let json = serde_json::to_value(answer(&house, None, Some("192.0.2.3"), dear).await).unwrap();
    assert_eq!(code(&json), "COMPLEXITY_EXCEEDED", "no waiting helps whoever wants more than a bucket holds");
    let other = answer(&house, None, Some("192.0.2.2"), "{ __typename }").await;
    assert!(other.is_ok(), "another address has another bucket");
}

#[tokio::test]
async fn a_client_can_ask_what_is_left() {
    let house = House::with(|config| (config.graphql_points, config.graphql_points_per_second) = (5_000, 1)).await;
    let ann = house.member("ann").await;
    let query = "{ rateLimit { limit remaining cost resetAt restoreRate } viewer { isSession } }";
    let answer = house.gql(&ann, query, json!({})).await;
    let (told, cost) = (&answer["data"]["rateLimit"], &answer["extensions"]["cost"]);
    assert_eq!((&told["limit"], &told["cost"], &told["restoreRate"]), (&json!(5000), &json!(8), &json!(1)));
    assert_eq!(told["remaining"], cost["remaining"]);
    assert_eq!(cost["requested"], 8);
    let reset: chrono::DateTime<chrono::Utc> = told["resetAt"].as_str().unwrap().parse().unwrap();
    assert!(
        reset > house.clock.now() - chrono::TimeDelta::minutes(5)
            && reset <= house.clock.now() + chrono::TimeDelta::seconds(8)
    );
    let stranger = house.gql_with(None, "{ rateLimit { limit } }", json!({})).await;
    assert_eq!(stranger["data"]["rateLimit"]["limit"], 1_000_000_000);
}

#[tokio::test]
async fn a_subscription_is_paid_for_once_and_says_so_once() {
    use futures::StreamExt;
    let house = House::with(|config| (config.graphql_points, config.graphql_points_per_second) = (600, 1)).await;
    let (boss, ann) = (house.admin().await, house.member("ann").await);
    let query = "subscription { changes { cursor } }";
    let answers = listen(&house.engine, Parameters::of(query), caller(&house, Some(boss.principal.clone()), None));
    let mut answers = std::pin::pin!(answers);
    let first = serde_json::to_value(answers.next().await.unwrap()).unwrap();
    assert_eq!(first["extensions"]["cost"]["requested"], 2);
    for name in ["Quay", "Pier"] {
        let create = format!(
            "mutation {{ documentCreate(input: {{kind: WORKSPACE, name: \"{name}\"}}) {{ document {{ id }} }} }}"
        );
        house.data(&boss, &create, json!({})).await;
        let next = serde_json::to_value(answers.next().await.unwrap()).unwrap();
        assert!(next["data"]["changes"]["cursor"].is_string() && next.get("extensions").is_none(), "{next:#}");
    }
    let left =
        house.gql(&boss, "{ rateLimit { remaining } }", json!({})).await["data"]["rateLimit"]["remaining"].take();
    assert!(left.as_u64().unwrap() >= 600 - 2 - 2 * 12 - 2, "{left}");

    // A socket's operations are paid for like all others.
    let served = house.serve().await;
    let mut socket = served.socket().await;
    socket.sign_in(&ann).await;
    let dear = "{ documents(first: 100) { nodes { id name kind createdAt modifiedAt } } }";
    socket.subscribe("1", dear, json!({})).await;
    let Heard::Message(next) = socket.hear().await else { panic!("closed") };
    assert_eq!(next["payload"]["extensions"]["cost"]["requested"], 502, "{next:#}");
    let Heard::Message(complete) = socket.hear().await else { panic!("closed") };
    assert_eq!(complete["type"], "complete");
    socket.subscribe("2", dear, json!({})).await;
    let Heard::Message(error) = socket.hear().await else { panic!("closed") };
    assert_eq!(error["payload"][0]["extensions"]["code"], "RATE_LIMITED", "{error:#}");
    assert!(error["payload"][0]["extensions"]["retryAfter"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn what_takes_too_long_is_stopped_and_leaves_nothing_behind() {
    let house = House::with(|config| config.operation_seconds = 1).await;
    let (boss, served) = (house.admin().await, house.serve().await);
    let create = "mutation { documentCreate(input: {kind: WORKSPACE, name: \"Quay\"}) { document { id } userErrors { message } } }";
    // Somebody writes and does not come to an end: who wants to write waits.
    let held = house.hold_writers().await;
    let stopped = served.gql(&boss, create, json!({})).await;
    assert_eq!(code(&stopped), "TIMEOUT");
    assert!(stopped["errors"][0]["message"].as_str().unwrap().contains("1 s"), "{stopped:#}");
    assert!(stopped.get("data").is_none_or(Value::is_null));
    let mut socket = served.socket().await;
    socket.sign_in(&boss).await;
    socket.subscribe("1", create, json!({})).await;
    let Heard::Message(error) = socket.hear().await else { panic!("closed") };
    assert_eq!(error["payload"][0]["extensions"]["code"], "TIMEOUT", "{error:#}");
    held.rollback().await.unwrap();
    // Reading goes on meanwhile and afterwards; the stopped ones wrote nothing, and the next can write.
    let names = "{ workspaces { nodes { name } } changeCursor }";
    let before = house.data(&boss, names, json!({})).await;
    assert_eq!(before["workspaces"]["nodes"], json!([]));
    let made = house.data(&boss, create, json!({})).await;
    assert!(made["documentCreate"]["document"]["id"].is_string(), "{made:#}");
    let after = house.data(&boss, names, json!({})).await;
    assert_eq!(after["workspaces"]["nodes"], json!([{ "name": "Quay" }]));
}

#[tokio::test]
async fn an_administrator_loses_the_schema_with_the_role() {
    let house = House::with(|config| config.graphql_introspection = Introspection::Administrators).await;
    let (boss, ann) = (house.admin().await, house.member("ann").await);
    let query = "{ __schema { queryType { name } } }";
    let role = |role| user::Update { name: None, role: Some(role) };
    assert_eq!(code(&house.gql(&ann, query, json!({})).await), "FORBIDDEN");
    user::update(&house.app, &boss.principal, ann.id, role(Role::Admin)).await.unwrap();
    assert!(house.gql(&ann, query, json!({})).await.get("errors").is_none());
    user::update(&house.app, &boss.principal, ann.id, role(Role::Member)).await.unwrap();
    assert_eq!(code(&house.gql(&ann, query, json!({})).await), "FORBIDDEN");
}

#[tokio::test]
async fn the_headers_travel_over_http_with_answers_of_every_kind() {
    let house = House::with(|config| (config.graphql_points, config.graphql_points_per_second) = (1_000, 1)).await;
    let (ann, served) = (house.member("ann").await, house.serve().await);
    for query in [WHO, "{ nonsense }", "{", "{ node(id: \"nonsense\") { id } }"] {
        let sent = served.post(Some(&ann), query).send().await.unwrap();
        for name in ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy", "ratelimit"] {
            assert!(sent.headers().contains_key(name), "{query}: {name} is missing");
        }
    }
    let dear = "{ documents(first: 100) { nodes { id name kind createdAt modifiedAt parent { id } content { id } } } }";
    let passed = served.post(Some(&ann), dear).send().await.unwrap();
    assert_eq!(passed.status(), StatusCode::OK);
    let refused = served.post(Some(&ann), dear).send().await.unwrap();
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(code(&refused.json().await.unwrap()), "RATE_LIMITED");
}
