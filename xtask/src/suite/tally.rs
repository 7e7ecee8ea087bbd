//! How many tests passed and failed, read from what the runners print.

use std::ops::{Add, AddAssign};

/// A count of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Tests that passed.
    pub(crate) passed: u32,
    /// Tests that failed or ran out of time.
    pub(crate) failed: u32,
    /// Whether the runner came to its end: a crate that does not compile counts no failed test.
    pub(crate) complete: bool,
}

impl Default for Tally {
    fn default() -> Self {
        Tally { passed: 0, failed: 0, complete: true }
    }
}

impl Add for Tally {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Tally {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            complete: self.complete && other.complete,
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Tally {
    /// Counts the tests of a line, if it is a runner's summary.
    pub(crate) fn read(&mut self, line: &str) {
        let line = without_colour(line);
        self.read_unittest(&line);
        // libtest: `test result: ok. 3 passed; 0 failed; …`; indented where nextest quotes it.
        // nextest: `Summary [   0.1s] 5 tests run: 3 passed (1 slow), 1 failed, 1 timed out, …`
        if !line.starts_with("test result:") && !line.trim_start().starts_with("Summary [") {
            return;
        }
        for part in line.split([';', ',', ':', '.']) {
            let mut words = part.split_whitespace();
            let Some(count) = words.next().and_then(|word| word.parse::<u32>().ok()) else {
                continue;
            };
            match words.next() {
                Some("passed") => self.passed += count,
                Some("failed" | "timed") => self.failed += count,
                // Skipped, ignored, measured, filtered: neither passed nor failed.
                _ => {}
            }
        }
    }

    /// Python's unittest says how many ran, `Ran 12 tests in 0.9s`, and on the line of the outcome how many
    /// of these did not pass: `FAILED (failures=1, errors=2, skipped=1)`.
    fn read_unittest(&mut self, line: &str) {
        if let Some(ran) = line.strip_prefix("Ran ").filter(|line| line.contains(" in ")) {
            self.passed += ran.split(' ').next().and_then(|n| n.parse::<u32>().ok()).unwrap_or(0);
        }
        let outcome = line.strip_prefix("OK (").or_else(|| line.strip_prefix("FAILED ("));
        let Some(outcome) = outcome.and_then(|outcome| outcome.strip_suffix(')')) else { return };
        for (what, count) in outcome.split(", ").filter_map(|part| part.split_once('=')) {
            let count = count.parse().unwrap_or(0);
            match what {
                "failures" | "errors" | "unexpected successes" => self.failed += count,
                "skipped" => {}
                // An expected failure is a pass.
                _ => continue,
            }
            self.passed = self.passed.saturating_sub(count);
        }
    }
}

/// The text without the escape sequences that colour it (ECMA-48: ESC [ … letter).
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        plain.push_str(before);
        let end = after.find(|c: char| c.is_ascii_alphabetic()).map_or(after.len(), |at| at + 1);
        rest = &after[end..];
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(lines: &[&str]) -> (u32, u32) {
        let mut tally = Tally::default();
        for line in lines {
            tally.read(line);
        }
        (tally.passed, tally.failed)
    }

    #[test]
    fn both_runners_are_understood() {
        assert_eq!(
            counted(&[
                "test result: ok. 31 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out"
            ]),
            (31, 0)
        );
        assert_eq!(
            counted(&["test result: FAILED. 3 passed; 2 failed; 0 ignored; finished in 0.12s"]),
            (3, 2)
        );
        assert_eq!(counted(&["     Summary [   0.004s] 3 tests run: 3 passed, 0 skipped"]), (3, 0));
        assert_eq!(
            counted(&[
                "     Summary [  12.3s] 8 tests run: 4 passed (1 slow), 2 failed, 2 timed out, 1 skipped"
            ]),
            (4, 4)
        );
    }

    #[test]
    fn unittest_is_understood() {
        assert_eq!(counted(&["Ran 12 tests in 0.942s", "", "OK"]), (12, 0));
        assert_eq!(counted(&["Ran 1 test in 0.002s", "OK (skipped=1)"]), (0, 0));
        let failed = "FAILED (failures=2, errors=1, skipped=3, expected failures=1)";
        assert_eq!(counted(&["Ran 12 tests in 0.942s", failed]), (6, 3));
        assert_eq!(counted(&["Ran out of patience", "OK (really)"]), (0, 0));
    }

    #[test]
    fn several_runs_add_up_and_a_broken_one_is_not_forgotten() {
        let one = Tally { passed: 2, failed: 0, complete: true };
        let broken = Tally { passed: 0, failed: 0, complete: false };
        assert_eq!(one + broken, Tally { passed: 2, failed: 0, complete: false });
    }

    #[test]
    fn colours_and_other_lines_do_not_confuse() {
        assert_eq!(
            counted(&[
                "\x1b[32;1m     Summary\x1b[0m [   0.1s] \x1b[1m1\x1b[0m test run: \x1b[1m1\x1b[0m \x1b[32mpassed\x1b[0m"
            ]),
            (1, 0)
        );
        let quoted = "    test result: FAILED. 0 passed; 1 failed; 0 ignored; finished in 0.55s";
        assert_eq!(counted(&[quoted]), (0, 0));
        assert_eq!(counted(&["3 passed; 4 failed", "running 5 tests", ""]), (0, 0));
    }
}
