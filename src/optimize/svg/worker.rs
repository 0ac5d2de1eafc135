//! The thread that drawings are shrunk on: one of its own for the depth that foreign files may have, and for
//! the deadline. It serves its caller's next drawing too, with the memory that the last one took.

use std::cell::RefCell;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use super::{Options, Shrunk, shrink_here};
use crate::score::render;
use crate::{Code, Error, Result};

/// Time that a drawing may take. The guard's limits keep the drawing itself well below; there are
/// up to some thirty of them.
const DEADLINE: Duration = Duration::from_secs(60);

/// A drawing to shrink, and where the result is awaited.
struct Order {
    text: String,
    options: Options,
    done: SyncSender<Result<Shrunk>>,
}

thread_local! {
    /// The worker of this thread; it ends with it.
    static WORKER: RefCell<Option<SyncSender<Order>>> = const { RefCell::new(None) };
}

/// Shrinks `text` on the worker of this thread.
pub(super) fn run(text: &str, options: &Options) -> Result<Shrunk> {
    let (done, result) = mpsc::sync_channel(1);
    let order = Order { text: text.to_string(), options: options.clone(), done };
    let worker = match WORKER.take() {
        Some(worker) => worker,
        None => start()?,
    };
    // A worker that is late or has panicked is not asked again.
    let _ = worker.send(order);
    match result.recv_timeout(DEADLINE) {
        Ok(shrunk) => {
            WORKER.set(Some(worker));
            shrunk
        }
        Err(RecvTimeoutError::Timeout) => {
            Err(Error::new(Code::SvgTooSlow, format!("not done within {:.0} s", DEADLINE.as_secs_f64())))
        }
        Err(RecvTimeoutError::Disconnected) => {
            Err(Error::new(Code::InternalPanic, "the renderer or a step panicked on this SVG"))
        }
    }
}

/// A worker that waits for orders as long as somebody may give them.
fn start() -> Result<SyncSender<Order>> {
    let (give, orders): (_, Receiver<Order>) = mpsc::sync_channel(1);
    let serve = move || {
        for order in orders {
            // Nobody listens any more after the deadline, and then nobody wants the result.
            let _ = order.done.send(shrink_here(&order.text, &order.options));
        }
    };
    std::thread::Builder::new()
        .name("shrink".into())
        .stack_size(render::STACK)
        .spawn(serve)
        .map_err(|e| Error::new(Code::InternalPanic, format!("no thread to draw the SVG on: {e}")))?;
    Ok(give)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_worker_serves_many_drawings() {
        let svg = |side: u32| {
            format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="{side}.00" height="4"/></svg>"#
            )
        };
        for side in 1..5 {
            let shrunk = run(&svg(side), &Options::default()).unwrap();
            assert!(shrunk.svg.len() < svg(side).len());
        }
        // An error is an answer too.
        assert!(run("<svg", &Options::default()).is_err());
        assert!(WORKER.with_borrow(Option::is_some));
    }
}
