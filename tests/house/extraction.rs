//! What is read out of contents: once for the same bytes, again only when they change, and told with what to do next.

use base64::{Engine, engine::general_purpose::STANDARD};
use hawser_domain::{
    blob, content, document,
    entity::{
        change::ChangeKind::Metadata,
        document::Model,
        extraction::{self, Outcome},
        job, picture, reading,
    },
    extraction::{self as extractions, Standing, State},
};
use hawser_sandbox::control::{Edit, Fault, NewFile};
use hawser_tests::{ACCOUNT, Scene, reading as with_reader};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use std::{os::unix::fs::PermissionsExt, time::Duration};

fn bytes(name: &str, mime: &str, bytes: &[u8]) -> NewFile {
    let base64 = Some(STANDARD.encode(bytes));
    NewFile { owner: ACCOUNT.into(), name: name.into(), mime_type: Some(mime.into()), base64, ..NewFile::default() }
}

async fn put(scene: &Scene, new: NewFile) -> (String, Model) {
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let document = scene.link(&file.id).await;
    (file.id, document)
}

async fn standing(scene: &Scene, document: &Model) -> Standing {
    let content = scene.content(document).await;
    extractions::of_many(&scene.house.app, &[content]).await.unwrap().remove(0)
}

async fn text(scene: &Scene, document: &Model) -> String {
    let row = standing(scene, document).await.extraction.expect("it was read");
    let excerpt = extractions::excerpt(&scene.house.app, &row, 0, 1_000_000).await.unwrap();
    excerpt.map(|excerpt| excerpt.text).unwrap_or_default()
}

async fn extraction_rows(scene: &Scene) -> u64 {
    extraction::Entity::find().count(scene.house.app.database.read()).await.unwrap()
}

/// A PNG of four colours, one in each corner.
fn corners() -> Vec<u8> {
    let picture = image::RgbImage::from_fn(1024, 512, |x, y| match (x < 512, y < 256) {
        (true, true) => image::Rgb([255, 0, 0]),
        (false, true) => image::Rgb([0, 255, 0]),
        (true, false) => image::Rgb([0, 0, 255]),
        (false, false) => image::Rgb([255, 255, 0]),
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

#[tokio::test]
async fn a_linked_file_is_read_and_its_text_is_had_in_pieces_by_whoever_sees_it() {
    let scene = Scene::reading().await;
    let before = scene.head().await;
    let (_, document) = scene.linked("tide.txt", "Hochwässer um 06:10, Niedrigwasser um 12:20.").await;
    assert!(scene.changes(before, document.id).await.contains(&Metadata), "whoever follows hears of it");
    let id = scene.house.data(&scene.ann, "{ documents { nodes { id name } } }", json!({})).await;
    let nodes = id["documents"]["nodes"].as_array().unwrap();
    let id = nodes.iter().find(|node| node["name"] == "tide.txt").unwrap()["id"].clone();
    let query = "query($id: ID!) { document(id: $id) { extraction { state nextStep mimeType encoding textSize }
        text(from: 5, length: 5) { text from length next } rest: text(from: 40) { text next } beyond: text(from: 900) { text next } } }";
    let answer = scene.house.data(&scene.ann, query, json!({ "id": id })).await["document"].take();
    assert_eq!(answer["extraction"]["state"], "OK");
    assert_eq!(answer["extraction"]["nextStep"], Value::Null);
    assert_eq!(answer["extraction"]["encoding"], "UTF-8");
    assert_eq!(answer["text"], json!({ "text": "ässer", "from": "5", "length": "44", "next": "10" }));
    assert_eq!(answer["rest"], json!({ "text": ":20.", "next": null }));
    assert_eq!(answer["beyond"], json!({ "text": "", "next": null }));
}

#[tokio::test]
async fn the_same_bytes_are_downloaded_and_read_once_and_a_rename_or_a_move_asks_for_nothing() {
    let scene = Scene::reading().await;
    let (first, document) = scene.linked("a.txt", "the harbour ledger").await;
    let (_, copy) = scene.linked("b.txt", "the harbour ledger").await;
    assert_eq!(scene.downloads().await, 1, "the cloud's hash tells that the bytes are known");
    assert_eq!(extraction_rows(&scene).await, 1);
    assert_eq!(text(&scene, &copy).await, "the harbour ledger");
    let folder = NewFile { mime_type: Some("application/vnd.google-apps.folder".into()), ..bytes("Old", "", b"") };
    let folder = scene.cloud.control.create_file(&NewFile { base64: None, ..folder }).await.unwrap();
    scene.cloud.control.rename(&first.id, "c.txt").await.unwrap();
    scene.cloud.control.move_to(&first.id, &folder.id).await.unwrap();
    scene.poll().await;
    assert_eq!(scene.document(&document).await.name, "c.txt");
    assert_eq!(scene.downloads().await, 1, "neither name nor place are bytes");
    assert_eq!(standing(&scene, &document).await.state, State::Ended(Outcome::Ok));
}

#[tokio::test]
async fn a_file_of_another_cloud_account_with_the_same_bytes_is_not_read_again() {
    let scene = Scene::reading().await;
    let (_, document) = scene.linked("a.txt", "the same words").await;
    let other = scene.house.connect(&scene.cloud, &scene.ann, "ann.again@cloud.example").await;
    let new = NewFile {
        owner: "ann.again@cloud.example".into(),
        name: "z.txt".into(),
        text: Some("the same words".into()),
        ..NewFile::default()
    };
    let file = scene.cloud.control.create_file(&new).await.unwrap();
    let item = content::Item { remote_id: file.id, resource_key: None, name: None };
    let linked =
        content::link(&scene.house.app, &scene.ann.principal, other.id, scene.workspace.id, &[item], None).await;
    let copy = linked.unwrap().remove(0).unwrap();
    scene.house.drain().await;
    assert_eq!((scene.downloads().await, extraction_rows(&scene).await), (1, 1));
    assert_eq!(text(&scene, &copy).await, text(&scene, &document).await);
}

#[tokio::test]
async fn an_edit_in_the_cloud_is_read_anew_and_the_old_text_is_gone() {
    let scene = Scene::reading().await;
    let (file, document) = scene.linked("notice.txt", "the red buoy is out").await;
    scene.cloud.control.edit_text(&file.id, "the green buoy is back").await.unwrap();
    scene.poll().await;
    let (app, house) = (&scene.house.app, &scene.house);
    assert_eq!(text(&scene, &document).await, "the green buoy is back");
    house.clock.advance(Duration::from_secs(2 * 86_400));
    assert_eq!(extractions::collect(app, Duration::from_secs(86_400)).await.unwrap(), 1, "nobody holds the old bytes");
    let collected = blob::collect(app, Duration::from_secs(86_400)).await.unwrap();
    assert_eq!((collected.rows, collected.files), (1, 1), "the old text goes with them");
    assert_eq!(text(&scene, &document).await, "the green buoy is back");
}

#[tokio::test]
async fn native_documents_are_exported_and_read() {
    let scene = Scene::reading().await;
    let new = NewFile {
        text: Some("fog lifted at eight".into()),
        base64: None,
        ..bytes("Watch log", "application/vnd.google-apps.document", b"")
    };
    let (id, document) = put(&scene, new).await;
    let standing_now = standing(&scene, &document).await;
    let said = text(&scene, &document).await;
    assert!(said.contains("fog lifted at eight"), "{said:?} {:?}", standing_now.extraction);
    let edit = Edit { text: Some("fog is back".into()), ..Edit::default() };
    scene.cloud.control.advance_clock(60_000).await.unwrap();
    scene.cloud.control.edit(&id, &edit).await.unwrap();
    scene.poll().await;
    let now = text(&scene, &document).await;
    assert!(now.contains("fog is back") && !now.contains("lifted"), "{now}");
}

#[tokio::test]
async fn what_cannot_be_read_says_why_and_what_to_do() {
    let scene = Scene::reading().await;
    let mut sealed = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    sealed.create_stream("EncryptedPackage").unwrap();
    sealed.create_stream("EncryptionInfo").unwrap();
    let sealed = sealed.into_inner().into_inner();
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let (_, sealed) = put(&scene, bytes("sealed.docx", docx, &sealed)).await;
    let (_, broken) = put(&scene, bytes("broken.pdf", "application/pdf", b"%PDF-1.7\nnothing of a PDF")).await;
    let (_, unknown) = put(&scene, bytes("ship.bin", "application/octet-stream", &[0, 1, 2, 3, 250, 0, 9, 7])).await;
    for (document, outcome) in
        [(&sealed, Outcome::Encrypted), (&broken, Outcome::Malformed), (&unknown, Outcome::Unsupported)]
    {
        assert_eq!(standing(&scene, document).await.state, State::Ended(outcome), "{}", document.name);
    }
    let query = "{ documents { nodes { name extraction { state nextStep } text { text } } } }";
    let answer = scene.house.data(&scene.ann, query, json!({})).await["documents"]["nodes"].take();
    for node in answer.as_array().unwrap().iter().filter(|node| !node["extraction"].is_null()) {
        assert_eq!(node["text"], Value::Null);
        assert!(node["extraction"]["nextStep"].as_str().is_some_and(|step| step.len() > 20), "{node}");
    }
}

#[tokio::test]
async fn a_picture_the_cloud_draws_nothing_of_is_drawn_here_in_two_sizes() {
    let scene = Scene::reading().await;
    let served = scene.house.serve().await;
    let (_, document) = put(&scene, bytes("four.png", "application/octet-stream", &corners())).await;
    assert_eq!(scene.downloads().await, 1, "text and picture come of one download");
    let id = scene.house.data(&scene.ann, "{ documents { nodes { id name } } }", json!({})).await;
    let id =
        id["documents"]["nodes"].as_array().unwrap().iter().find(|it| it["name"] == "four.png").unwrap()["id"].clone();
    let query = "query($id: ID!) { document(id: $id) { large: thumbnail { url } small: thumbnail(size: SMALL) { url }
        metadata { width height sources { field origin } } } }";
    let answer = scene.house.data(&scene.ann, query, json!({ "id": id })).await["document"].take();
    assert_eq!((&answer["metadata"]["width"], &answer["metadata"]["height"]), (&json!(1024), &json!(512)));
    assert_eq!(answer["metadata"]["sources"][0], json!({ "field": "height", "origin": "HAWSER" }));
    for (name, width, height) in [("large", 512, 256), ("small", 128, 64)] {
        let answer = served.http.get(answer[name]["url"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let etag = answer.headers()["etag"].to_str().unwrap().to_owned();
        let shown = image::load_from_memory(&answer.bytes().await.unwrap()).unwrap().to_rgb8();
        assert_eq!(shown.dimensions(), (width, height), "{name}");
        let red = shown.get_pixel(3, 3).0;
        assert!(red[0] > 200 && red[1] < 60 && red[2] < 60, "{red:?}");
        let yellow = shown.get_pixel(width - 4, height - 4).0;
        assert!(yellow[0] > 200 && yellow[1] > 200 && yellow[2] < 60, "{yellow:?}");
        assert_eq!(etag.len(), 66, "an address of bytes");
    }
    assert_eq!(picture::Entity::find().count(scene.house.app.database.read()).await.unwrap(), 2);
    assert!(content::has_thumbnail(&scene.house.app, &scene.content(&document).await).await.unwrap());
}

#[tokio::test]
async fn a_picture_the_cloud_promised_and_refuses_is_drawn_here() {
    let scene = Scene::reading().await;
    let refusal = Fault { path: "/thumbnails/".into(), status: Some(404), ..Fault::default() };
    scene.cloud.control.fault(&refusal).await.unwrap();
    let (_, document) = put(&scene, bytes("four.png", "image/png", &corners())).await;
    let content = scene.content(&document).await;
    assert!(content::described(&content).unwrap().has_thumbnail, "the cloud promises one");
    let shown = content::thumbnail(&scene.house.app, document.id, 128).await.unwrap().expect("our own");
    let shown = image::load_from_memory(&shown.bytes).unwrap();
    assert_eq!((shown.width(), shown.height()), (128, 64));
    let kinds = job::Entity::find().all(scene.house.app.database.read()).await.unwrap();
    let drawn: Vec<_> = kinds.iter().filter(|job| job.kind == "make_thumbnail").collect();
    assert_eq!(drawn.len(), 1, "one job drew it");
    let row = standing(&scene, &document).await.extraction.expect("it was read as well");
    assert_eq!(row.drawn, Some(Outcome::Ok));
}

#[tokio::test]
async fn passing_trouble_is_tried_once_more_and_again_by_a_better_reader_only() {
    let folder = tempfile::tempdir().unwrap();
    let reader = folder.path().join("reader");
    std::fs::write(&reader, "#!/bin/sh\necho \"$0 $$\" >> \"$(dirname \"$0\")/runs\"\nkill -SEGV $$\n").unwrap();
    std::fs::set_permissions(&reader, std::fs::Permissions::from_mode(0o755)).unwrap();
    let runs = || std::fs::read_to_string(folder.path().join("runs")).unwrap_or_default().lines().count();
    let scene = Scene::with(|config| {
        with_reader(config);
        config.extractor = Some(reader.clone());
    })
    .await;
    let (_, document) = put(&scene, bytes("a.md", "text/markdown", b"words")).await;
    assert_eq!(standing(&scene, &document).await.state, State::Ended(Outcome::Crashed));
    let first = runs();
    scene.house.clock.advance(Duration::from_secs(300));
    scene.house.drain().await;
    assert!(runs() > first, "it is tried once more");
    let second = runs();
    scene.house.clock.advance(Duration::from_secs(3600));
    scene.house.drain().await;
    assert_eq!(extractions::renew(&scene.house.app).await.unwrap(), 0);
    assert_eq!(runs(), second, "and then left alone");
    let w = scene.house.app.write(hawser_domain::principal::Actor::System).await.unwrap();
    let mut old = extraction::Entity::find().one(w.db()).await.unwrap().unwrap().into_active_model();
    old.version = Set(0);
    old.update(w.db()).await.unwrap();
    w.commit().await.unwrap();
    assert_eq!(extractions::renew(&scene.house.app).await.unwrap(), 1, "an older reader failed at it");
    scene.house.drain().await;
    assert!(runs() > second, "a newer one tries");
    scene.house.clock.advance(Duration::from_secs(300));
    scene.house.drain().await;
}

#[tokio::test]
async fn a_file_that_was_never_read_is_found_and_read() {
    let scene = Scene::reading().await;
    let (_, document) = scene.linked("a.txt", "words").await;
    let w = scene.house.app.write(hawser_domain::principal::Actor::System).await.unwrap();
    reading::Entity::delete_by_id(document.id).exec(w.db()).await.unwrap();
    w.commit().await.unwrap();
    assert_eq!(standing(&scene, &document).await.state, State::Waiting);
    assert_eq!(extractions::renew(&scene.house.app).await.unwrap(), 1);
    scene.house.drain().await;
    assert_eq!(standing(&scene, &document).await.state, State::Ended(Outcome::Ok));
}

#[tokio::test]
async fn deleting_the_last_document_takes_text_and_pictures_along() {
    let scene = Scene::reading().await;
    let (_, document) = put(&scene, bytes("four.png", "application/octet-stream", &corners())).await;
    let (app, who) = (&scene.house.app, &scene.ann.principal);
    document::trash(app, who, document::Trash { id: document.id, expected_name_token: None }, None).await.unwrap();
    document::delete(app, who, document::Delete { id: document.id, expected_name_token: None }, None).await.unwrap();
    scene.house.clock.advance(Duration::from_secs(2 * 86_400));
    extractions::collect(app, Duration::from_secs(86_400)).await.unwrap();
    blob::collect(app, Duration::from_secs(86_400)).await.unwrap();
    assert_eq!(extraction_rows(&scene).await, 0);
    assert_eq!(picture::Entity::find().count(app.database.read()).await.unwrap(), 0);
    let left = scene.house.blobs().await;
    assert!(left.is_empty(), "{left:?}");
}
