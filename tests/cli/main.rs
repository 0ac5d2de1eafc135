//! What the built binary does, one module for each behaviour. Every test runs it in a temporary
//! folder with an environment of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on has failed")]

mod batch;
mod batch_limits;
mod batch_resume;
mod batch_shard;
mod batch_stop;
mod batch_watch;
mod bench;
mod cells;
mod cloud;
mod codes;
mod config;
mod convert;
mod docs;
mod faults;
mod generated;
mod help;
mod images;
mod learn;
mod locked;
mod logging;
mod metrics;
mod optimize;
mod reports;
mod sandbox;
mod score;
mod shrink;
mod stages;
