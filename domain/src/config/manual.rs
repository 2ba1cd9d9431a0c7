//! The manual of settings is a file of settings: every one with its default and a sentence. What it says is held against
//! what is so.

/// `hawser.default.toml`, word for word.
pub const MANUAL: &str = include_str!("../../../hawser.default.toml");

#[cfg(test)]
mod tests {
    use figment::{
        Figment,
        providers::{Format, Serialized, Toml},
    };

    use super::MANUAL;
    use crate::config::{Config, DEFAULTS, check, read};

    fn lines() -> impl Iterator<Item = &'static str> {
        MANUAL.lines().map(str::trim)
    }

    #[test]
    fn the_manual_has_every_setting_once_and_a_sentence_before_it() {
        let named = |line: &'static str| line.trim_start_matches("# ").split_once(" = ").map(|(name, _)| name);
        let names: Vec<_> = lines().filter_map(named).filter(|name| !name.contains(' ')).collect();
        let mut known = read::names();
        let mut found = names.clone();
        known.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, known);
        let mut before = "";
        for line in lines() {
            let is_setting = named(line).is_some_and(|name| names.contains(&name));
            let told = before.starts_with("# ") || named(before).is_some();
            assert!(!is_setting || told, "{line} stands there without a word");
            before = line;
        }
    }

    #[test]
    fn what_the_manual_gives_as_defaults_is_what_holds_when_nothing_is_said() {
        let defaults = Figment::from(Serialized::defaults(DEFAULTS));
        let manual = Figment::from(Toml::string(MANUAL));
        let given: figment::value::Dict = manual.extract().unwrap();
        let known: figment::value::Dict = defaults.extract().unwrap();
        assert_eq!(given.keys().collect::<Vec<_>>(), known.keys().collect::<Vec<_>>());
        let read = |figment: &Figment| {
            let (config, faults) = read::read(figment).unwrap();
            assert!(faults.is_empty(), "{faults:?}");
            format!("{config:?}")
        };
        assert_eq!(read(&manual), read(&defaults));
    }

    #[test]
    fn what_the_manual_gives_as_examples_is_taken() {
        let is_example = |line: &str| {
            line.starts_with("# ") && line[2..].split_once(" = ").is_some_and(|(name, _)| !name.contains(' '))
        };
        let all: String = lines()
            .map(|line| if is_example(line) { &line[2..] } else { line })
            .map(|line| format!("{line}\n"))
            .collect();
        let (config, mut faults) = read::read(&Figment::from(Toml::string(&all))).unwrap();
        faults.extend(check::faults(&config));
        assert!(faults.is_empty(), "{faults:?}");
        let Config { blob_secret_key, otlp_url, extractor, .. } = config;
        assert!(blob_secret_key.is_some() && otlp_url.is_some() && extractor.is_some());
    }
}
