//! How calls were heard.

use std::collections::BTreeMap;

use dialplan::{Dialplan, SiteId, TrunkId};
use journal::{CallRecord, Heard, Side};
use serde::Serialize;
use utoipa::ToSchema;

use crate::line::share;

/// A talk below this estimated MOS is a strain for most people (ITU-T G.107, annex B: "some users
/// dissatisfied" begins at 3.6).
pub const POOR: f64 = 3.5;

/// How calls were heard: those whose media passed through the line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct CallQuality {
    /// All calls, each by its worst stream.
    pub total: QualityRow,
    /// The callers' side by trunk.
    pub by_trunk: Vec<QualityRow>,
    /// The agents' side by site.
    pub by_site: Vec<QualityRow>,
}

/// How some streams were heard.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct QualityRow {
    /// The trunk or the site.
    pub key: String,
    /// How many calls, or streams of a trunk or a site.
    pub measured: u64,
    /// The estimated MOS that half of them do not reach, 1 to 4.4.
    pub median_mos: Option<f64>,
    /// The part of them under 3.5.
    pub share_poor: Option<f64>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Ears {
    total: Vec<f64>,
    by_trunk: BTreeMap<TrunkId, Vec<f64>>,
    by_site: BTreeMap<SiteId, Vec<f64>>,
}

impl Ears {
    pub(crate) fn add(&mut self, record: &CallRecord, heard: &[Heard], plan: &Dialplan) {
        let mut worst: Option<f64> = None;
        for stream in heard {
            let Some(mos) = stream.quality.mos() else { continue };
            worst = Some(worst.map_or(mos, |worst| worst.min(mos)));
            match (stream.side, &record.trunk, &stream.agent) {
                (Side::Near, Some(trunk), _) => {
                    self.by_trunk.entry(trunk.clone()).or_default().push(mos);
                }
                (Side::Far, _, Some(agent)) => {
                    let site = plan.agents.get(agent).and_then(|agent| agent.site.clone());
                    if let Some(site) = site {
                        self.by_site.entry(site).or_default().push(mos);
                    }
                }
                (Side::Near | Side::Far, _, _) => {}
            }
        }
        self.total.extend(worst);
    }

    /// None if nothing was measured.
    pub(crate) fn quality(self) -> Option<CallQuality> {
        let total = row(String::new(), self.total);
        (total.measured > 0).then(|| CallQuality {
            total,
            by_trunk: self.by_trunk.into_iter().map(|(id, mos)| row(id.to_string(), mos)).collect(),
            by_site: self.by_site.into_iter().map(|(id, mos)| row(id.to_string(), mos)).collect(),
        })
    }
}

fn row(key: String, mut mos: Vec<f64>) -> QualityRow {
    mos.sort_by(f64::total_cmp);
    let measured = u64::try_from(mos.len()).unwrap_or(0);
    let poor = mos.partition_point(|mos| *mos < POOR);
    let middle = (mos.len() / 2).checked_sub(usize::from(mos.len().is_multiple_of(2)));
    let median = middle.and_then(|low| Some((mos.get(low)? + mos.get(mos.len() / 2)?) / 2.0));
    QualityRow {
        key,
        measured,
        median_mos: median,
        share_poor: share(u64::try_from(poor).unwrap_or(0), measured),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_stands_in_the_middle() {
        let of = |mos: &[f64]| row("x".into(), mos.to_vec());
        assert_eq!(of(&[]).median_mos, None);
        assert_eq!(of(&[4.0]).median_mos, Some(4.0));
        assert_eq!(of(&[4.0, 2.0]).median_mos, Some(3.0));
        assert_eq!(of(&[4.0, 2.0, 3.5]).median_mos, Some(3.5));
        assert_eq!(of(&[4.0, 2.0, 3.5, 3.4]).share_poor, Some(0.5));
    }
}
