//! A fixed piece of work, so that times of different machines can be compared as multiples of it.

use std::hint::black_box;
use std::time::Instant;

/// Rounds of which the fastest counts: what disturbs a round only ever makes it slower.
const ROUNDS: usize = 5;

/// Steps of a round; about 10 ms on a machine of 2020.
const STEPS: u32 = 2_000_000;

/// The time of the work on this machine now, ms: floating point and memory, as tracing has it.
pub(super) fn milliseconds() -> f64 {
    let mut table = vec![1.0f64; 1 << 15];
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            let mut at = 1usize;
            for i in 0..STEPS {
                at = (at.wrapping_mul(1_103_515_245).wrapping_add(12_345)) & (table.len() - 1);
                table[at] = (table[at] + f64::from(i)).sqrt() + 1.0;
            }
            black_box(&table);
            start.elapsed().as_secs_f64() * 1e3
        })
        .fold(f64::INFINITY, f64::min)
}
