//! The tables that `docs/benchmarks.md` holds.

use crate::Row;
use crate::client::Measured;

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The median of the pairs' ratios: a pair ran side by side, so the machine's mood cancels out.
fn ratio(row: &Row) -> f64 {
    let pairs = row.kith.iter().zip(&row.reference);
    median(pairs.map(|(kith, reference)| kith.per_second() / reference.per_second()))
}

/// The median of the runs' percentiles.
fn percentile(runs: &[Measured], share: f64) -> f64 {
    median(runs.iter().map(|run| run.percentile(share)))
}

pub(crate) fn print(rows: &[Row]) {
    println!("| mix | reference, requests/s | Kith, requests/s | ratio | p50, ms | p99, ms |");
    println!("|---|---|---|---|---|---|");
    for row in rows {
        let speed = |all: &[Measured]| median(all.iter().map(Measured::per_second));
        println!(
            "| {} | {:.0} | {:.0} | **{:.2}** | {:.2} | {:.2} |",
            row.mix.name(),
            speed(&row.reference),
            speed(&row.kith),
            ratio(row),
            percentile(&row.kith, 0.5),
            percentile(&row.kith, 0.99),
        );
    }
    println!("\nAt half of Kith's load, at fixed times:\n");
    println!(
        "| mix | requests/s | reference p99, ms | p50, ms | p99, ms | longest, ms | memory, MB | highest, MB | bytes/event |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {} | {} | {:.0} |",
            row.mix.name(),
            median(row.half.iter().map(Measured::per_second)),
            percentile(&row.floor, 0.99),
            percentile(&row.half, 0.5),
            percentile(&row.half, 0.99),
            row.half.iter().map(|run| run.percentile(1.0)).fold(0.0, f64::max),
            row.memory.resident,
            row.memory.highest,
            row.bytes_per_event,
        );
    }
}
