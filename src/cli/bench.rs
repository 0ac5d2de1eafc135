//! todo
use super::{args::BenchArgs, console::Console, exit::Exit};
pub(crate) fn run(_: &BenchArgs, _: Console) -> anyhow::Result<Exit> {
    anyhow::bail!("x")
}
