//! `schema`: prints the GraphQL schema, sorted, as committed in `schema.graphql`.

pub fn run() -> anyhow::Result<()> {
    crate::say(hawser_api::sdl().trim_end());
    Ok(())
}
