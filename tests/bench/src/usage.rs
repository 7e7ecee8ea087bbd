//! What a program has used, as the kernel counts it.

use std::fs;
use std::time::Duration;

use chromium::family;

/// CPU time, user and system, of a process with all its threads and of its children: some peers
/// work in processes that they start. In nanoseconds, as the scheduler counts it: the hundredths of
/// a second in `/proc/PID/stat` are the same count, too coarse for short times.
pub(crate) fn cpu(process: u32) -> Duration {
    family(process).into_iter().map(of_threads).sum()
}

fn of_threads(process: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten();
    let stats =
        tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("schedstat")).ok());
    let nanos = stats.filter_map(|stat| stat.split_whitespace().next()?.parse::<u64>().ok());
    Duration::from_nanos(nanos.sum())
}

/// CPU time of this program alone.
pub(crate) fn own_cpu() -> Duration {
    of_threads(std::process::id())
}

/// Memory in bytes of a process and its children: the proportional set size, which counts what
/// several share once.
pub(crate) fn memory(process: u32) -> u64 {
    let pss = |id: u32| {
        let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    family(process).into_iter().filter_map(pss).sum::<u64>() * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_cpu_time_and_memory_is_counted() {
        let me = std::process::id();
        let before = cpu(me);
        let mut sum = 0_u64;
        while cpu(me) < before + Duration::from_millis(50) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        assert!(memory(me) > 100_000);
    }
}
