//! How many operations a second the whole way answers: HTTP, sign-in, limits, rights, database, JSON. Client and server share
//! the processor, and so does the other stack when it is measured beside this one.

mod node;
mod wire;

use std::{net::SocketAddr, time::Duration};

use anyhow::{Result, ensure};
use hawser_tests::House;
use serde_json::Value;

use crate::{
    figure::{Figures, Goal},
    search::fill,
};

const DOCUMENTS: usize = 100_000;
const CONNECTIONS: usize = 16;
const TIME: Duration = Duration::from_secs(8);
const SMALLEST: &str = "{ __typename }";
/// A page as a list view shows it.
const PAGE: &str = "{ documents(first: 50) { nodes { id kind name modifiedAt parent { id name } content { mimeType size \
     revision state connection { id accountName provider { id name } } } } pageInfo { hasNextPage endCursor } } }";

/// With `node`, the other stack answers the same query in the same run.
pub async fn run(figures: &Figures, documents: Option<usize>, node: bool) -> Result<()> {
    let count = documents.unwrap_or(DOCUMENTS);
    let house = House::with(|config| {
        config.graphql_points = 1_000_000_000;
        config.graphql_points_per_second = 1_000_000_000;
    })
    .await;
    house.leave_jobs();
    let (ann, member) = (house.member("ann").await, house.member("bob").await);
    fill::fill(&house, &ann, &member, count).await?;
    let served = house.serve().await;
    figures.put("queries.documents", count as f64, "", Goal::None);
    let address = house.address;
    measure(figures, "queries.smallest", address, Some(&ann.token), SMALLEST).await?;
    let page = measure(figures, "queries.page", address, Some(&ann.token), PAGE).await?;
    // Whoever sees a part has their rights asked for each row.
    let of_member = measure(figures, "queries.page_of_member", address, Some(&member.token), PAGE).await?;
    drop(served);
    if node {
        let node = node::Node::start(count).await?;
        measure(figures, "queries.node_smallest", node.address, None, SMALLEST).await?;
        let theirs = measure(figures, "queries.node_page", node.address, None, PAGE).await?;
        figures.put("queries.page_ratio", page / theirs, "x", Goal::AtLeast(3.0));
        figures.put("queries.page_of_member_ratio", of_member / theirs, "x", Goal::AtLeast(3.0));
    }
    Ok(())
}

async fn measure(figures: &Figures, name: &str, address: SocketAddr, token: Option<&str>, query: &str) -> Result<f64> {
    let request = wire::request(address, token, query);
    let answer = wire::once(address, &request).await?;
    ensure!(answer.get("errors").is_none() && answer["data"].is_object(), "not the answer that is measured: {answer}");
    if query == PAGE {
        let nodes = answer["data"]["documents"]["nodes"].as_array().map_or(0, Vec::len);
        ensure!(nodes == 50, "a page has {nodes} rows: {answer}");
        // Who may not use the connection is shown none.
        let is_shown = |it: &Value| it["provider"].is_object() || it.is_null() && name.ends_with("member");
        let whole = |row: &Value| row["parent"]["name"].is_string() && is_shown(&row["content"]["connection"]);
        let rows = answer["data"]["documents"]["nodes"].as_array().into_iter().flatten();
        let whole = rows.filter(|row| row["content"].is_null() || whole(row)).count();
        ensure!(whole == nodes, "{whole} of {nodes} rows are whole: {answer}");
    }
    let rate = wire::rate(address, &request, CONNECTIONS, TIME).await?;
    figures.put(&format!("{name}.per_second"), rate.per_second, "1/s", Goal::None);
    figures.put(&format!("{name}.bytes"), rate.bytes as f64, "B", Goal::None);
    figures.spread(name, rate.latencies, "ms");
    Ok(rate.per_second)
}
