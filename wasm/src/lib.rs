//! The bridge between a web page and a Selge program in WebAssembly.
//!
//! A program is a function from bytes to bytes, which [`export!`] hands to the page. The page calls, in this order:
//!
//! 1. `selge_input(length)`, which gives the address of that many bytes, and writes its message there,
//! 2. `selge_call()`, which gives the address of the answer,
//! 3. `selge_length()`, which gives the answer's length, and copies the answer before it calls again.
//!
//! Message and answer are wiped when the next call takes their place. The module imports `selge.random(address, length)`,
//! which must fill that many bytes with `crypto.getRandomValues`: all randomness of the program comes from there. A program
//! that uses [`host`] imports its functions too.

pub mod host;

use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// Longest message: a page that asks for more has gone wrong. The longest that a page sends is a list of ciphertexts with
/// its proof.
const MAX_MESSAGE: usize = 1 << 30;

/// What is handed over between the page and the program.
static INPUT: Mutex<Option<Message>> = Mutex::new(None);
static OUTPUT: Mutex<Option<Message>> = Mutex::new(None);

/// Bytes that are wiped when they are dropped.
type Message = Zeroizing<Vec<u8>>;

fn hold(place: &Mutex<Option<Message>>) -> MutexGuard<'_, Option<Message>> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes room for a message and gives its address; null if it is too long. Called by the page, through [`export!`].
pub fn input(length: usize) -> *mut u8 {
    if length > MAX_MESSAGE {
        return std::ptr::null_mut();
    }
    hold(&INPUT).insert(Zeroizing::new(vec![0; length])).as_mut_ptr()
}

/// Lets the program answer the message and gives the answer's address. Called by the page, through [`export!`].
pub fn call(program: impl FnOnce(&[u8]) -> Message) -> *const u8 {
    let message = hold(&INPUT).take().unwrap_or_default();
    let answer = program(&message);
    hold(&OUTPUT).insert(answer).as_ptr()
}

/// The answer's length. Called by the page, through [`export!`].
pub fn length() -> usize {
    hold(&OUTPUT).as_ref().map_or(0, |answer| answer.len())
}

/// Hands a program, a `fn(&[u8]) -> Zeroizing<Vec<u8>>`, to the page.
#[macro_export]
macro_rules! export {
    ($program:path) => {
        #[no_mangle]
        extern "C" fn selge_input(length: usize) -> *mut u8 {
            $crate::input(length)
        }
        #[no_mangle]
        extern "C" fn selge_call() -> *const u8 {
            $crate::call($program)
        }
        #[no_mangle]
        extern "C" fn selge_length() -> usize {
            $crate::length()
        }
    };
}

#[cfg(target_arch = "wasm32")]
mod random {
    #![allow(unsafe_code)] // the browser is asked for randomness

    #[link(wasm_import_module = "selge")]
    extern "C" {
        fn random(address: *mut u8, length: usize);
    }

    fn fill(buffer: &mut [u8]) -> Result<(), getrandom::Error> {
        // SAFETY: the page writes `length` bytes at `address` and keeps neither; both are those of a live buffer. A
        // browser that cannot give randomness throws, which ends the program before anything is made of it.
        unsafe { random(buffer.as_mut_ptr(), buffer.len()) };
        Ok(())
    }

    getrandom::register_custom_getrandom!(fill);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reaches_the_program_and_its_answer_the_page() {
        assert!(!input(5).is_null());
        hold(&INPUT).as_mut().unwrap().copy_from_slice(b"hello");
        let reverse = |message: &[u8]| Zeroizing::new(message.iter().rev().copied().collect());
        assert!(!call(reverse).is_null());
        assert_eq!(length(), 5);
        assert_eq!(hold(&OUTPUT).as_deref().map(Vec::as_slice), Some(&b"olleh"[..]));
        assert!(hold(&INPUT).is_none(), "a message is not answered twice");
        assert!(input(MAX_MESSAGE + 1).is_null());
    }
}
