//! What the page does for a program while it runs: a clock, files, and telling how far things are.
//!
//! The functions behind it are imported from the page's worker, which can answer at once: browsers let workers read files that
//! a person has chosen, and whatever they have fetched, without waiting. In any other program than one for a browser there
//! are no files and no time passes.

use std::time::Duration;

/// Why the page has no such file for the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileError {
    /// There is none of this name.
    Missing,
    /// It is longer than it may be.
    TooLong,
    /// The browser does not hand it out, or there is no memory for it.
    Unreadable,
}

/// Reads a file that the page has been given, if it has at most `max` bytes.
///
/// # Errors
/// [`FileError`].
pub fn read(path: &str, max: u64) -> Result<Vec<u8>, FileError> {
    let size = bridge::size(path);
    // What is negative, no number or no length is an answer too.
    let size = match size {
        -1.0 => return Err(FileError::Missing),
        size if (0.0..9e15).contains(&size) => size as u64,
        _ => return Err(FileError::Unreadable),
    };
    if size > max {
        return Err(FileError::TooLong);
    }
    let length = usize::try_from(size).map_err(|_| FileError::Unreadable)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(length).map_err(|_| FileError::Unreadable)?;
    bytes.resize(length, 0);
    if bridge::read(path, &mut bytes) {
        Ok(bytes)
    } else {
        Err(FileError::Unreadable)
    }
}

/// Time since any fixed moment.
pub fn now() -> Duration {
    Duration::try_from_secs_f64(bridge::now() / 1000.0).unwrap_or_default()
}

/// Tells the page something while the program runs.
pub fn tell(message: &[u8]) {
    bridge::tell(message);
}

#[cfg(target_arch = "wasm32")]
mod bridge {
    #![allow(unsafe_code)] // the page is asked

    mod imported {
        #[link(wasm_import_module = "selge")]
        extern "C" {
            pub(super) fn size(path: *const u8, length: usize) -> f64;
            pub(super) fn read(path: *const u8, path_length: usize, address: *mut u8, length: usize) -> u32;
            pub(super) fn now() -> f64;
            pub(super) fn tell(address: *const u8, length: usize);
        }
    }

    pub(super) fn size(path: &str) -> f64 {
        // SAFETY: the page reads the path, which lives until it has answered, and keeps nothing.
        unsafe { imported::size(path.as_ptr(), path.len()) }
    }

    pub(super) fn read(path: &str, bytes: &mut [u8]) -> bool {
        // SAFETY: the page reads the path and writes at most `length` bytes at the address, both of live buffers.
        unsafe { imported::read(path.as_ptr(), path.len(), bytes.as_mut_ptr(), bytes.len()) == 1 }
    }

    pub(super) fn now() -> f64 {
        // SAFETY: nothing is handed over.
        unsafe { imported::now() }
    }

    pub(super) fn tell(message: &[u8]) {
        // SAFETY: the page reads the message, which lives until it has, and keeps nothing.
        unsafe { imported::tell(message.as_ptr(), message.len()) }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod bridge {
    pub(super) fn size(_path: &str) -> f64 {
        -1.0
    }

    pub(super) fn read(_path: &str, _bytes: &mut [u8]) -> bool {
        false
    }

    pub(super) fn now() -> f64 {
        0.0
    }

    pub(super) fn tell(_message: &[u8]) {}
}
