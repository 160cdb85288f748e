//! What tasks speak of: the election's key, and lists of ciphertexts.

use selge_core::ceremony::{CeremonyContext, CeremonyError, Commitments, JointKey, Round1};
use selge_core::codec::{put_count, put_opaque, Decode, DecodeError, Encode, Reader};
use selge_core::elgamal::CiphertextList;
use selge_core::group::Generators;
use selge_core::ids::Digest;
use selge_core::manifest::{Manifest, ManifestError, MAX_MANIFEST};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What all tasks of an audit rest on: the manifest, and the key that the ceremony's commitments give.
#[derive(Debug)]
pub struct Ground {
    manifest: Arc<Manifest>,
    /// The manifest's bytes.
    document: Arc<Vec<u8>>,
    commitments: Vec<Commitments>,
    key: JointKey,
    generators: Mutex<Arc<Generators>>,
}

/// A manifest or a ceremony that tasks cannot rest on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GroundError {
    /// The bytes are none of a ground.
    #[error(transparent)]
    Bytes(#[from] DecodeError),
    /// The manifest is none.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The commitments are none, or not the ceremony's.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
}

impl Ground {
    /// For a key that has been checked, from the commitments that give it.
    pub(crate) fn new(
        manifest: Arc<Manifest>,
        document: Arc<Vec<u8>>,
        commitments: Vec<Commitments>,
        key: JointKey,
    ) -> Self {
        Ground { manifest, document, commitments, key, generators: Mutex::new(Arc::new(Generators::new(0))) }
    }

    /// From [`Ground::to_bytes`], with all checks of the manifest and of the commitments.
    ///
    /// # Errors
    /// [`GroundError`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, GroundError> {
        let mut reader = Reader::new(bytes);
        let document = Arc::new(reader.opaque(MAX_MANIFEST, "manifest")?.to_vec());
        let count = reader.count(u8::MAX.into(), 1, "ceremony commitments")?;
        let commitments = (0..count).map(|_| Commitments::decode(&mut reader)).collect::<Result<Vec<_>, _>>()?;
        reader.finish("ground")?;
        let manifest = Arc::new(Manifest::parse(&document)?);
        let ctx =
            CeremonyContext { election: manifest.id(), trustees: manifest.trustees(), threshold: manifest.threshold() };
        let key = Round1::new(&ctx, &commitments)?.joint_key(&ctx)?;
        Ok(Ground::new(manifest, document, commitments, key))
    }

    /// For another instance.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_opaque(&mut bytes, &self.document);
        put_count(&mut bytes, self.commitments.len());
        self.commitments.iter().for_each(|m| m.encode(&mut bytes));
        bytes
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The trustees' key.
    pub fn key(&self) -> &JointKey {
        &self.key
    }

    /// At least `n` generators; those of the contest before are kept.
    pub(super) fn generators(&self, n: usize) -> Arc<Generators> {
        let mut generators = self.generators.lock().unwrap_or_else(PoisonError::into_inner);
        if generators.len() < n {
            // Nobody else holds them once the task before is done; if somebody does, they are derived anew.
            match Arc::get_mut(&mut generators) {
                Some(own) => own.extend(n),
                None => *generators = Arc::new(Generators::new(n)),
            }
        }
        Arc::clone(&generators)
    }
}

/// A list of ciphertexts of a known size as it is in a file: decoded where it is needed, once.
#[derive(Debug)]
pub struct ListFile {
    bytes: Vec<u8>,
    count: usize,
    width: usize,
    decoded: OnceLock<Result<Arc<CiphertextList>, DecodeError>>,
}

impl ListFile {
    /// A list from bytes that nobody has looked at.
    pub fn new(bytes: Vec<u8>, count: usize, width: usize) -> Self {
        ListFile { bytes, count, width, decoded: OnceLock::new() }
    }

    /// The same with its points decoded, if they are some; the bytes are then there once.
    pub fn read(self) -> Self {
        match self.list() {
            Ok(list) => ListFile::of(list),
            Err(_) => self,
        }
    }

    /// A list that has been made here.
    pub fn of(list: &Arc<CiphertextList>) -> Self {
        let (bytes, count, width) = (Vec::new(), list.len(), list.width());
        ListFile { bytes, count, width, decoded: OnceLock::from(Ok(Arc::clone(list))) }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        match self.decoded.get() {
            Some(Ok(list)) => list.bytes(),
            _ => &self.bytes,
        }
    }

    /// Vectors that it must hold.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Ciphertexts of each vector.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The list.
    ///
    /// # Errors
    /// [`DecodeError`] if the bytes are none of this size.
    pub fn list(&self) -> Result<&Arc<CiphertextList>, DecodeError> {
        let decode = || CiphertextList::from_bytes(&self.bytes, self.count, self.width).map(Arc::new);
        self.decoded.get_or_init(decode).as_ref().map_err(Clone::clone)
    }

    /// The digest of the bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(self.bytes())
    }
}
