//! The allocator. In: nothing. Out: where all values of the program live. Knows nothing of
//! them.

/// A configuration is many small values; planning ten thousand blocks takes a little more
/// than half the time that it takes with the allocator of glibc.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// `mi_option_purge_delay`: after how many milliseconds memory that is free goes back to the
/// system, or -1 for never. The number is from the header of mimalloc 3; the binding does
/// not name it.
const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;

/// Keeps what was freed for what comes next, until the program ends. By default pages go
/// back after a second, in pieces, and come again: what takes longer than a second was slower
/// by up to a third than its size explains. `MIMALLOC_PURGE_DELAY` still overrules.
#[allow(unsafe_code)]
pub fn keep() {
    // SAFETY: sets a number in a table of the allocator; it is called before the program has
    // a second thread, which is all that the function asks for.
    unsafe { libmimalloc_sys::mi_option_set_default(PURGE_DELAY, -1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(unsafe_code)]
    fn the_option_is_the_one_that_is_meant() {
        // SAFETY: reads a number in a table of the allocator.
        let get = || unsafe { libmimalloc_sys::mi_option_get(PURGE_DELAY) };
        // Its default is unlike that of its neighbours.
        assert_eq!(get(), 1000);
        keep();
        assert_eq!(get(), -1);
    }
}
