//! The language of searching over real documents: one table of what is typed and what it finds. Documents and rows know no
//! engine; whatever engine the house has must find the same.

mod documents;
mod form;
mod furnish;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use hawser_domain::{
    Principal,
    page::Span,
    search::{self, Facet, Found, Order, Request, Sort},
};
use hawser_tests::House;
use uuid::Uuid;

use documents::DOCUMENTS;
use form::{Document, Is};

/// The documents in a house, searched by Ann.
struct Table {
    house: House,
    ann: Principal,
    ids: BTreeMap<&'static str, Uuid>,
}

impl Table {
    async fn set() -> Self {
        let house = House::start().await;
        let (ann, ids) = furnish::furnish(&house).await;
        assert!(search::catch_up(&house.app).await.unwrap().is_writer);
        Self { house, ann, ids }
    }

    /// What was wrong with one row.
    async fn judge(&self, typed: &str, keys: &str, warnings: &[&str]) -> Option<String> {
        let text = self
            .ids
            .iter()
            .fold(typed.to_owned(), |text, (key, id)| text.replace(&format!("{{{key}}}"), &id.to_string()));
        let facets = BTreeSet::from([Facet::Kind, Facet::Modified]);
        let request = Request { text, span: Span::first(100), facets, ..Request::default() };
        let found = match search::search(&self.house.app, &self.ann, &request).await {
            Ok(found) => found,
            Err(error) => return Some(format!("{typed:?}: {error}")),
        };
        let wanted: BTreeSet<&str> = match keys {
            rows::ALL => DOCUMENTS.iter().filter(|it| is_seen(it)).map(|it| it.key).collect(),
            keys => keys.split_whitespace().collect(),
        };
        let unknown: Vec<_> = wanted.iter().filter(|key| !self.ids.contains_key(*key)).collect();
        assert!(unknown.is_empty(), "{typed:?} speaks of {unknown:?}");
        let shown = self.keys(&found);
        let said: Vec<String> = found.warnings.iter().map(ToString::to_string).collect();
        let counted = found.facets.values().map(|buckets| buckets.iter().map(|bucket| bucket.count).sum::<u64>());
        let is_counted = found.is_exact && counted.chain([found.total]).all(|count| count == found.hits.len() as u64);
        if shown == wanted && said == warnings && is_counted {
            return None;
        }
        let missing: Vec<_> = wanted.difference(&shown).collect();
        let too_much: Vec<_> = shown.difference(&wanted).collect();
        let counts = if is_counted { String::new() } else { format!("; {} and {:?}", found.total, found.facets) };
        Some(format!("{typed:?}: missing {missing:?}, too much {too_much:?}, said {said:?}{counts}"))
    }

    fn keys(&self, found: &Found) -> BTreeSet<&'static str> {
        let by_id: BTreeMap<Uuid, &str> = self.ids.iter().map(|(key, id)| (*id, *key)).collect();
        found.hits.iter().map(|hit| by_id[&hit.document.id]).collect()
    }
}

fn is_seen(it: &Document) -> bool {
    it.owner != "eve" && !it.is.contains(&Is::Trashed)
}

#[tokio::test]
async fn every_query_of_the_table_finds_what_is_written_there() {
    let table = Table::set().await;
    assert!(DOCUMENTS.len() >= 60 && rows::ROWS.len() >= 150, "{} {}", DOCUMENTS.len(), rows::ROWS.len());
    let mut wrong = Vec::new();
    for (typed, keys) in rows::ROWS {
        wrong.extend(table.judge(typed, keys, &[]).await);
    }
    for (typed, keys, warning) in rows::WARNED {
        wrong.extend(table.judge(typed, keys, &[*warning]).await);
    }
    for (typed, keys, warning) in rows::limits() {
        wrong.extend(table.judge(&typed, keys, &[warning]).await);
    }
    let all = rows::ROWS.len() + rows::WARNED.len() + rows::limits().len();
    assert!(wrong.is_empty(), "{} of {all} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn filters_alone_list_what_was_modified_last_first() {
    let table = Table::set().await;
    let request = Request { text: "modified:2040".into(), span: Span::first(100), ..Request::default() };
    let found = search::search(&table.house.app, &table.ann, &request).await.unwrap();
    let names: Vec<_> = found.hits.iter().map(|hit| hit.document.name.as_str()).collect();
    let wanted = ["server.log", "Annual Report 2039.pdf", "budget_2040_v1.2.xlsx", "Quarterly review.pptx"];
    assert_eq!(names[..4], wanted);
    assert_eq!(names[4..], ["Minutes 2040-02-28.docx", "Mooring plan"]);
}

#[tokio::test]
async fn whatever_is_typed_is_answered() {
    let table = Table::set().await;
    let deep = "(a OR -(b ".repeat(12) + "c" + &"))".repeat(12);
    let many: String = (0..70).map(|n| format!("word{n} ")).collect();
    let long = "\"".to_owned() + &"東京 ".repeat(40) + "\"~9 " + &"x".repeat(600);
    let typed = [
        "\"",
        "\"\"",
        "-",
        "- -",
        "OR",
        "a OR",
        "()",
        "((",
        "*",
        "a*",
        "ab*",
        "?",
        "\\",
        "/",
        "a/b",
        "[a TO b]",
        "{",
        "^2",
        "a~",
        "~3",
        "\"a b c\"~10",
        "-\"a b\" -qua*",
        "name:",
        "name:(a b)",
        "size:9223372036854775807..",
        "size:>18446744073709551615",
        "modified:0001..9999",
        "\u{202e}quay",
        "e\u{301}te\u{301}*",
        "\u{1f469}\u{200d}\u{1f680}",
        "ｱｲｳ ガギ*",
        "한국어 책*",
        "IMG2024-quayCrane.pdf*",
        "\"東 port 京\"~3",
        "\u{fdfa}",
        &deep,
        &many,
        &long,
    ];
    for text in typed {
        for order in [None, Some(Order { sort: Sort::Name, descending: false })] {
            let request = Request { text: text.to_owned(), order, span: Span::first(100), ..Request::default() };
            let found = search::search(&table.house.app, &table.ann, &request)
                .await
                .unwrap_or_else(|e| panic!("{text:?}: {e}"));
            assert_eq!(found.hits.len() as u64, found.total, "{text:?}");
        }
    }
}
