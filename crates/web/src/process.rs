//! Figures of this process, from `/proc`.

use crate::line::Sample;

/// The kernel's `USER_HZ`, in which `/proc` counts CPU time; 100 on every Linux.
const TICKS_A_SECOND: f64 = 100.0;
const BYTES_A_KILOBYTE: f64 = 1024.0;

/// CPU time, memory, threads and open files; those that cannot be read are left out.
pub(crate) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    if let Some(seconds) = cpu_seconds() {
        samples.push(Sample {
            name: "process_cpu_seconds_total",
            help: "CPU time of the process, user and system.",
            value: seconds,
        });
    }
    if let Some(kilobytes) = status_field("VmRSS:") {
        samples.push(Sample {
            name: "process_resident_memory_bytes",
            help: "Memory of the process that is in RAM.",
            value: kilobytes * BYTES_A_KILOBYTE,
        });
    }
    if let Some(threads) = status_field("Threads:") {
        samples.push(Sample {
            name: "process_threads",
            help: "Threads of the process.",
            value: threads,
        });
    }
    if let Ok(files) = std::fs::read_dir("/proc/self/fd") {
        #[allow(clippy::cast_precision_loss)]
        samples.push(Sample {
            name: "process_open_fds",
            help: "Open files and sockets.",
            value: files.count() as f64,
        });
    }
    samples
}

fn cpu_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in brackets may hold blanks; utime and stime are the 12th and 13th after it.
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS_A_SECOND)
}

fn status_field(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    line[name.len()..].split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_process_knows_itself() {
        let names: Vec<_> = super::samples().iter().map(|sample| sample.name).collect();
        assert_eq!(names.len(), 4, "{names:?}");
    }
}
