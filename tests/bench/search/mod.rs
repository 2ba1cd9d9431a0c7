//! How fast a large index is built, and how fast it answers a member who may see half of it, while documents are renamed and
//! the index follows. Hits are whole: rights, rows and highlights included.

pub(crate) mod fill;
mod vocabulary;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use hawser_domain::{
    App, Principal,
    config::Config,
    document::{self, Rename},
    page::Span,
    search::{self, Facet, Request},
};
use hawser_tests::House;
use hawser_workers::{Slots, Workers};
use rand::{Rng, SeedableRng, rngs::StdRng};
use secrecy::SecretString;
use tokio::sync::watch;
use uuid::Uuid;

use crate::figure::{Figures, Goal};

const DOCUMENTS: usize = 100_000;
/// Of each sort.
const QUESTIONS: usize = 500;
/// Hits of a page.
const PAGE: u64 = 20;
/// Documents renamed at a time, and how often.
const RENAMED: usize = 3;
const PAUSE: Duration = Duration::from_millis(100);
/// Milliseconds that 95 of 100 answers may take: of the embedded engine, and of one beyond a network.
const GOAL: f64 = 20.0;
const GOAL_BEYOND: f64 = 50.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Word,
    TwoWords,
    Phrase,
    Prefix,
    FilterOnly,
    Facets,
}

const SORTS: [(Sort, &str); 6] = [
    (Sort::Word, "word"),
    (Sort::TwoWords, "two_words"),
    (Sort::Phrase, "phrase"),
    (Sort::Prefix, "prefix"),
    (Sort::FilterOnly, "filter_only"),
    (Sort::Facets, "facets"),
];

const FILTERS: [&str; 8] = [
    "type:pdf",
    "ext:docx modified:30d",
    "modified:7d",
    "in:\"Dock 17\"",
    "owner:me",
    "lang:de size:>10kb",
    "provider:google -type:pdf",
    "",
];

/// Measures the embedded engine, and another one where its address is given; both over the same documents.
pub async fn run(figures: &Figures, documents: Option<usize>, elasticsearch: Option<&str>) -> Result<()> {
    let count = documents.unwrap_or(DOCUMENTS);
    let house = House::with(|config| config.elasticsearch_url = None).await;
    let embedded = measure(figures, house, count, "search", GOAL).await;
    if let Some(url) = elasticsearch {
        let prefix = format!("hawser_bench_{}", std::process::id());
        let change = |config: &mut Config| {
            config.elasticsearch_url = Some(SecretString::from(url));
            config.elasticsearch_prefix = prefix;
        };
        measure(figures, House::with(change).await, count, "search.elasticsearch", GOAL_BEYOND).await?;
    }
    embedded
}

/// `goal`: milliseconds that 95 of 100 answers may take.
async fn measure(figures: &Figures, house: House, count: usize, called: &str, goal: f64) -> Result<()> {
    house.leave_jobs();
    let (ann, member) = (house.member("ann").await, house.member("bob").await);
    let filled = fill::fill(&house, &ann, &member, count).await?;
    let app = &house.app;
    let text = filled.text as f64 / 1e6;
    figures.put(&format!("{called}.documents"), count as f64, "", Goal::None);
    figures.put(&format!("{called}.text"), text, "MB", Goal::None);
    let began = Instant::now();
    search::rebuild(app, &|_| {}).await?;
    let seconds = began.elapsed().as_secs_f64();
    let index = search::status(app).await?.index.context("there is no index")?;
    ensure!(index.documents >= count as u64, "{} of {count} documents are indexed", index.documents);
    figures.put(&format!("{called}.index.documents_per_second"), count as f64 / seconds, "docs/s", Goal::None);
    figures.put(&format!("{called}.index.text_per_second"), text / seconds, "MB/s", Goal::None);
    figures.put(&format!("{called}.index.size"), index.bytes as f64 / 1e6, "MB", Goal::None);

    let workers = Workers::start(app.clone(), Slots::spread(app.config.worker_slots));
    let (stop, stopped) = watch::channel(false);
    let writer = tokio::spawn(write(house.app.clone(), ann.principal.clone(), filled.ids, stopped));
    let asked = Instant::now();
    let answers = ask(app, &member.principal, count).await;
    let seconds = asked.elapsed().as_secs_f64();
    stop.send_replace(true);
    let renamed = writer.await??;
    workers.stop().await;
    figures.put(&format!("{called}.renamed_meanwhile"), renamed as f64 / seconds, "docs/s", Goal::None);
    let mut missed = false;
    for (sort, times) in answers? {
        let name = SORTS.iter().find(|(it, _)| *it == sort).map_or("", |(_, name)| name);
        let name = format!("{called}.{name}");
        missed |= figures.spread_within(&name, times, "ms", goal);
    }
    match missed {
        true => bail!("a goal of search was missed"),
        false => Ok(()),
    }
}

/// Renames a few documents again and again, and returns how many.
async fn write(
    app: std::sync::Arc<App>,
    who: Principal,
    ids: Vec<Uuid>,
    stopped: watch::Receiver<bool>,
) -> Result<usize> {
    let mut random = StdRng::seed_from_u64(2);
    let mut renamed = 0;
    while !*stopped.borrow() {
        for _ in 0..RENAMED {
            let id = ids[random.random_range(0..ids.len())];
            let name = format!("{} renamed {renamed}.pdf", vocabulary::any(&mut random));
            document::rename(&app, &who, Rename { id, name, expected_name_token: None }, None).await?;
            renamed += 1;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(renamed)
}

/// Questions of all sorts in turn, one after the other. Returns milliseconds.
async fn ask(app: &App, who: &Principal, documents: usize) -> Result<BTreeMap<Sort, Vec<f64>>> {
    let mut random = StdRng::seed_from_u64(1);
    let (mut times, mut found) = (BTreeMap::<Sort, Vec<f64>>::new(), BTreeMap::<Sort, u64>::new());
    for _ in 0..QUESTIONS {
        for (sort, _) in SORTS {
            let request = question(sort, &mut random, documents);
            let began = Instant::now();
            let answer = search::search(app, who, &request).await?;
            times.entry(sort).or_default().push(began.elapsed().as_secs_f64() * 1000.0);
            *found.entry(sort).or_default() += u64::from(answer.total > 0);
        }
    }
    for (sort, found) in found {
        ensure!(found > QUESTIONS as u64 / 5, "only {found} of {QUESTIONS} questions ({sort:?}) found anything");
    }
    Ok(times)
}

fn question(sort: Sort, random: &mut StdRng, documents: usize) -> Request {
    let words = vocabulary::words_of(random.random_range(0..documents));
    let mut some = || words[random.random_range(0..words.len() - 3)].clone();
    let mut facets = BTreeSet::new();
    let text = match sort {
        Sort::Word => vocabulary::telling(random),
        Sort::TwoWords => format!("{} {} ", some(), some()),
        Sort::Phrase => {
            let at = random.random_range(0..words.len() - 3);
            format!("\"{}\"", words[at..at + 2 + at % 2].join(" "))
        }
        Sort::Prefix => {
            let word = vocabulary::telling(random);
            format!("{}*", &word[..word.len().min(4)])
        }
        Sort::FilterOnly => FILTERS[random.random_range(0..FILTERS.len())].to_owned(),
        Sort::Facets => {
            facets.extend([Facet::Kind, Facet::Provider, Facet::Extension, Facet::Owner, Facet::Modified]);
            if random.random() { vocabulary::telling(random) } else { String::new() }
        }
    };
    Request { text, span: Span::first(PAGE), facets, ..Request::default() }
}
