//! A voter's credential file (age under a passphrase, as `voter-client enroll` writes it) for the voting page, which
//! otherwise takes the credential as a code. Most voters have no such file, so this is a module of its own.
//!
//! The page sends `{"file": base64, "passphrase": text}` and gets `{"done": {"code": text}}` or `{"problem": {"name", "detail"}}`.

use age::secrecy::SecretString;
use age::{scrypt, DecryptError};
use base64::engine::general_purpose::STANDARD;
use base64::Engine;
use selge_core::keytext::{self, KeyTextError};
use selge_voter_client::{Voter, VOTER_ROLE};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

/// Most scrypt work (2^n) that a file may demand: 2^20 takes a gibibyte, more than that not every browser has.
const MAX_WORK: u8 = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    file: String,
    passphrase: Zeroizing<String>,
}

/// What is wrong: a name that the page has words for, and details.
type Problem = (&'static str, String);

fn open(message: &[u8]) -> Result<Zeroizing<String>, Problem> {
    let internal = |error: &dyn std::fmt::Display| ("internal", error.to_string());
    let Request { file, passphrase } = serde_json::from_slice(message).map_err(|error| internal(&error))?;
    let file = STANDARD.decode(file).map_err(|error| internal(&error))?;
    let mut identity = scrypt::Identity::new(SecretString::from(passphrase.to_string()));
    identity.set_max_work_factor(MAX_WORK);
    let plain = age::decrypt(&identity, &file).map(Zeroizing::new).map_err(|error| {
        let name = match error {
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => "file-passphrase",
            DecryptError::ExcessiveWork { .. } => "file-work",
            _ => "file-unknown",
        };
        (name, error.to_string())
    })?;
    let secret = keytext::read(&plain, VOTER_ROLE).map_err(|error| match error {
        KeyTextError::Role { .. } => ("file-role", error.to_string()),
        _ => ("file-unknown", error.to_string()),
    })?;
    let voter = Voter::from_secret(&secret).ok_or(("file-unknown", "it does not hold a voter's credential".into()))?;
    Ok(voter.code())
}

/// Answers one message of the page.
pub fn answer(message: &[u8]) -> Zeroizing<Vec<u8>> {
    let answer = match open(message) {
        Ok(code) => json!({ "done": { "code": *code } }),
        Err((name, detail)) => json!({ "problem": { "name": name, "detail": detail } }),
    };
    Zeroizing::new(serde_json::to_vec(&answer).unwrap_or_default())
}

selge_wasm::export!(crate::answer);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn sealed(plain: &str, work: u8) -> Vec<u8> {
        let mut recipient = scrypt::Recipient::new(SecretString::from("correct horse".to_owned()));
        recipient.set_work_factor(work);
        age::encrypt(&recipient, plain.as_bytes()).unwrap()
    }

    fn ask(file: &[u8], passphrase: &str) -> Value {
        let message = json!({ "file": STANDARD.encode(file), "passphrase": passphrase });
        serde_json::from_slice(&answer(message.to_string().as_bytes())).unwrap()
    }

    #[test]
    fn a_credential_file_opens_with_its_passphrase_alone() {
        let secret = [7u8; 48];
        let code = Voter::from_secret(&secret).unwrap().code();
        let file = sealed(&keytext::write(VOTER_ROLE, &secret), 1);
        assert_eq!(ask(&file, "correct horse"), json!({ "done": { "code": *code } }));
        let refused =
            |file: &[u8], passphrase: &str| ask(file, passphrase)["problem"]["name"].as_str().unwrap().to_owned();
        assert_eq!(refused(&file, "wrong"), "file-passphrase");
        let mut bent = file.clone();
        *bent.last_mut().unwrap() ^= 1;
        assert_ne!(ask(&bent, "correct horse").get("done"), Some(&json!({ "code": *code })));
        assert_eq!(refused(b"age-encryption.org/v1\nnonsense", "x"), "file-unknown");
        assert_eq!(refused(b"", "x"), "file-unknown");
        assert_eq!(refused(&sealed("hello", 1), "correct horse"), "file-unknown");
        assert_eq!(refused(&sealed(&keytext::write("trustee", &[7; 32]), 1), "correct horse"), "file-role");
        assert_eq!(refused(&sealed(&keytext::write(VOTER_ROLE, &[7; 47]), 1), "correct horse"), "file-unknown");
        // Work that would stop a browser is not begun: the head's own number says so.
        let heavy = String::from_utf8_lossy(&file[..120]).replacen(" 1\n", " 30\n", 1);
        let heavy = [heavy.as_bytes(), &file[120..]].concat();
        assert_eq!(refused(&heavy, "correct horse"), "file-work");
        assert_eq!(serde_json::from_slice::<Value>(&answer(b"{}")).unwrap()["problem"]["name"], "internal");
    }
}
