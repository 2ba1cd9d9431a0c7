//! Builds the search index anew.

use hawser_domain::{App, Error, search};

use super::Ending;

pub async fn run(app: &App) -> Result<Ending<'_>, Error> {
    match search::rebuild(app, &|_| {}).await {
        Ok(_) => Ok(Ending::Plain),
        // The process that may write the index will take the job in another turn.
        Err(Error::WrongState { message: why, .. }) => Err(Error::Internal(why)),
        Err(error) => Err(error),
    }
}
