//! Every argument of every root field, abused: the answer is well formed and says what is wrong, and what was refused
//! has changed nothing.

use hawser_tests::Scene;
use serde_json::{Value, json};

use super::{
    cast::{Cast, Who, id},
    contract::{Contract, Root, Slot, base, is_list, slots},
    dump::{Dumper, difference},
    matrix::row,
    table::Answer,
};

/// Every `extensions.code` there is.
const CODES: [&str; 11] = [
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "BAD_USER_INPUT",
    "COMPLEXITY_EXCEEDED",
    "UNAUTHENTICATED",
    "FORBIDDEN",
    "NOT_FOUND",
    "CONFLICT",
    "RATE_LIMITED",
    "PROVIDER_UNAVAILABLE",
];

/// What an argument can be abused with, whatever it is.
fn abuses(slot: &Slot, contract: &Contract) -> Vec<Value> {
    let text = |text: &str| Value::String(text.to_owned());
    let mut abuses = vec![Value::Null, json!({}), json!({ "nonsense": 1 }), json!([]), json!([[[]]]), json!(true)];
    let numbers =
        [json!(-1), json!(0), json!(1.5), json!(2_147_483_648_u64), json!(i64::MIN), json!(u64::MAX), json!(1e308)];
    abuses.extend(numbers);
    let texts =
        ["", " ", "nonsense", "\0", "a\0b", "a\u{1b}[31m\n\r\t\u{7f}", "\u{202e}\u{feff}\u{200b}", "../../etc/passwd"];
    abuses.extend(texts.map(text));
    abuses
        .extend(["' OR 1=1 --", "%_\\", "\"", "{{7*7}}", "1970-01-01T00:00:00Z", "+275760-09-13T00:00:00Z"].map(text));
    abuses.extend([text(&"x".repeat(10_000)), text(&"\u{1f6a2}".repeat(10_000)), text(&"a\u{301}".repeat(5_000))]);
    // Ids: foreign, unknown, in another spelling, and overflowing their 128 bits.
    let unknown = uuid::Uuid::from_u128(7);
    abuses.extend(
        ["audit", "conn", "flow", "doc", "feed", "group", "job", "prov", "token", "user", "DOC", ""]
            .map(|it| text(&id(it, unknown))),
    );
    abuses.push(text(&id("doc", unknown).to_uppercase()));
    abuses.push(text(&format!("doc_{}", "z".repeat(26))));
    abuses.push(text(&unknown.to_string()));
    if is_list(&slot.ty) {
        for item in [
            json!(null),
            json!(""),
            json!("x"),
            json!(id("doc", unknown)),
            json!(id("user", unknown)),
            json!({ "cloudFileId": "x" }),
        ] {
            abuses.push(Value::Array(vec![item.clone()]));
            abuses.push(Value::Array(vec![item; 1_000]));
        }
        abuses.push(json!([{ "cloudFileId": "" }]));
        abuses.push(
            json!([{ "cloudFileId": "\0" }, { "cloudFileId": "../drives" }, { "cloudFileId": "x".repeat(10_000) }]),
        );
    }
    if contract.is_enum(&slot.ty) {
        abuses.push(text("read"));
    }
    if base(&slot.ty) == "Boolean" {
        abuses.push(text("true"));
    }
    abuses
}

/// One place among the arguments, and what is put there; `None` leaves it out.
struct Case {
    path: Vec<String>,
    abuse: Option<Value>,
}

impl Case {
    fn put_into(&self, good: &Value) -> Value {
        let mut arguments = good.clone();
        let (last, way) = self.path.split_last().expect("a place");
        let place = way.iter().fold(&mut arguments, |place, name| &mut place[name]);
        match &self.abuse {
            Some(abuse) => place[last] = abuse.clone(),
            None => drop(place.as_object_mut().and_then(|fields| fields.remove(last))),
        }
        arguments
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let abuse = self.abuse.as_ref().map_or("left out".to_owned(), Value::to_string);
        write!(f, "{} = {}", self.path.join("."), abuse.chars().take(60).collect::<String>())
    }
}

/// Each place among the arguments, abused in each way.
fn cases(contract: &Contract, slots: &[Slot], way: &[String]) -> Vec<Case> {
    let mut cases = Vec::new();
    for slot in slots {
        let path: Vec<_> = way.iter().chain([&slot.name]).cloned().collect();
        cases.extend(abuses(slot, contract).into_iter().map(|abuse| Case { path: path.clone(), abuse: Some(abuse) }));
        cases.push(Case { path: path.clone(), abuse: None });
        if let Some(inner) = contract.input(&slot.ty).filter(|_| !is_list(&slot.ty)) {
            cases.extend(self::cases(contract, &inner, &path));
        }
    }
    cases
}

/// What is wrong with an answer, whatever was asked.
fn fault(answer: &Value, root: Root, name: &str) -> Option<String> {
    let says_nothing = |it: &Value| it["message"].as_str().is_none_or(|said| said.is_empty() || said.len() > 2_100);
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    for error in &errors {
        let code = error["extensions"]["code"].as_str().unwrap_or("no code");
        if !CODES.contains(&code) || error["extensions"]["requestId"].as_str().is_none() {
            return Some(format!("a {code}"));
        }
        if says_nothing(error) {
            return Some("no message, or an endless one".into());
        }
    }
    if root != Root::Mutation || !errors.is_empty() {
        return None;
    }
    let refused = answer["data"][name]["userErrors"].as_array()?;
    let bad = refused.iter().find(|it| it["code"].as_str().is_none() || says_nothing(it));
    bad.map(|bad| format!("a user error without code or with a bad message: {bad}"))
}

fn is_refused(answer: &Value, name: &str) -> bool {
    let is_some = |errors: &Value| errors.as_array().is_some_and(|errors| !errors.is_empty());
    is_some(&answer["errors"]) || is_some(&answer["data"][name]["userErrors"])
}

/// For whom the field answers.
fn entitled(root: Root, name: &str) -> Who {
    let row = row(root, name).expect("a row of the table");
    let able = Who::ALL.into_iter().zip(row).filter(|(_, answer)| *answer == Answer::Ok).map(|(who, _)| who);
    let able: Vec<_> = able.collect();
    if able.contains(&Who::Owner) { Who::Owner } else { able.first().copied().unwrap_or(Who::Owner) }
}

#[tokio::test]
async fn no_argument_is_bad_enough_for_an_inner_error_or_for_half_a_change() {
    let (cast, contract) = (Box::pin(Cast::set()).await, Contract::read());
    let Scene { house, .. } = &cast.scene;
    let dumper = Dumper::of(house).await;
    let (mut wrong, mut asked, mut refused) = (Vec::new(), 0, 0);
    for (root, field) in contract.roots().into_iter().filter(|(root, _)| *root != Root::Subscription) {
        let name = field.name.node.as_str();
        let who = entitled(root, name);
        // What an abuse is done to is made anew once an abuse turned out to be none.
        let mut ready = None;
        for case in cases(&contract, &slots(&field), &[]) {
            let (question, principal, before, version) = match ready.take() {
                Some(ready) => ready,
                None => {
                    let question = Box::pin(cast.question(name)).await;
                    let principal = cast.principal(who).await;
                    (question, principal, dumper.dump().await, dumper.version().await)
                }
            };
            let variables = case.put_into(&question.variables);
            let operation = contract.operation(root, &field, &variables);
            let answer = cast.ask(principal.clone(), &operation, &variables).await;
            asked += 1;
            if let Some(fault) = fault(&answer, root, name) {
                let answer: String = answer.to_string().chars().take(600).collect();
                wrong.push(format!("{root:?}.{name}, {case}: {fault}: {answer}"));
            }
            let is_refused = root == Root::Query || is_refused(&answer, name);
            refused += usize::from(is_refused);
            if dumper.version().await != version {
                let after = dumper.dump().await;
                match is_refused {
                    true if after != before => {
                        let difference = difference(&before, &after);
                        wrong.push(format!("{root:?}.{name}, {case} was refused, but changed {difference}"));
                    }
                    true => {}
                    false => continue,
                }
            }
            let version = dumper.version().await;
            ready = Some((question, principal, before, version));
        }
    }
    println!("{asked} abused questions, {refused} refused or only read, {} wrong", wrong.len());
    house.drain().await;
    assert!(wrong.is_empty(), "{}\n{} of {asked} are wrong", wrong.join("\n"), wrong.len());
    assert!(asked > 4_000, "only {asked} questions were asked");
}
