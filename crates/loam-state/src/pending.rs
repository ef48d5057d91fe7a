//! Answers that come later.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use futures::channel::oneshot;

use crate::StoreError;

/// An answer of the store. Await it, or block on it with [`Pending::wait`]. The work is
/// done even if nobody waits.
#[derive(Debug)]
#[must_use = "only the answer tells that something is stored"]
pub struct Pending<T>(Inner<T>);

#[derive(Debug)]
enum Inner<T> {
    Ready(Option<Result<T, StoreError>>),
    Later(oneshot::Receiver<Result<T, StoreError>>),
}

impl<T> Pending<T> {
    /// An answer that is there already.
    pub(crate) fn ready(result: Result<T, StoreError>) -> Pending<T> {
        Pending(Inner::Ready(Some(result)))
    }

    pub(crate) fn later(receiver: oneshot::Receiver<Result<T, StoreError>>) -> Pending<T> {
        Pending(Inner::Later(receiver))
    }

    /// Blocks the thread until the answer is there. Not for async code.
    pub fn wait(mut self) -> Result<T, StoreError>
    where
        T: Unpin,
    {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match Pin::new(&mut self).poll(&mut context) {
                Poll::Ready(answer) => return answer,
                Poll::Pending => std::thread::park(),
            }
        }
    }
}

impl<T: Unpin> Future for Pending<T> {
    type Output = Result<T, StoreError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.get_mut().0 {
            Inner::Ready(answer) => Poll::Ready(answer.take().unwrap_or(Err(StoreError::Stopped))),
            Inner::Later(receiver) => Pin::new(receiver)
                .poll(context)
                .map(|answer| answer.unwrap_or(Err(StoreError::Stopped))),
        }
    }
}
