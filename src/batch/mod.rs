//! The pipeline over folders: find files, plan outputs, run in parallel, report in order.
//!
//! [`discover`] walks, [`plan`] decides every output before any work starts, [`run`] works the
//! jobs off on a pool and hands each record to an [`Observer`] in the order of the plan. A [`Journal`]
//! knows what earlier runs did, a [`Shard`] is the part of a run that one of several machines does.

mod admission;
mod ahead;
mod discover;
mod journal;
mod memory;
mod plan;
mod processors;
mod run;
mod shard;

pub use discover::{Discovery, Filter, Found, below, discover};
pub use journal::{Journal, Orphan};
pub use memory::default_budget;
pub use plan::{Naming, plan};
pub use run::{Observer, Oversized, RunOptions, dry_run, run};
pub use shard::Shard;
