//! What this server can do with contents, found out when it started: for operators who wonder why there is no picture of a
//! film.

use async_graphql::{Context, Object, Result, SimpleObject, resolver_utils::EnumType};
use hawser_domain::extraction;

use super::{
    caller::{app, viewer},
    error::Code,
};

/// What this server can do.
#[derive(SimpleObject)]
struct Capabilities {
    /// Whether contents are read at all.
    reads_contents: bool,
    /// The version of the reader. What an older one failed at is read again by a newer one.
    reader_version: i32,
    /// Programs that may be installed beside Hawser, and what each adds.
    programs: Vec<OptionalProgram>,
    /// Every code that a top-level error of this server can have in `extensions.code`.
    error_codes: Vec<Code>,
}

/// A program that may be installed beside Hawser.
#[derive(SimpleObject)]
struct OptionalProgram {
    /// What it is called.
    name: &'static str,
    /// What it adds.
    adds: &'static str,
    /// Whether it was found when the server started.
    is_installed: bool,
}

#[derive(Default)]
pub struct CapabilitiesQuery;

#[Object]
impl CapabilitiesQuery {
    /// What this server can do with contents, found out when it started.
    async fn capabilities(&self, ctx: &Context<'_>) -> Result<Capabilities> {
        viewer(ctx)?;
        let app = app(ctx)?;
        let program = |name, adds, is_installed| OptionalProgram { name, adds, is_installed };
        Ok(Capabilities {
            reads_contents: app.config.extract,
            reader_version: i32::try_from(extraction::VERSION).unwrap_or(i32::MAX),
            error_codes: Code::items().iter().map(|item| item.value).collect(),
            programs: vec![
                program("ffmpeg", "pictures of films", app.tools.ffmpeg.is_some()),
                program("ffprobe", "more of what films and sounds say of themselves", app.tools.ffprobe.is_some()),
                program("vipsthumbnail", "pictures of HEIC and AVIF files", app.tools.vipsthumbnail.is_some()),
            ],
        })
    }
}
