//! Failed sign-ins that several processes count together. What Redis forgets, each process still counts for itself.

use std::{sync::LazyLock, time::Duration};

use redis::Script;
use sha2::{Digest, Sha256};

use super::{Gone, Redis};

/// Milliseconds; no less than a count holds.
const END: i64 = 15 * 60 * 1000;

static BEGIN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("tries.lua")));

impl Redis {
    /// Counts a try of each of these, at most so many within the window. `Some` with the time until the next is allowed
    /// where there were too many; then nothing is counted. `ahead` is how far the clock of whoever asks was moved.
    ///
    /// # Errors
    /// `Gone` when Redis does not answer.
    pub(crate) async fn begin_try(
        &self,
        whose: &[(String, u32)],
        window: Duration,
        ahead: Duration,
    ) -> Result<Option<Duration>, Gone> {
        let micros = |it: Duration| u64::try_from(it.as_micros()).unwrap_or(u64::MAX);
        let mut script = BEGIN.prepare_invoke();
        script.arg(micros(ahead)).arg(micros(window));
        for (name, most) in whose {
            script.key(self.try_key(name)).arg(*most);
        }
        let wait: u64 = self.run(&script).await?;
        Ok((wait > 0).then(|| Duration::from_micros(wait)))
    }

    /// Forgets the first one's tries, and takes this one back from the others.
    ///
    /// # Errors
    /// `Gone` when Redis does not answer.
    pub(crate) async fn forget_tries(&self, whose: &[(String, u32)]) -> Result<(), Gone> {
        let mut commands = redis::pipe();
        for (number, (name, _)) in whose.iter().enumerate() {
            match number {
                0 => commands.del(self.try_key(name)).ignore(),
                // Where it was forgotten meanwhile, what this makes ends, too.
                _ => commands.hincr(self.try_key(name), "tries", -1).ignore().pexpire(self.try_key(name), END).ignore(),
            };
        }
        self.ask_all(&commands).await
    }

    /// Without the name itself: nobody's address lies about in Redis.
    fn try_key(&self, name: &str) -> String {
        self.key(&format!("tries:{}", hex::encode(Sha256::digest(name))))
    }
}
