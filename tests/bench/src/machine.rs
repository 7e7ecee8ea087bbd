//! On what the figures were measured.

use std::fs;

/// Processor, cores, kernel, and how busy the machine was before: one line.
pub(crate) fn describe() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models = processors.lines().filter(|line| line.starts_with("model name"));
    let model = models.clone().next().and_then(|line| line.split_once(": "));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{}, {} cores, Linux {}, load before {}",
        model.map_or("unknown processor", |(_, model)| model),
        models.count(),
        kernel.trim(),
        load.split(' ').next().unwrap_or_default(),
    )
}
