//! Whatever is typed can be searched for.

use hawser_entity::document::DocumentKind;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use super::{Order, Request, Sort, catch_up, search};
use crate::{document::ground::Ground, page::Span};

/// Pieces that mean something to the parser or to an analyser, and anything else.
fn typed() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just("\"a b c\"~3".to_owned()),
        Just(" OR ".to_owned()),
        Just(" -".to_owned()),
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("qua* ".to_owned()),
        Just("name:quay_PDF2x ".to_owned()),
        Just("IMG2024-quayCrane.pdf ".to_owned()),
        Just("東京都の港 ".to_owned()),
        Just("in:Harbour/x ".to_owned()),
        Just("owner:me provider:google ".to_owned()),
        Just("size:1..2 modified:today ".to_owned()),
        "\\PC{0,12}",
        "[a-z]{1,6} ",
    ];
    proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

#[tokio::test]
async fn any_text_is_compiled_and_searched_without_an_error() {
    let ground = Ground::new(11).await;
    let ann = &ground.people[0];
    let harbour = ground.workspace(ann, "Harbour").await;
    for name in ["Quay crane.pdf", "IMG2024-quayCrane.pdf", "東京都の港.txt"] {
        ground.child(ann, &harbour, DocumentKind::File, name).await;
    }
    catch_up(&ground.app).await.unwrap();
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let orders = [None, Some(Order { sort: Sort::Name, descending: false })];
    for n in 0..400 {
        let text = typed().new_tree(&mut runner).unwrap().current();
        let request = Request { text: text.clone(), order: orders[n % 2], span: Span::first(10), ..Request::default() };
        let found = search(&ground.app, ann, &request).await.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(found.hits.len() as u64, found.total, "{text:?}");
    }
}
