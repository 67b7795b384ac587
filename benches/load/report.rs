//! The tables that `docs/benchmarks.md` holds.

use crate::{Pair, Row};

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// The median of one figure of every pair.
fn middle(row: &Row, figure: impl Fn(&Pair) -> f64) -> f64 {
    median(row.pairs.iter().map(figure))
}

pub(crate) fn print(rows: &[Row]) {
    print_full(rows);
    print_half(rows);
    print_windows(rows);
}

fn print_full(rows: &[Row]) {
    println!("| mix | reference, requests/s | Kith, requests/s | ratio | p50, ms | p99, ms |");
    println!("|---|---|---|---|---|---|");
    for row in rows {
        println!(
            "| {} | {:.0} | {:.0} | **{:.2}** | {:.2} | {:.2} |",
            row.mix.name(),
            middle(row, |pair| pair.reference.per_second()),
            middle(row, |pair| pair.kith.per_second()),
            middle(row, |pair| pair.kith.per_second() / pair.reference.per_second()),
            middle(row, |pair| pair.kith.percentile(0.5)),
            middle(row, |pair| pair.kith.percentile(0.99)),
        );
    }
}

fn print_half(rows: &[Row]) {
    println!("\nAt half of Kith's load, at fixed times:\n");
    println!(
        "| mix | requests/s | reference p99, ms | p50, ms | p99, ms | longest, ms | memory, MB | highest, MB | bytes/event |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        println!(
            "| {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {} | {} | {:.0} |",
            row.mix.name(),
            middle(row, |pair| pair.half.per_second()),
            middle(row, |pair| pair.floor.percentile(0.99)),
            middle(row, |pair| pair.half.percentile(0.5)),
            middle(row, |pair| pair.half.percentile(0.99)),
            row.pairs.iter().map(|pair| pair.half.percentile(1.0)).fold(0.0, f64::max),
            row.memory.resident,
            row.memory.highest,
            row.bytes_per_event,
        );
    }
}

/// What the medians hide.
fn print_windows(rows: &[Row]) {
    println!("\nEach window of that:\n");
    println!("| mix | window | ratio | requests/s | reference p99, ms | p99, ms | longest, ms |");
    println!("|---|---|---|---|---|---|---|");
    for row in rows {
        for (number, pair) in row.pairs.iter().enumerate() {
            println!(
                "| {} | {} | {:.2} | {:.0} | {:.2} | {:.2} | {:.1} |",
                row.mix.name(),
                number + 1,
                pair.kith.per_second() / pair.reference.per_second(),
                pair.half.per_second(),
                pair.floor.percentile(0.99),
                pair.half.percentile(0.99),
                pair.half.percentile(1.0),
            );
        }
    }
}
