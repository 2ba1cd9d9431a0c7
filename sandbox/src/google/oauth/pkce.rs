//! Proof keys for code exchange, RFC 7636.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// A verifier or challenge has 43 to 128 unreserved characters.
pub fn is_well_formed(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}

pub fn proves(verifier: &str, challenge: &str, s256: bool) -> bool {
    if s256 { URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == challenge } else { verifier == challenge }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_appendix_b_holds() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        assert!(is_well_formed(verifier));
        assert!(proves(verifier, challenge, true));
        assert!(!proves(verifier, challenge, false));
        assert!(!proves("x", challenge, true));
        assert!(proves(verifier, verifier, false));
    }
}
