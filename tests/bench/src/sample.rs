//! The same thing measured several times.

/// Values of several rounds.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn add(&mut self, value: f64) {
        let at = self.0.partition_point(|other| *other < value);
        self.0.insert(at, value);
    }

    /// The middle value; of an even number, the mean of the two in the middle. NaN without values.
    pub(crate) fn median(&self) -> f64 {
        let middle = self.0.len() / 2;
        match self.0.as_slice() {
            [] => f64::NAN,
            values if values.len() % 2 == 1 => values[middle],
            values => f64::midpoint(values[middle - 1], values[middle]),
        }
    }

    /// The smallest value; NaN without values.
    pub(crate) fn min(&self) -> f64 {
        self.0.first().copied().unwrap_or(f64::NAN)
    }

    /// The greatest value; NaN without values.
    pub(crate) fn max(&self) -> f64 {
        self.0.last().copied().unwrap_or(f64::NAN)
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sample = Sample::default();
        values.into_iter().for_each(|value| sample.add(value));
        sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_does_not_care_about_order_and_outliers() {
        assert_eq!([3.0, 1.0, 100.0].into_iter().collect::<Sample>().median(), 3.0);
        assert_eq!([4.0, 1.0, 2.0, 100.0].into_iter().collect::<Sample>().median(), 3.0);
        assert!(Sample::default().median().is_nan());
    }

    #[test]
    fn the_range_is_the_outermost_values() {
        let sample: Sample = [3.0, 1.0, 2.0].into_iter().collect();
        assert_eq!((sample.min(), sample.max()), (1.0, 3.0));
    }
}
