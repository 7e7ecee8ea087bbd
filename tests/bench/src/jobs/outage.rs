//! The database is taken away for a minute under load: what callers and agents notice.

use std::collections::HashMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use interop::Line;
use journal::{Entry, StepKind};
use records::{Place, Reader};
use sip::sdp::Direction;

use super::measured::Measured;
use super::patient;
use super::queue::{plan, staffed};
use crate::cluster::Cluster;
use crate::lab::Lab;
use crate::load::{CallKey, Crowd, Deadlines, News, Spread};
use crate::report::Row;

/// How long the database is away.
const AWAY: Duration = Duration::from_secs(60);
/// Callers who wait at the beginning, and hear music.
const WAITING: usize = 300;
const AGENTS: usize = 20;
/// How long agents talk, seconds.
const TALK: (f64, f64) = (5.0, 15.0);
/// From one new caller to the next; each hangs up a second after the answer.
const EVERY: Duration = Duration::from_millis(100);
const LISTENS: Duration = Duration::from_secs(1);
/// From one look at the line's own health to the next.
const LOOK: Duration = Duration::from_millis(100);
const TURN: Duration = Duration::from_millis(1);
/// How long what happened meanwhile may take to be written.
const WRITTEN_WITHIN: Duration = Duration::from_secs(20);
/// Room of the disk that fills up, in megabytes.
const DISK: usize = 48;

/// A full disk under SQLite.
///
/// # Errors
/// If there is no disk to fill, or the line refuses calls before.
pub(crate) fn full_disk(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let disk = Disk::mount(&lab.folder().join("disk"))?;
    let data = disk.folder.to_string_lossy().into_owned();
    let settings = [("paths.data", &*data)];
    let place = Place::sqlite(&disk.folder);
    story(lab, &settings, &place, || disk.fill(), || disk.make_room())
}

/// A server of PostgreSQL that is gone.
///
/// # Errors
/// If the line refuses calls before.
pub(crate) fn server_gone(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let cluster = Cluster::start();
    let (place, url) = cluster.place_and_url(&lab.folder().join("beside"));
    let settings = [("records.database", &*url)];
    let back = || {
        cluster.resume();
        Ok(())
    };
    story(
        lab,
        &settings,
        &place,
        || {
            cluster.cut();
            Ok(())
        },
        back,
    )
}

fn story(
    lab: &Lab,
    settings: &[(&str, &str)],
    place: &Place,
    take: impl FnOnce() -> std::io::Result<()>,
    give: impl FnOnce() -> std::io::Result<()>,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut all = patient("1").to_vec();
    all.extend_from_slice(settings);
    let mut line = lab.line(&plan(AGENTS), &all);
    line.expect_errors("journal");
    let mut scene = Scene::set(&line)?;
    let mut measured = Measured::default();

    scene.go_on(lab.load, |_| false)?;
    scene.tell(&mut measured, "before");
    take()?;
    let warned =
        scene.go_on(AWAY, |line| line.get("/readyz").is_some_and(|(status, _)| status == 503))?;
    scene.tell(&mut measured, "away");
    measured.add("warning on the pages after", "away", "s", warned.unwrap_or(AWAY).as_secs_f64());
    give()?;
    let ready = |line: &Line| line.get("/readyz").is_some_and(|(status, _)| status == 200);
    let well = scene.go_on(lab.load.max(Duration::from_secs(5)), ready)?;
    scene.tell(&mut measured, "back");
    measured.add("all is well after", "back", "s", well.map_or(f64::NAN, |d| d.as_secs_f64()));
    let answered = scene.answered;
    measured.add(
        "answered calls that the journal lacks",
        "all of it",
        "calls",
        missing(place, answered)? as f64,
    );
    Ok(measured.rows())
}

/// How many calls were answered of which the journal does not know that.
fn missing(place: &Place, answered: usize) -> Result<usize, Box<dyn Error>> {
    let begun = Instant::now();
    loop {
        let mut reader = Reader::open(place)?;
        let (mut last, mut known) = (0, 0);
        loop {
            let page = reader.entries(last)?;
            let Some((place, _)) = page.last() else { break };
            last = *place;
            let answers = page.iter().filter(|(_, entry)| {
                matches!(entry, Entry::Stepped { step, .. } if step.what == StepKind::Answered)
            });
            known += answers.count();
        }
        if known >= answered || begun.elapsed() > WRITTEN_WITHIN {
            return Ok(answered.saturating_sub(known));
        }
        std::thread::sleep(LOOK);
    }
}

/// Who calls, waits and talks.
struct Scene<'a> {
    line: &'a Line,
    crowd: Crowd,
    talks: Deadlines<CallKey>,
    /// New callers who are not answered yet.
    dialled: HashMap<CallKey, Instant>,
    leaving: Deadlines<CallKey>,
    /// All answers there were.
    answered: usize,
    /// What has happened since it was told last.
    since: Instant,
    answers: Spread,
    refused: usize,
    begun_talks: usize,
    /// Ends of callers' calls less the talks that agents have ended.
    cut: i64,
}

impl<'a> Scene<'a> {
    fn set(line: &'a Line) -> Result<Scene<'a>, Box<dyn Error>> {
        let crowd = staffed(line, AGENTS)?;
        let mut scene = Scene {
            line,
            crowd,
            talks: Deadlines::default(),
            dialled: HashMap::new(),
            leaving: Deadlines::default(),
            answered: 0,
            since: Instant::now(),
            answers: Spread::default(),
            refused: 0,
            begun_talks: 0,
            cut: 0,
        };
        let Scene { crowd, talks, answered, .. } = &mut scene;
        crowd.build_up(
            WAITING,
            |crowd, _| crowd.dial("122", Direction::RecvOnly).map(drop),
            |crowd, news| match news.accepted()? {
                News::Answered { call, .. } => {
                    crowd.press(call, '1');
                    *answered += 1;
                    Ok(true)
                }
                News::Called { call, .. } => {
                    talks.add_within(TALK, call);
                    Ok(false)
                }
                News::Registered | News::Renewed | News::Ended { .. } | News::Refused { .. } => {
                    Ok(false)
                }
            },
        )?;
        drop(scene.crowd.callers.take_figures());
        scene.since = Instant::now();
        Ok(scene)
    }

    /// Goes on for a while; gives when the line's health was first as asked.
    fn go_on(
        &mut self,
        time: Duration,
        is_so: impl Fn(&Line) -> bool,
    ) -> Result<Option<Duration>, Box<dyn Error>> {
        let begun = Instant::now();
        let (mut next, mut look, mut was_so) = (begun, begun, None);
        while begun.elapsed() < time {
            while next <= Instant::now() {
                let call = self.crowd.dial("122", Direction::RecvOnly)?;
                self.dialled.insert(call, Instant::now());
                next += EVERY;
            }
            if was_so.is_none() && look <= Instant::now() {
                was_so = is_so(self.line).then(|| begun.elapsed());
                look = Instant::now() + LOOK;
            }
            self.leave();
            self.turn()?;
        }
        Ok(was_so)
    }

    fn leave(&mut self) {
        for call in self.talks.take_due() {
            self.crowd.called.hang_up(call);
            self.cut -= 1;
        }
        for call in self.leaving.take_due() {
            self.crowd.hang_up(call);
        }
    }

    fn turn(&mut self) -> Result<(), Box<dyn Error>> {
        let Scene {
            crowd,
            talks,
            dialled,
            leaving,
            answered,
            answers,
            refused,
            begun_talks,
            cut,
            ..
        } = self;
        crowd.go_on(Instant::now() + TURN, |_, news| {
            match news {
                News::Answered { call, .. } => {
                    *answered += 1;
                    if let Some(since) = dialled.remove(&call) {
                        answers.add(since.elapsed());
                    }
                    leaving.add(Instant::now() + LISTENS, call);
                }
                News::Called { call, .. } => {
                    *begun_talks += 1;
                    talks.add_within(TALK, call);
                }
                News::Refused { .. } => *refused += 1,
                News::Ended { .. } => *cut += 1,
                News::Registered | News::Renewed => {}
            }
            Ok(())
        })
    }

    /// Tells what has happened since the last time.
    fn tell(&mut self, measured: &mut Measured, at: &str) {
        let seconds = self.since.elapsed().as_secs_f64();
        let answers = std::mem::take(&mut self.answers);
        let heard = self.crowd.callers.take_figures();
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        let mut add = |what, unit, value| measured.add(what, at, unit, value);
        add("new calls answered", "a second", answers.count() as f64 / seconds);
        add("new calls refused", "a second", std::mem::take(&mut self.refused) as f64 / seconds);
        add("answer p50", "ms", millis(answers.quantile(0.5)));
        add("answer max", "ms", millis(answers.max()));
        add(
            "agents get a waiting caller",
            "a second",
            std::mem::take(&mut self.begun_talks) as f64 / seconds,
        );
        add("calls cut off", "calls", std::mem::take(&mut self.cut).max(0) as f64);
        add("gap in what callers hear p99.9", "ms", millis(heard.gaps.quantile(0.999)));
        self.since = Instant::now();
    }
}

/// A disk of our own, in memory, that can be filled.
struct Disk {
    folder: PathBuf,
}

impl Disk {
    fn mount(folder: &Path) -> Result<Disk, Box<dyn Error>> {
        fs::create_dir_all(folder)?;
        let size = format!("size={DISK}m");
        let mut mount = Command::new("mount");
        let done = mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).status()?;
        if done.success() {
            Ok(Disk { folder: folder.to_owned() })
        } else {
            Err("only root can mount a disk to be filled".into())
        }
    }

    fn filler(&self) -> PathBuf {
        self.folder.join("filler")
    }

    fn fill(&self) -> std::io::Result<()> {
        let mut filler = File::create(self.filler())?;
        // Until there is room for nothing.
        for size in [1 << 20, 1 << 12] {
            while filler.write_all(&vec![1; size]).is_ok() {}
        }
        Ok(())
    }

    fn make_room(&self) -> std::io::Result<()> {
        fs::remove_file(self.filler())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // One that stays mounted goes with the machine.
        let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status();
    }
}
