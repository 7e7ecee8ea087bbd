//! Phones and their voices, driven together by one thread.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use sip::sdp::Direction;

use super::phones::{Audio, CallKey, News, Phones};
use super::voices::Voices;

/// Who calls, and who is called.
const CALLERS: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 10);
const CALLEES: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 11);
/// Numbers of calls below are of those who call.
const FIRST_CALLED: u32 = 1 << 31;
/// How long the thread rests when there is nothing to do: packets leave no later than that.
const REST: Duration = Duration::from_micros(20);
/// New calls and registrations a second while a load is being built up.
const RATE: u32 = 300;
/// How long what was asked of a server may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Phones that call and phones that are called, and for each of the two kinds what they hear and say.
pub(crate) struct Crowd {
    calling: Phones,
    pub(crate) called: Phones,
    pub(crate) callers: Voices,
    pub(crate) callees: Voices,
    news: Vec<News>,
}

impl Crowd {
    /// A crowd. Who is called speaks and listens, and is at another address than who calls: a call
    /// that comes from a clinic's address is taken for one that the clinic forwards.
    ///
    /// # Errors
    /// If no port is free.
    pub(crate) fn open() -> Result<Crowd, Box<dyn Error>> {
        let (callers, callees) = (Voices::open(CALLERS)?, Voices::open(CALLEES)?);
        let audio = |of: &Voices| {
            Ok::<_, std::io::Error>(Audio { rtp: of.local()?, direction: Direction::SendRecv })
        };
        let calling = Phones::open(CALLERS, audio(&callers)?, 0)?;
        let called = Phones::open(CALLEES, audio(&callees)?, FIRST_CALLED)?;
        Ok(Crowd { calling, called, callers, callees, news: Vec::new() })
    }

    /// Names the server, before anything else is asked of the phones.
    pub(crate) fn serve_by(&mut self, server: SocketAddr) {
        self.calling.serve_by(server);
        self.called.serve_by(server);
    }

    /// Calls a number.
    ///
    /// # Errors
    /// If the system cannot tell where audio is received.
    pub(crate) fn dial(
        &mut self,
        number: &str,
        direction: Direction,
    ) -> Result<CallKey, Box<dyn Error>> {
        let rtp = self.callers.local()?;
        Ok(self.calling.dial(number, Audio { rtp, direction }))
    }

    /// A caller presses a key.
    pub(crate) fn press(&mut self, call: CallKey, key: char) {
        self.calling.press(call, key);
    }

    /// A caller hangs up.
    pub(crate) fn hang_up(&mut self, call: CallKey) {
        self.calling.hang_up(call);
    }

    /// Goes on until `until`; `each` is told what happens.
    ///
    /// # Errors
    /// If a socket is broken, or the first that `each` gives.
    pub(crate) fn go_on(
        &mut self,
        until: Instant,
        mut each: impl FnMut(&mut Crowd, News) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        while Instant::now() < until {
            self.turn(&mut each)?;
        }
        Ok(())
    }

    /// Does the first step of so many calls or registrations, one after the other, and goes on
    /// until `done` of the news say that one of them is through.
    ///
    /// # Errors
    /// If that takes too long, or the first that `each` gives.
    pub(crate) fn build_up(
        &mut self,
        count: usize,
        mut step: impl FnMut(&mut Crowd, usize) -> Result<(), Box<dyn Error>>,
        mut each: impl FnMut(&mut Crowd, News) -> Result<bool, Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let begun = Instant::now();
        let deadline = Duration::from_secs_f64(count as f64 / f64::from(RATE)) + PATIENCE;
        let (mut stepped, mut done) = (0, 0);
        while done < count {
            let due = (begun.elapsed().as_secs_f64() * f64::from(RATE)) as usize;
            while stepped < due.min(count) {
                step(self, stepped)?;
                stepped += 1;
            }
            self.turn(&mut |crowd, news| {
                done += usize::from(each(crowd, news)?);
                Ok(())
            })?;
            if begun.elapsed() > deadline {
                return Err(format!("only {done} of {count} got through in time").into());
            }
        }
        Ok(())
    }

    /// Lets both ends of a call speak once it is set up; says whether the caller's end is.
    pub(crate) fn speak(&mut self, news: News) -> bool {
        match news {
            News::Answered { rtp, .. } => self.callers.speak(rtp),
            News::Called { rtp, .. } => self.callees.speak(rtp),
            News::Registered | News::Renewed | News::Ended { .. } | News::Refused { .. } => {}
        }
        matches!(news, News::Answered { .. })
    }

    fn turn(
        &mut self,
        each: &mut impl FnMut(&mut Crowd, News) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let now = Instant::now();
        self.callers.talk(now);
        self.callees.talk(now);
        let mut news = std::mem::take(&mut self.news);
        let mut is_busy = self.calling.turn(&mut news)?;
        is_busy |= self.called.turn(&mut news)?;
        for one in news.drain(..) {
            each(self, one)?;
        }
        self.news = news;
        is_busy |= self.callers.listen()?;
        is_busy |= self.callees.listen()?;
        if !is_busy {
            std::thread::sleep(REST);
        }
        Ok(())
    }
}

impl News {
    /// An error, if it tells of a refusal: no load here is to be refused.
    pub(crate) fn accepted(self) -> Result<News, Box<dyn Error>> {
        match self {
            News::Refused { status: Some(status) } => Err(format!("refused: {}", status.0).into()),
            News::Refused { status: None } => Err("nothing answers".into()),
            other => Ok(other),
        }
    }
}
