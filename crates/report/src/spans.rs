//! Spans of time on one axis, in milliseconds.

/// From the first moment to before the last.
pub(crate) type Span = (i64, i64);

/// The spans as a set: in order, none touching another, none outside of `within`.
pub(crate) fn union(spans: impl IntoIterator<Item = Span>, within: Span) -> Vec<Span> {
    let cut = |(from, to): Span| (from.max(within.0), to.min(within.1));
    let mut spans: Vec<Span> = spans.into_iter().map(cut).filter(|(from, to)| from < to).collect();
    spans.sort_unstable();
    let mut union: Vec<Span> = Vec::with_capacity(spans.len());
    for (from, to) in spans {
        match union.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => union.push((from, to)),
        }
    }
    union
}

/// How long the spans of a set are together.
pub(crate) fn length(set: &[Span]) -> i64 {
    set.iter().map(|(from, to)| to - from).sum()
}

/// How long two sets hold both.
pub(crate) fn overlap(one: &[Span], other: &[Span]) -> i64 {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while let (Some(a), Some(b)) = (one.get(i), other.get(j)) {
        both += (a.1.min(b.1) - a.0.max(b.0)).max(0);
        if a.1 < b.1 { i += 1 } else { j += 1 }
    }
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_overlaps_is_counted_once() {
        let set = union([(5, 9), (0, 3), (8, 12), (20, 20), (30, 50), (-5, 1)], (0, 40));
        assert_eq!(set, [(0, 3), (5, 12), (30, 40)]);
        assert_eq!(length(&set), 20);
        assert_eq!(overlap(&set, &[(2, 6), (11, 35)]), 1 + 1 + 1 + 5);
        assert_eq!(overlap(&set, &[]), 0);
    }
}
