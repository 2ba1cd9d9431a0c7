//! Searching: words, rights, and an index that follows the log, is lost and comes back.

use std::collections::BTreeSet;

use hawser_domain::{
    acl::{self, Permission},
    blob,
    document::{self, DocumentKind, Model},
    entity::{
        change::{ChangeKind, Noun},
        extraction::{self, Outcome},
        reading,
    },
    page::Span,
    principal::Actor,
    search::{
        self, Facet, Found, Order, Request, Sort,
        query::{Filter, Kind, Node, Place, TextField},
    },
};
use hawser_tests::{House, Person};
use sea_orm::{ActiveValue::Set, EntityTrait};
use uuid::Uuid;

pub(crate) async fn make(house: &House, who: &Person, parent: Option<&Model>, kind: DocumentKind, name: &str) -> Model {
    let new = document::New { parent_id: parent.map(|it| it.id), kind, name: name.into() };
    document::create(&house.app, &who.principal, new, None).await.unwrap()
}

/// Gives a document a text, as if it had been read.
pub(crate) async fn read_as(house: &House, document: &Model, text: &str, language: Option<&str>) {
    let text_blob = blob::store(&house.app, text.to_owned().into()).await.unwrap();
    let mut w = house.app.write(Actor::System).await.unwrap();
    let size = i64::try_from(text.len()).unwrap();
    blob::note(&w, &text_blob, size).await.unwrap();
    let metadata = serde_json::json!({ "language": language, "title": null });
    let hash = format!("{}{}", document.id.simple(), text_blob);
    let row = extraction::ActiveModel {
        hash: Set(hash.clone()),
        version: Set(1),
        outcome: Set(Outcome::Ok),
        tries: Set(0),
        mime_type: Set(Some("text/plain".into())),
        detail: Set(None),
        trouble: Set(None),
        encoding: Set(None),
        is_poor: Set(false),
        needs_ocr: Set(false),
        metadata: Set(metadata),
        text_blob: Set(Some(text_blob)),
        text_size: Set(size),
        drawn: Set(None),
        drawn_version: Set(None),
        created_at: Set(w.now),
        updated_at: Set(w.now),
    };
    extraction::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
    reading::Entity::delete_by_id(document.id).exec(w.db()).await.unwrap();
    let row = reading::ActiveModel {
        document_id: Set(document.id),
        source: Set(text.into()),
        hash: Set(Some(hash)),
        outcome: Set(None),
        at: Set(w.now),
    };
    reading::Entity::insert(row).exec_without_returning(w.db()).await.unwrap();
    w.announce(Noun::Document, document.id, ChangeKind::Metadata);
    w.commit().await.unwrap();
}

pub(crate) async fn index(house: &House) {
    let caught = search::catch_up(&house.app).await.unwrap();
    assert!(caught.is_writer);
}

pub(crate) fn all(text: &str) -> Request {
    let facets = BTreeSet::from([Facet::Kind, Facet::Extension, Facet::Modified, Facet::Owner, Facet::Provider]);
    Request { text: text.into(), span: Span::first(100), facets, ..Request::default() }
}

pub(crate) async fn find(house: &House, who: &Person, request: &Request) -> Found {
    search::search(&house.app, &who.principal, request).await.unwrap()
}

pub(crate) async fn names(house: &House, who: &Person, text: &str) -> Vec<String> {
    named(&find(house, who, &all(text)).await)
}

pub(crate) fn named(found: &Found) -> Vec<String> {
    let mut names: Vec<_> = found.hits.iter().map(|hit| hit.document.name.clone()).collect();
    names.sort();
    assert_eq!(names.len() as u64, found.total, "the count is of what is shown");
    names
}

pub(crate) async fn give(house: &House, from: &Person, document: &Model, to: &Person) {
    let (document_id, principal_id) = (document.id, to.id);
    let input = acl::Grant { document_id, principal_id, permission: Permission::Read, expected_name_token: None };
    acl::grant(&house.app, &from.principal, input, None).await.unwrap();
}

async fn take(house: &House, from: &Person, document: &Model, of: &Person) {
    let input = acl::Revoke { document_id: document.id, principal_id: of.id, expected_name_token: None };
    acl::revoke(&house.app, &from.principal, input, None).await.unwrap();
}

/// A workspace of Ann's with a folder and two files in it that were read.
pub(crate) struct Harbour {
    pub(crate) house: House,
    pub(crate) ann: Person,
    workspace: Model,
    pub(crate) folder: Model,
    pub(crate) quay: Model,
    pub(crate) tide: Model,
}

impl Harbour {
    pub(crate) async fn set() -> Self {
        Self::within(House::start().await).await
    }

    /// With the index in a folder, whatever else the house stands on.
    async fn embedded() -> Self {
        Self::within(House::with(|config| config.elasticsearch_url = None).await).await
    }

    pub(crate) async fn within(house: House) -> Self {
        let ann = house.member("ann").await;
        let workspace = make(&house, &ann, None, DocumentKind::Workspace, "Harbour").await;
        let folder = make(&house, &ann, Some(&workspace), DocumentKind::Folder, "Plans").await;
        let quay = make(&house, &ann, Some(&folder), DocumentKind::File, "Quay.pdf").await;
        let tide = make(&house, &ann, Some(&folder), DocumentKind::File, "Tide table 2026.txt").await;
        read_as(&house, &quay, "The mooring lines are checked at every spring tide.", Some("en")).await;
        read_as(&house, &tide, "High water at noon; the lock keeper waits.", Some("en")).await;
        Self { house, ann, workspace, folder, quay, tide }
    }

    pub(crate) async fn find(&self, text: &str) -> Vec<String> {
        names(&self.house, &self.ann, text).await
    }
}

#[tokio::test]
async fn words_phrases_and_beginnings_are_found_in_names_and_texts() {
    let it = Harbour::set().await;
    assert_eq!(it.find("mooring").await, Vec::<String>::new(), "nothing is indexed yet");
    index(&it.house).await;
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);
    assert_eq!(it.find("MOORING tide").await, ["Quay.pdf"]);
    assert_eq!(it.find("tide").await, ["Quay.pdf", "Tide table 2026.txt"]);
    assert_eq!(it.find("\"spring tide\"").await, ["Quay.pdf"]);
    assert_eq!(it.find("\"tide spring\"").await, Vec::<String>::new());
    assert_eq!(it.find("tide -spring").await, ["Tide table 2026.txt"]);
    assert_eq!(it.find("mooring OR noon").await, ["Quay.pdf", "Tide table 2026.txt"]);
    assert_eq!(it.find("moor*").await, ["Quay.pdf"]);
    assert_eq!(it.find("qua").await, ["Quay.pdf"], "the word being typed is a beginning in names");
    assert_eq!(it.find("qua ").await, Vec::<String>::new());
    assert_eq!(it.find("waiting").await, ["Tide table 2026.txt"], "other forms of a word");
    assert_eq!(it.find("type:folder").await, ["Harbour", "Plans"]);
    assert_eq!(it.find("ext:pdf").await, ["Quay.pdf"]);
    assert_eq!(it.find("in:Harbour/Plans tide").await, ["Quay.pdf", "Tide table 2026.txt"]);
    assert_eq!(it.find("in:Harbour/Elsewhere tide").await, Vec::<String>::new());
    let first = &find(&it.house, &it.ann, &all("tide")).await.hits[0];
    assert_eq!(first.document.name, "Tide table 2026.txt", "a word in the name weighs more");
    let shown = &find(&it.house, &it.ann, &all("mooring")).await.hits[0].highlights;
    assert_eq!((shown.name.len(), shown.content.len()), (0, 1));
    let marked: String = shown.content[0].text.chars().skip(shown.content[0].marks[0].start).take(7).collect();
    assert_eq!(marked, "mooring");
}

#[tokio::test]
async fn a_text_that_changed_is_found_by_its_new_words_and_no_longer_by_the_old() {
    let it = Harbour::set().await;
    index(&it.house).await;
    read_as(&it.house, &it.quay, "All cranes are serviced in winter.", Some("en")).await;
    index(&it.house).await;
    assert_eq!(it.find("cranes").await, ["Quay.pdf"]);
    assert_eq!(it.find("mooring").await, Vec::<String>::new());
}

#[tokio::test]
async fn a_folder_takes_what_is_in_it_along_wherever_it_goes() {
    let it = Harbour::set().await;
    let other = make(&it.house, &it.ann, None, DocumentKind::Workspace, "Archive").await;
    index(&it.house).await;
    let (app, who) = (&it.house.app, &it.ann.principal);
    let within = async |place: &Model| {
        let filter = Some(Node::Filter(Filter::In(Place::Id(place.id))));
        named(&find(&it.house, &it.ann, &Request { filter, ..all("tide") }).await)
    };
    let both = ["Quay.pdf", "Tide table 2026.txt"];
    assert_eq!(within(&it.workspace).await, both);

    let input = document::Move { id: it.folder.id, parent_id: other.id, name: None, expected_name_token: None };
    document::move_to(app, who, input, None).await.unwrap();
    index(&it.house).await;
    assert_eq!((within(&it.workspace).await, within(&other).await), (vec![], both.map(String::from).to_vec()));

    let input = document::Rename { id: it.folder.id, name: "Drawings".into(), expected_name_token: None };
    document::rename(app, who, input, None).await.unwrap();
    index(&it.house).await;
    assert_eq!((it.find("drawings").await, it.find("plans").await), (vec!["Drawings".to_owned()], vec![]));
    assert_eq!(it.find("in:Archive/Drawings tide").await, both);

    let trash = document::Trash { id: it.folder.id, expected_name_token: None };
    document::trash(app, who, trash, None).await.unwrap();
    assert_eq!(it.find("tide").await, Vec::<String>::new(), "before the index knows");
    index(&it.house).await;
    assert_eq!(it.find("tide").await, Vec::<String>::new());

    let back = document::Restore { id: it.folder.id, parent_id: None, name: None, expected_name_token: None };
    document::restore(app, who, back, None).await.unwrap();
    index(&it.house).await;
    assert_eq!(it.find("tide").await, both);

    let trash = document::Trash { id: it.folder.id, expected_name_token: None };
    document::trash(app, who, trash, None).await.unwrap();
    let delete = document::Delete { id: it.folder.id, expected_name_token: None };
    document::delete(app, who, delete, None).await.unwrap();
    assert_eq!(it.find("tide").await, Vec::<String>::new(), "before the index knows");
    index(&it.house).await;
    assert_eq!(it.find("tide").await, Vec::<String>::new());
    let status = search::status(app).await.unwrap().index.unwrap();
    assert_eq!(status.documents, 2, "nothing below is left in the index: two workspaces are");
}

#[tokio::test]
async fn a_lost_or_broken_index_comes_back_whole() {
    let it = Harbour::embedded().await;
    index(&it.house).await;
    let folder = it.house.folder().join("search");
    let current = || std::fs::read_to_string(folder.join("current")).unwrap();
    let before = current();

    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(it.find("mooring").await, ["Quay.pdf"], "what is open can still be searched");
    index(&it.house).await;
    assert_ne!(current(), before);
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);

    std::fs::write(folder.join("current"), "nonsense").unwrap();
    index(&it.house).await;
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);

    let before = current();
    std::fs::write(folder.join(&before).join("meta.json"), "{").unwrap();
    index(&it.house).await;
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);
    assert!(!folder.join(&before).exists(), "the broken one is gone");

    let mut told = std::sync::Mutex::new(Vec::new());
    let tell = |progress: search::Progress| told.lock().unwrap().push(progress);
    search::rebuild(&it.house.app, &tell).await.unwrap();
    let last = *told.get_mut().unwrap().last().unwrap();
    assert_eq!((last.done, last.of), (4, 4));
    assert_eq!(it.find("tide").await.len(), 2);
}

#[tokio::test]
async fn a_reader_from_another_history_or_too_far_behind_reads_everything_anew() {
    let it = Harbour::set().await;
    index(&it.house).await;
    give(&it.house, &it.ann, &it.quay, &it.house.member("bob").await).await;
    it.house.clock.advance(std::time::Duration::from_secs(40 * 86_400));
    let new = make(&it.house, &it.ann, Some(&it.folder), DocumentKind::File, "Crane.txt").await;
    read_as(&it.house, &new, "lifting", None).await;
    hawser_domain::change::purge(&it.house.app, std::time::Duration::from_secs(86_400)).await.unwrap();
    let trash = document::Trash { id: it.tide.id, expected_name_token: None };
    document::trash(&it.house.app, &it.ann.principal, trash, None).await.unwrap();
    assert_eq!(it.find("tide").await, ["Quay.pdf"], "the rights are exact meanwhile");
    index(&it.house).await;
    assert_eq!(it.find("lifting").await, ["Crane.txt"]);
    assert_eq!(it.find("tide").await, ["Quay.pdf"]);
}

#[tokio::test]
async fn a_second_process_only_looks_until_the_first_is_gone() {
    let it = Harbour::embedded().await;
    index(&it.house).await;
    let ambient = hawser_domain::app::Ambient { clock: it.house.clock.clone(), ..Default::default() };
    let second = hawser_domain::App::open(it.house.app.config.clone(), ambient).await.unwrap();
    assert!(!search::catch_up(&second).await.unwrap().is_writer);
    let look =
        async |app: &hawser_domain::App| search::search(app, &it.ann.principal, &all("cranes")).await.unwrap().total;
    read_as(&it.house, &it.quay, "All cranes are serviced in winter.", None).await;
    assert_eq!(look(&second).await, 0);
    index(&it.house).await;
    assert_eq!(look(&second).await, 1, "what the first commits the second sees");
    let refused = search::rebuild(&second, &|_| {}).await.unwrap_err();
    assert!(matches!(refused, hawser_domain::Error::WrongState { .. }), "{refused}");
    search::rebuild(&it.house.app, &|_| {}).await.unwrap();
    assert_eq!(look(&second).await, 1, "also from another folder");

    // Whoever deletes the folder deletes the lock: the next to come has it, and the first looks on.
    std::fs::remove_dir_all(it.house.folder().join("search")).unwrap();
    assert!(search::catch_up(&second).await.unwrap().is_writer);
    assert!(!search::catch_up(&it.house.app).await.unwrap().is_writer);
    assert_eq!(it.find("cranes").await, ["Quay.pdf"]);
}

#[tokio::test]
async fn the_ordered_building_is_done_by_a_worker() {
    let it = Harbour::set().await;
    let job = search::order_rebuild(&it.house.app).await.unwrap();
    assert_eq!(search::order_rebuild(&it.house.app).await.unwrap(), job, "once is enough");
    it.house.drain().await;
    let row = search::ordered(&it.house.app, job).await.unwrap();
    assert_eq!(row.state, hawser_domain::entity::job::JobState::Done);
    assert_eq!(it.find("mooring").await, ["Quay.pdf"]);
}

#[tokio::test]
async fn pages_neither_repeat_nor_skip_in_any_order() {
    let it = Harbour::set().await;
    for n in 0..25 {
        let name = format!("Berth {:02}.{}", n, if n % 2 == 0 { "txt" } else { "pdf" });
        let file = make(&it.house, &it.ann, Some(&it.folder), DocumentKind::File, &name).await;
        if n % 5 == 0 {
            it.house.clock.advance(std::time::Duration::from_secs(60));
            read_as(&it.house, &file, "berth berth", None).await;
            index(&it.house).await;
        }
    }
    index(&it.house).await;
    for sort in [Sort::Relevance, Sort::Name, Sort::Modified, Sort::Created, Sort::Size] {
        for descending in [false, true] {
            let order = Some(Order { sort, descending });
            let whole = find(&it.house, &it.ann, &Request { order, ..all("berth") }).await;
            assert_eq!(whole.total, 25);
            let whole: Vec<Uuid> = whole.hits.iter().map(|hit| hit.document.id).collect();
            for from_end in [false, true] {
                let (mut paged, mut span) = (Vec::new(), Span { from_end, ..Span::first(7) });
                loop {
                    let request = Request { order, span: span.clone(), ..all("berth") };
                    let page = find(&it.house, &it.ann, &request).await;
                    assert_eq!(page.total, 25);
                    let (near, far) = match from_end {
                        false => (page.has_previous, page.has_next),
                        true => (page.has_next, page.has_previous),
                    };
                    assert_eq!(near, !paged.is_empty(), "where a page begins others end");
                    let ids: Vec<Uuid> = page.hits.iter().map(|hit| hit.document.id).collect();
                    let at = if from_end { 0 } else { paged.len() };
                    paged.splice(at..at, ids);
                    match from_end {
                        false => span.after = page.hits.last().map(|hit| hit.cursor.clone()),
                        true => span.before = page.hits.first().map(|hit| hit.cursor.clone()),
                    }
                    if !far {
                        break;
                    }
                }
                assert_eq!(paged, whole, "{sort:?} {descending} {from_end}");
            }
            if sort == Sort::Name {
                let request = Request { order, ..all("berth") };
                let hits = find(&it.house, &it.ann, &request).await.hits;
                let names: Vec<_> = hits.into_iter().map(|hit| hit.document.name).collect();
                let mut sorted = names.clone();
                sorted.sort();
                if descending {
                    sorted.reverse();
                }
                assert_eq!(names, sorted);
            }
        }
    }
    let facets = find(&it.house, &it.ann, &all("berth")).await.facets;
    let counts: Vec<_> = facets[&Facet::Extension].iter().map(|it| (it.value.as_str(), it.count)).collect();
    assert_eq!(counts, [("txt", 13), ("pdf", 12)]);
}

/// Three people and two thousand documents in twenty folders; Bob sees some folders, Eve none.
#[tokio::test]
async fn a_change_of_rights_is_obeyed_by_the_next_search_its_counts_and_its_facets() {
    let house = House::start().await;
    let (ann, bob, eve) = (house.member("ann").await, house.member("bob").await, house.member("eve").await);
    let workspace = make(&house, &ann, None, DocumentKind::Workspace, "Harbour").await;
    let mut folders = Vec::new();
    for n in 0..20 {
        let folder = make(&house, &ann, Some(&workspace), DocumentKind::Folder, &format!("Dock {n:02}")).await;
        let mut w = house.app.write(&ann.principal).await.unwrap();
        for m in 0..99 {
            let name = format!("Vessel {n:02}-{m:02}.{}", if m % 3 == 0 { "pdf" } else { "txt" });
            let fail = document::OnTaken::Fail;
            document::insert(&mut w, Some(folder.id), DocumentKind::File, &name, fail).await.unwrap();
        }
        w.commit().await.unwrap();
        folders.push(folder);
    }
    for folder in &folders[..5] {
        give(&house, &ann, folder, &bob).await;
    }
    index(&house).await;

    let count = async |who: &Person| {
        let found = find(&house, who, &Request { span: Span::first(10), ..all("vessel") }).await;
        let facets = |facet: Facet| -> u64 { found.facets[&facet].iter().map(|it| it.count).sum() };
        for facet in [Facet::Kind, Facet::Extension, Facet::Owner, Facet::Modified] {
            assert_eq!(facets(facet), found.total, "{facet:?}");
        }
        assert!(found.is_exact);
        // The slow way to the same number.
        let query = document::List::default();
        let seen = document::list(&house.app, &who.principal, &query).await.unwrap();
        let seen = seen.rows.iter().filter(|(_, it)| it.name.starts_with("Vessel")).count() as u64;
        assert_eq!(found.total, seen);
        found.total
    };
    assert_eq!((count(&ann).await, count(&bob).await, count(&eve).await), (1980, 495, 0));

    // From here on the index stays behind.
    take(&house, &ann, &folders[0], &bob).await;
    assert_eq!((count(&ann).await, count(&bob).await, count(&eve).await), (1980, 396, 0));
    give(&house, &ann, &folders[7], &bob).await;
    give(&house, &ann, &folders[7], &eve).await;
    assert_eq!((count(&ann).await, count(&bob).await, count(&eve).await), (1980, 495, 99));
    let block = acl::Block { document_id: folders[7].id, block: true, expected_name_token: None };
    acl::block_inheritance(&house.app, &ann.principal, block, None).await.unwrap();
    give(&house, &ann, &workspace, &eve).await;
    assert_eq!((count(&ann).await, count(&bob).await, count(&eve).await), (1980, 495, 1980));
    let input = document::Move { id: folders[1].id, parent_id: folders[9].id, name: None, expected_name_token: None };
    document::move_to(&house.app, &ann.principal, input, None).await.unwrap();
    take(&house, &ann, &folders[1], &bob).await;
    assert_eq!((count(&ann).await, count(&bob).await, count(&eve).await), (1980, 396, 1980));
    let trash = document::Trash { id: folders[2].id, expected_name_token: None };
    document::trash(&house.app, &ann.principal, trash, None).await.unwrap();
    let trashed = find(&house, &bob, &all("vessel")).await;
    assert_eq!(trashed.total, 297);
    let hidden = folders[2].id;
    assert!(trashed.hits.iter().all(|hit| hit.document.parent_id != Some(hidden)));
    let delete = document::Delete { id: folders[2].id, expected_name_token: None };
    document::delete(&house.app, &ann.principal, delete, None).await.unwrap();
    let before = (count(&ann).await, count(&bob).await, count(&eve).await);
    assert_eq!(before, (1881, 297, 1881));

    index(&house).await;
    let after = (count(&ann).await, count(&bob).await, count(&eve).await);
    assert_eq!(after, before, "the index says the same when it has caught up");
    let caught = search::catch_up(&house.app).await.unwrap();
    assert_eq!(caught.documents, 0, "and has nothing left to do");
    search::rebuild(&house.app, &|_| {}).await.unwrap();
    assert_eq!((count(&ann).await, count(&bob).await, count(&eve).await), before);
}

#[tokio::test]
async fn nothing_is_told_of_what_one_may_not_see() {
    let it = Harbour::set().await;
    let eve = it.house.member("eve").await;
    index(&it.house).await;
    for text in ["mooring", "moring", "quay", "", "type:pdf", "in:Harbour tide", "owner:ann"] {
        let found = find(&it.house, &eve, &all(text)).await;
        assert_eq!((found.total, found.hits.len(), found.suggestion), (0, 0, None), "{text}");
        assert!(found.facets.values().all(Vec::is_empty), "{text}");
    }
    let admin = it.house.admin().await;
    assert_eq!(names(&it.house, &admin, "mooring").await, ["Quay.pdf"]);
    let kind = Some(Node::Filter(Filter::Kind(vec![Kind::Folder])));
    let folders = find(&it.house, &it.ann, &Request { filter: kind, ..all("") }).await;
    assert_eq!(named(&folders), ["Harbour", "Plans"]);
    let word = Node::Word { field: TextField::Name, text: "mooring".into() };
    assert_eq!(named(&find(&it.house, &it.ann, &Request { filter: Some(word), ..all("") }).await), [""; 0]);
}

#[tokio::test]
async fn one_letter_wrong_in_a_name_is_noticed() {
    let it = Harbour::set().await;
    make(&it.house, &it.ann, Some(&it.folder), DocumentKind::File, "Schedule of dredging.txt").await;
    index(&it.house).await;
    let found = find(&it.house, &it.ann, &all("dreging")).await;
    assert_eq!((found.total, found.suggestion.as_deref()), (0, Some("dredging")));
}
