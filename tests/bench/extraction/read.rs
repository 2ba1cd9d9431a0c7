//! Our side: the real program, one process a file.

use std::path::PathBuf;

use anyhow::{Context, Result};
use hawser_extract::{
    child::{self, Answer, Hint, Task},
    tools::Tools,
};

use super::corpus::File;

pub struct Reader {
    pub program: PathBuf,
    pub tools: Tools,
}

impl Reader {
    pub async fn text(&self, file: &File) -> Result<Answer> {
        self.read(file, Task::Text).await
    }

    pub async fn picture(&self, file: &File) -> Result<Answer> {
        self.read(file, Task::Picture).await
    }

    async fn read(&self, file: &File, task: Task) -> Result<Answer> {
        let open = std::fs::File::open(&file.path).with_context(|| format!("cannot open {}", file.path.display()))?;
        // A cloud knows a name, and of the type only what the name tells.
        let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let hint = Hint { name, mime_type: None };
        Ok(child::read(&self.program, &self.tools, task, open, &hint).await?)
    }
}
