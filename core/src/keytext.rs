//! What is inside a key file, which is encrypted as a whole: a line that says what the secret is for, and the secret in
//! hexadecimal, so that a voter's credential is never taken for a trustee's key.

use zeroize::Zeroizing;

/// Why a text is not a secret for this role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyTextError {
    /// Not of these programs.
    #[error("it is not a Selge key file")]
    Foreign,
    /// A secret for something else.
    #[error("it holds a {found} key, a {expected} key is needed")]
    Role {
        /// Role found.
        found: String,
        /// Role expected.
        expected: String,
    },
}

/// Writes a secret for `role`.
pub fn write(role: &str, secret: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(format!("selge {role}\n{}\n", *Zeroizing::new(hex::encode(secret))))
}

/// Reads a secret for `role`.
///
/// # Errors
/// [`KeyTextError`].
pub fn read(plain: &[u8], role: &str) -> Result<Zeroizing<Vec<u8>>, KeyTextError> {
    let text = std::str::from_utf8(plain).ok().and_then(|text| text.strip_suffix('\n'));
    let (head, secret) = text.and_then(|text| text.split_once('\n')).ok_or(KeyTextError::Foreign)?;
    match head.strip_prefix("selge ") {
        Some(found) if found == role => {}
        Some(found) => return Err(KeyTextError::Role { found: found.to_owned(), expected: role.to_owned() }),
        None => return Err(KeyTextError::Foreign),
    }
    hex::decode(secret).map(Zeroizing::new).map_err(|_| KeyTextError::Foreign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_for_its_role_alone() {
        let text = write("voter", &[1, 2, 255]);
        assert_eq!(*text, "selge voter\n0102ff\n");
        assert_eq!(*read(text.as_bytes(), "voter").unwrap(), [1, 2, 255]);
        assert!(matches!(read(text.as_bytes(), "trustee"), Err(KeyTextError::Role { found, .. }) if found == "voter"));
        for foreign in ["", "selge voter\n0102ff", "selge voter\n01 2ff\n", "other voter\n0102ff\n", "selge voter\n"] {
            assert_eq!(read(foreign.as_bytes(), "voter"), Err(KeyTextError::Foreign), "{foreign:?}");
        }
        assert_eq!(read(&[0xff], "voter"), Err(KeyTextError::Foreign));
    }
}
