//! The documents of the table, as they are whatever engine finds them. Now is 2040-03-14 10:30 UTC, a Wednesday.

use hawser_domain::document::DocumentKind;

use super::form::{Cloud, DOCX, Document, FILE, Is, PDF, PPTX, XLSX, folder, text, workspace};

pub const NOW: &str = "2040-03-14T10:30:00Z";

pub const DOCUMENTS: &[Document] = &[
    workspace("harbour", "Harbour", "ann"),
    folder("reports", "Reports", "harbour"),
    folder("y2039", "2039", "reports"),
    folder("photos", "Photos", "harbour"),
    folder("post", "Post", "harbour"),
    folder("code", "Code", "harbour"),
    folder("buero", "Büro München", "harbour"),
    folder("world", "World", "harbour"),
    Document { kind: DocumentKind::OrderedFolder, ..folder("odd", "Odd ones", "harbour") },
    workspace("pilots", "Pilots", "bob"),
    workspace("private", "Private", "eve"),
    // English.
    Document {
        title: Some("Annual report of the harbour"),
        author: Some("Jane Doe"),
        mime: PDF,
        cloud: Some(Cloud::Drive),
        size: Some(5 << 20),
        modified: "2040-03-14T08:00:00Z",
        created: "2040-01-10T00:00:00Z",
        is: &[Is::Drawn],
        ..text(
            "annual",
            "Annual Report 2039.pdf",
            "y2039",
            "en",
            "The harbour earned more than ever. Mooring lines were checked at every spring tide, and the crane was \
             repaired.",
        )
    },
    Document {
        author: Some("John O'Neill"),
        mime: XLSX,
        cloud: Some(Cloud::Drive),
        size: Some(20 << 10),
        modified: "2040-03-13T09:00:00Z",
        created: "2040-02-01T00:00:00Z",
        ..text(
            "budget",
            "budget_2040_v1.2.xlsx",
            "y2039",
            "en",
            "Income from mooring fees: 12,500. Cost of the crane: 3.14 million. Draft figures.",
        )
    },
    Document {
        title: Some("Harbour review"),
        author: Some("Jane Doe"),
        mime: PPTX,
        cloud: Some(Cloud::Dropbox),
        size: Some(10 << 20),
        modified: "2040-03-07T10:00:00Z",
        created: "2039-12-31T23:59:59Z",
        ..text(
            "slides",
            "Quarterly review.pptx",
            "reports",
            "en",
            "Quarter one: the tide of trade turned. Can't complain. Growth of cargo and of passengers.",
        )
    },
    Document {
        author: Some("Bob Stone"),
        mime: DOCX,
        cloud: Some(Cloud::Drive),
        size: Some(1 << 10),
        modified: "2040-02-28T17:00:00Z",
        created: "2040-02-28T16:00:00Z",
        ..text(
            "minutes",
            "Minutes 2040-02-28.docx",
            "reports",
            "en",
            "Present were Jane, John and Bob. Spring cleaning of the tide gauge was agreed. The crane waits for a part.",
        )
    },
    Document {
        mime: Some("application/vnd.google-apps.document"),
        cloud: Some(Cloud::Drive),
        modified: "2040-02-10T00:00:00Z",
        created: "2037-07-07T00:00:00Z",
        is: &[Is::Native],
        ..text(
            "plan",
            "Mooring plan",
            "harbour",
            "en",
            "Each berth has a number. The plan is drawn again when the basin is dredged.",
        )
    },
    Document {
        key: "salaries",
        name: "Salaries.pdf",
        place: "y2039",
        mime: PDF,
        cloud: Some(Cloud::Drive),
        size: Some(2 << 10),
        modified: "2039-11-11T11:11:11Z",
        is: &[Is::Encrypted],
        ..FILE
    },
    Document {
        mime: PDF,
        cloud: Some(Cloud::Drive),
        size: Some(999),
        modified: "2036-01-01T00:00:00Z",
        is: &[Is::Unavailable],
        ..text("chart", "Lost chart.pdf", "harbour", "en", "An old chart of the turning basin, kept for history.")
    },
    Document {
        author: Some("María Muñoz"),
        mime: DOCX,
        cloud: Some(Cloud::Box),
        size: Some(3 << 19),
        modified: "2039-06-15T00:00:00Z",
        ..text(
            "contract",
            "Contract (final) [signed].docx",
            "reports",
            "en",
            "This agreement is between the town and its pilots. Payment is due within thirty days of delivery.",
        )
    },
    Document {
        mime: DOCX,
        cloud: Some(Cloud::Box),
        size: Some(3 << 9),
        modified: "2039-06-01T00:00:00Z",
        ..text(
            "draft",
            "Contract draft.docx",
            "reports",
            "en",
            "This agreement between town and pilots is not signed. Payment within sixty days; delivery is not due.",
        )
    },
    Document {
        key: "empty",
        name: "Nothing.txt",
        place: "harbour",
        mime: Some("text/plain"),
        cloud: Some(Cloud::Dropbox),
        size: Some(0),
        ..FILE
    },
    Document { key: "bare", name: "Placeholder", place: "harbour", ..FILE },
    Document {
        mime: Some("text/csv"),
        cloud: Some(Cloud::Dropbox),
        size: Some(45),
        ..text("levels", "tide-levels.csv", "harbour", "", "station,level\nNorth Pier,4.2\nSouth Pier,3.9")
    },
    Document {
        mime: Some("application/rtf"),
        ..text(
            "letter",
            "letter.rtf",
            "post",
            "en",
            "Dear Ms Stone, we regret that the pier was closed. Yours, the master of the port.",
        )
    },
    Document {
        title: Some("Re: Pier closed"),
        author: Some("ann@example.org"),
        mime: Some("message/rfc822"),
        ..text(
            "mail",
            "Pier closed.eml",
            "post",
            "en",
            "To: bob.stone@example.com\nThe pier is closed until 10:30 tomorrow, see \
             https://port.example/news/pier-closed?id=7",
        )
    },
    text(
        "rust",
        "main.rs",
        "code",
        "",
        "fn main() { let user_name = std::env::var(\"USER\"); println!(\"C:\\\\Temp {user_name}\"); }",
    ),
    text("cargo", "Cargo.toml", "code", "", "[package]\nname = \"hawser\"\nversion = \"1.2.3\"\n"),
    Document {
        mime: Some("text/x-python"),
        ..text(
            "python",
            "parseHTTPRequest.py",
            "code",
            "",
            "def parseHTTPRequest(raw_bytes):\n    return raw_bytes[7:]",
        )
    },
    Document {
        mime: Some("text/markdown"),
        ..text(
            "readme",
            "README.md",
            "code",
            "en",
            "# hawser\nBuild 1.2.3 of the tool. See docs/setup.md for its C++ bindings.",
        )
    },
    Document {
        key: "backup",
        name: "backup-2039-12-31.tar.gz",
        place: "code",
        mime: Some("application/gzip"),
        cloud: Some(Cloud::Dropbox),
        size: Some(3 << 30),
        modified: "2039-12-31T23:59:59Z",
        ..FILE
    },
    Document {
        cloud: Some(Cloud::Dropbox),
        size: Some(63),
        modified: "2040-03-14T09:45:00Z",
        ..text("log", "server.log", "code", "", "2040-03-14T07:15:00 ERROR timeout at gauge-07 10.0.0.7:8080")
    },
    // Pictures, films, sounds.
    Document {
        key: "sunset",
        name: "IMG_2041 Sunset.jpg",
        place: "photos",
        kind: DocumentKind::Picture,
        mime: Some("image/jpeg"),
        cloud: Some(Cloud::Drive),
        size: Some(5 << 19),
        taken: Some("2039-07-14T20:15:00"),
        is: &[Is::Drawn],
        ..FILE
    },
    Document {
        key: "crane",
        name: "crane.png",
        place: "photos",
        mime: Some("image/png"),
        cloud: Some(Cloud::Dropbox),
        size: Some(500 << 10),
        is: &[Is::Shown],
        ..FILE
    },
    Document {
        key: "raw",
        name: "DSC_0001.NEF",
        place: "photos",
        mime: Some("application/octet-stream"),
        cloud: Some(Cloud::Dropbox),
        size: Some(25 << 20),
        taken: Some("2038-12-24T08:00:00+02:00"),
        ..FILE
    },
    Document {
        key: "film",
        name: "Flight.mp4",
        place: "photos",
        kind: DocumentKind::Video,
        mime: Some("video/mp4"),
        cloud: Some(Cloud::Drive),
        size: Some(1 << 30),
        taken: Some("2040-03-01T12:00:00Z"),
        ..FILE
    },
    Document {
        key: "song",
        name: "Shanty.mp3",
        place: "photos",
        kind: DocumentKind::Audio,
        title: Some("Drunken sailor"),
        artist: Some("The Mooring Men"),
        mime: Some("audio/mpeg"),
        cloud: Some(Cloud::Drive),
        size: Some(4 << 20),
        ..FILE
    },
    // Other languages.
    Document {
        title: Some("Übersichtsplan"),
        author: Some("Jörg Müller"),
        mime: PDF,
        cloud: Some(Cloud::Drive),
        size: Some(1 << 20),
        modified: "2039-09-01T00:00:00Z",
        ..text(
            "strasse",
            "Straßenplan.pdf",
            "buero",
            "de",
            "Die Häfen der Stadt: Straßen, Brücken und Kräne. Größe und Maßstab stehen am Rand.",
        )
    },
    Document {
        author: Some("Jörg Müller"),
        mime: DOCX,
        modified: "2039-03-31T23:30:00Z",
        ..text(
            "protokoll",
            "Protokoll_März.docx",
            "buero",
            "de",
            "Die Sitzung wurde geöffnet. Der Kran wird gestrichen. Die Häuser am Kai werden verkauft.",
        )
    },
    Document {
        mime: PDF,
        ..text(
            "rechnung",
            "Rechnung Nr. 4711.pdf",
            "buero",
            "de",
            "Rechnung über Liegegebühren: 1.250,50 Euro, zahlbar binnen 30 Tagen.",
        )
    },
    Document {
        author: Some("Hélène Lefèvre"),
        mime: PDF,
        ..text(
            "contrat",
            "Contrat d'été.pdf",
            "world",
            "fr",
            "L'été, le port accueille les bateaux à voile. Les élèves visitent la côte. Cœur de la ville.",
        )
    },
    text("recette", "crème brûlée.txt", "world", "fr", "Recette de la crème : œufs, lait, sucre. Garçon !"),
    Document {
        title: Some("東京港年次報告"),
        mime: PDF,
        ..text(
            "tokyo",
            "東京港レポート.pdf",
            "world",
            "ja",
            "東京都の港湾は日本最大級です。クレーンの点検は毎月行われます。",
        )
    },
    Document {
        mime: DOCX, ..text("kyoto", "京都旅行.docx", "world", "ja", "京都の寺を訪ねた。電車で大阪へ。")
    },
    text("kana", "ｶﾀｶﾅ.txt", "world", "ja", "ﾃｽﾄ用の文書。ｸﾚｰﾝとパンダ。"),
    Document {
        mime: PDF,
        ..text("shanghai", "上海港口.pdf", "world", "zh", "上海港是世界上最繁忙的港口之一。起重机正在维修。")
    },
    text("taipei", "臺北會議.txt", "world", "zh", "臺北市政府召開港務會議。"),
    Document {
        mime: DOCX,
        ..text(
            "busan",
            "부산항 보고서.docx",
            "world",
            "ko",
            "부산항은 한국에서 가장 큰 항구입니다. 크레인 점검을 했습니다.",
        )
    },
    Document {
        mime: PDF,
        ..text("arabic", "تقرير الميناء.pdf", "world", "ar", "وصلت السفن إلى الميناء في الصباح. الرافعات تعمل.")
    },
    Document {
        author: Some("Иван Петров"),
        mime: DOCX,
        ..text("russian", "Отчёт порта.docx", "world", "ru", "Корабли стоят у причала. Краны работают круглосуточно.")
    },
    text("thai", "ท่าเรือ.txt", "world", "th", "ท่าเรือกรุงเทพเปิดแล้ว"),
    text("turkish", "İstanbul Limanı.txt", "world", "tr", "İstanbul limanı büyük. Işıklar açıldı."),
    text("hebrew", "דוח הנמל.txt", "world", "he", "הנמל פתוח בבוקר."),
    // Odd names and signs.
    text("party", "Party 🎉.txt", "odd", "en", "We moored ⚓ and danced 💃 all night."),
    Document { key: "camel", name: "PowerPointExportV2Final.pdf", place: "odd", mime: PDF, ..FILE },
    text("dotted", "release.v1.2.notes.txt", "odd", "en", "Version 1.2 brings user_name lookups."),
    Document { key: "snake", name: "my_very_long_file_name.TXT", place: "odd", ..FILE },
    Document { key: "licence", name: "LICENSE", place: "odd", ..FILE },
    text("hidden", ".gitignore", "odd", "", "target/\n*.tmp"),
    text("quotes", "Say “hello” – she's here.txt", "odd", "en", "“Smart quotes” don’t matter, said she — it’s ‘fine’."),
    text("wide", "ＷＩＤＥ.txt", "odd", "", "Ｆｕｌｌ　ｏｆｆｉｃｅ，　１２３"),
    text("resume", "re\u{301}sume\u{301}.txt", "odd", "en", "A naïve re\u{301}sume\u{301} of the café’s façade."),
    text("order", "4711.txt", "odd", "en", "Order 4711: 1,250.50 EUR, agent 007."),
    // Of others.
    Document {
        owner: "bob",
        mime: XLSX,
        cloud: Some(Cloud::Bobs),
        size: Some(8 << 10),
        ..text(
            "roster",
            "Duty roster.xlsx",
            "pilots",
            "en",
            "Roster of pilots: Monday Jane, Tuesday John. Mooring crew.",
        )
    },
    Document {
        mime: PDF,
        cloud: Some(Cloud::Bobs),
        size: Some(9 << 10),
        ..text("survey", "Joint survey.pdf", "pilots", "en", "Survey of the sea bed near the north pier.")
    },
    // Never found.
    Document {
        owner: "eve",
        mime: PDF,
        ..text("secret", "Mooring report.pdf", "private", "en", "harbour mooring crane tide pier report contract draft")
    },
    Document {
        mime: PDF,
        is: &[Is::Trashed],
        ..text(
            "old",
            "Old mooring report.pdf",
            "harbour",
            "en",
            "harbour mooring crane tide pier report contract draft",
        )
    },
];
