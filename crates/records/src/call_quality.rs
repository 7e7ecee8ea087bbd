use journal::{Heard, Quality, Side};

/// How a call was heard, in columns: of each side the stream that was worst.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CallQuality {
    /// Between us and the caller.
    pub caller: Option<SideQuality>,
    /// Between us and those who talked with the caller.
    pub callee: Option<SideQuality>,
}

/// How well a side was heard and could hear; of both directions the worse.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SideQuality {
    /// Estimated mean opinion score, 1 to 4.4 (ITU-T G.107).
    pub mos: f64,
    /// Share of packets that were lost, 0 to 1.
    pub loss: f64,
    /// Jitter in milliseconds.
    pub jitter: f64,
}

impl CallQuality {
    /// What was heard, in brief.
    #[must_use]
    pub fn of(heard: &[Heard]) -> CallQuality {
        let worst = |side| {
            let of_side = heard.iter().filter(|heard| heard.side == side);
            let qualities = of_side.filter_map(|heard| SideQuality::of(&heard.quality));
            qualities.min_by(|one, other| one.mos.total_cmp(&other.mos))
        };
        CallQuality { caller: worst(Side::Near), callee: worst(Side::Far) }
    }
}

impl SideQuality {
    fn of(quality: &Quality) -> Option<SideQuality> {
        let to = quality.to.unwrap_or_default();
        Some(SideQuality {
            mos: quality.mos()?,
            loss: quality.from.loss().max(to.loss()),
            jitter: f64::from(quality.from.jitter.max(to.jitter)) / 1000.0,
        })
    }
}
