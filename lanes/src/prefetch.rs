//! Asking the CPU for memory that will be read soon.
#![cfg_attr(target_arch = "x86_64", allow(unsafe_code))]

/// Starts to fetch the cache lines that hold the first and the last byte of `place`, where there is a way to say so.
#[inline(always)]
pub(crate) fn prefetch<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use core::arch::x86_64::{_mm_prefetch, _MM_HINT_T0};
        let place: *const T = place;
        let end = place.cast::<i8>().wrapping_add(size_of::<T>().saturating_sub(1));
        // SAFETY: a prefetch has no effect that a program can see, wherever it points; every x86-64 CPU has it (SSE).
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(place.cast());
            _mm_prefetch::<_MM_HINT_T0>(end);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}
