//! Looking around in a cloud before anything is linked. Nothing of it is stored.

use hawser_providers::{CloudFile, Drive, Listing, Page, Place};
use uuid::Uuid;

use crate::{App, Error, Principal, Result, connection, principal::Scope};

/// The longest search text a cloud is asked.
const MAX_QUERY: usize = 400;

/// What lies in a place.
///
/// # Errors
/// Those of `connection::usable` and `connection::call`.
pub async fn browse(
    app: &App,
    who: &Principal,
    connection_id: Uuid,
    place: Place,
    listing: Listing,
) -> Result<Page<CloudFile>> {
    let id = usable(app, who, connection_id).await?;
    connection::call(app, id, |cloud, access| {
        let (place, listing) = (place.clone(), listing.clone());
        async move { cloud.browse(&access, &place, &listing).await }
    })
    .await
}

/// Files whose name or text matches, anywhere the account may look.
///
/// # Errors
/// As `browse`; `Invalid` for an empty or overlong text.
pub async fn search(
    app: &App,
    who: &Principal,
    connection_id: Uuid,
    query: &str,
    listing: Listing,
) -> Result<Page<CloudFile>> {
    let query = query.trim().to_owned();
    if query.is_empty() || query.len() > MAX_QUERY {
        return Err(Error::invalid(&["query"], format!("a search text has 1 to {MAX_QUERY} bytes")));
    }
    let id = usable(app, who, connection_id).await?;
    connection::call(app, id, |cloud, access| {
        let (query, listing) = (query.clone(), listing.clone());
        async move { cloud.search(&access, &query, &listing).await }
    })
    .await
}

/// The shared drives the account is a member of.
///
/// # Errors
/// As `browse`.
pub async fn drives(app: &App, who: &Principal, connection_id: Uuid, listing: Listing) -> Result<Page<Drive>> {
    let id = usable(app, who, connection_id).await?;
    connection::call(app, id, |cloud, access| {
        let listing = listing.clone();
        async move { cloud.drives(&access, &listing).await }
    })
    .await
}

async fn usable(app: &App, who: &Principal, connection_id: Uuid) -> Result<Uuid> {
    who.require(Scope::Read)?;
    Ok(connection::usable(app, who, connection_id).await?.id)
}
