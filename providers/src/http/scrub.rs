//! Keeps secrets out of the words a cloud sends back before they reach a log or a person.

const MAX_WORDS: usize = 300;

/// One line of at most 300 characters in which queries of URLs and anything that looks like a token are replaced.
pub fn scrub(text: &str) -> String {
    let mut out = String::new();
    let mut after_bearer = false;
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        if after_bearer || looks_secret(word) {
            out.push('…');
        } else if word.contains("://") {
            out.push_str(word.split(['?', '#']).next().unwrap_or_default());
        } else {
            out.push_str(word);
        }
        after_bearer = word.eq_ignore_ascii_case("bearer");
        if out.chars().count() > MAX_WORDS {
            out = out.chars().take(MAX_WORDS).collect();
            out.push('…');
            break;
        }
    }
    out
}

fn looks_secret(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let lower = word.to_ascii_lowercase();
    // Google's access and refresh tokens and client secrets, JSON web tokens, and `…token=value` pairs.
    lower.contains("ya29.")
        || lower.starts_with("1//")
        || lower.starts_with("gocspx-")
        || lower.starts_with("eyj")
        || ["token=", "secret=", "code=", "key=", "password="]
            .iter()
            .any(|mark| lower.contains(mark) && !lower.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_queries_never_survive() {
        let text = "Bearer abc123 at https://lh3.googleusercontent.com/x?sig=SECRET with ya29.A0AfH and \
                    access_token=zzz GOCSPX-abc eyJhbGciOi.e30.x";
        let clean = scrub(text);
        for secret in ["abc123", "SECRET", "A0AfH", "zzz", "GOCSPX-abc", "eyJ"] {
            assert!(!clean.contains(secret), "{secret} in {clean}");
        }
        assert!(clean.contains("https://lh3.googleusercontent.com/x"));
    }

    #[test]
    fn plain_words_stay_as_they_are_but_not_for_ever() {
        assert_eq!(scrub("File not found: 1a2b."), "File not found: 1a2b.");
        assert!(scrub(&"word ".repeat(1000)).chars().count() <= MAX_WORDS + 1);
    }
}
