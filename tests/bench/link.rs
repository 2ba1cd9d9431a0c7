//! What linking 2,000 files in four requests costs: cloud calls, time, rows.

use anyhow::{Result, ensure};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    figure::{Figures, Goal},
    scene::{PLAIN, Scene, TEXT},
};

const FILES: usize = 2000;
const TABLES: [&str; 5] = ["document", "content", "document_ancestor", "change", "job"];

pub async fn run(figures: &Figures) -> Result<()> {
    // With a picture each, a job row follows every document; without, none does.
    for (name, mime) in [("link", TEXT), ("link.without_pictures", PLAIN)] {
        let scene = Scene::set().await?;
        let ids = scene.files(FILES, "file-", mime).await?;
        let before = rows(&scene).await?;
        scene.forget_calls().await?;
        let (documents, seconds) = scene.link(&ids).await?;
        let calls = scene.calls().await?.len();
        let made = rows(&scene).await? - before;
        ensure!(made >= 4 * FILES as i64, "too few rows were written: {made}");
        figures.put(&format!("{name}.cloud_calls"), calls as f64, "calls", Goal::None);
        figures.put(&format!("{name}.seconds"), seconds, "s", Goal::None);
        figures.put(&format!("{name}.rows"), made as f64, "rows", Goal::None);
        figures.put(&format!("{name}.rows_per_second"), made as f64 / seconds, "rows/s", Goal::None);
        figures.put(&format!("{name}.documents_per_second"), documents.len() as f64 / seconds, "docs/s", Goal::None);
    }
    Ok(())
}

async fn rows(scene: &Scene) -> Result<i64> {
    let mut sum = 0;
    for table in TABLES {
        let db = scene.house.app.database.read();
        let sql = Statement::from_string(db.get_database_backend(), format!("SELECT count(*) AS rows FROM {table}"));
        let row = db.query_one_raw(sql).await?;
        sum += row.map_or(Ok(0), |row| row.try_get::<i64>("", "rows"))?;
    }
    Ok(sum)
}
