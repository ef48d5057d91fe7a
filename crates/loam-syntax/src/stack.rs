//! Room for recursion.

/// Nesting that surely fits into any thread's stack.
const SHALLOW: u32 = 32;

/// Enough for [`crate::limits::MAX_DEPTH`] levels in an unoptimised build, several times.
const STACK: usize = 64 << 20;

/// Runs `work`, on a thread with a large stack if the nesting is deep.
pub(crate) fn with_room<T: Send>(nesting: u32, work: impl FnOnce() -> T + Send) -> T {
    if nesting <= SHALLOW {
        return work();
    }
    let mut work = Some(work);
    let slot = &mut work;
    let done = std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, move || slot.take().map(|w| w()))
            .map(|handle| handle.join())
    });
    match done {
        Ok(Ok(Some(result))) => result,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        // No thread could be started: the limit on nesting still holds here.
        _ => match work {
            Some(work) => work(),
            None => unreachable!("a thread that was not started has not taken the work"),
        },
    }
}
