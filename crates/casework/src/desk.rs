//! What pages and the API ask for.

use std::sync::{Arc, Mutex, PoisonError};

use ambient::{Entropy, Wall};
use cases::{Actor, Case, CaseChange, CaseId, Opening, Owner, Urgency, What, due, usual_urgency};
use dialplan::{ClinicId, Dialplan, Number, QueueId};
use journal::CallId;
use records::{Answer, Beside, Books, Repeated};
use tokio::sync::{Notify, broadcast};

use crate::{Trouble, letters};

/// Changes that a slow listener may miss before it is told so.
const HAPPENED_MAX: usize = 1024;

/// The time of day.
pub type Clock = Box<dyn Fn() -> Wall + Send + Sync>;

/// What casework is handed.
pub struct Surroundings {
    /// The time of day.
    pub clock: Clock,
    /// The dialplan that runs.
    pub plan: Box<dyn Fn() -> Arc<Dialplan> + Send + Sync>,
    /// Randomness for identities.
    pub entropy: Entropy,
    /// Where the pages are found, for links in letters: `https://122.example`; empty for no links.
    pub public_url: String,
}

/// The cases of the running line.
pub struct Casework {
    books: Arc<Mutex<Books>>,
    clock: Clock,
    plan: Box<dyn Fn() -> Arc<Dialplan> + Send + Sync>,
    entropy: Mutex<Entropy>,
    public_url: String,
    happened: broadcast::Sender<Happened>,
    /// Rung when there are new letters.
    pub(crate) letters: Notify,
}

/// A case has changed.
#[derive(Clone, Debug)]
pub struct Happened {
    /// The change.
    pub change: Arc<CaseChange>,
    /// What the case is after it.
    pub case: Arc<Case>,
}

/// A case that somebody wants to open.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// Its topic.
    pub topic: QueueId,
    /// Its urgency; that of the topic if not given.
    pub urgency: Option<Urgency>,
    /// The citizen's number, as people write it.
    pub caller: Option<String>,
    /// The clinic that it concerns.
    pub clinic: Option<ClinicId>,
    /// The call that it came from.
    pub call: Option<CallId>,
    /// The request.
    pub text: String,
    /// By when it is to be answered; as the topic says if not given.
    pub due: Option<Wall>,
    /// Whose turn it is; whoever serves the topic first if not given.
    pub owner: Option<Owner>,
}

/// A request of a program, which may repeat it if it heard no answer.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose request.
    pub token: String,
    /// Its mark (Idempotency-Key).
    pub mark: String,
    /// A hash of the request.
    pub hash: String,
}

/// What was done, and how it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The status of HTTP.
    pub status: u16,
    /// The answer.
    pub body: String,
    /// It was done before, and this is the answer of then.
    pub repeated: bool,
}

impl Casework {
    /// Works with these books.
    #[must_use]
    pub fn new(books: Books, surroundings: Surroundings) -> Casework {
        let Surroundings { clock, plan, entropy, public_url } = surroundings;
        Casework {
            books: Arc::new(Mutex::new(books)),
            clock,
            plan,
            entropy: Mutex::new(entropy),
            public_url,
            happened: broadcast::channel(HAPPENED_MAX).0,
            letters: Notify::new(),
        }
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> Wall {
        (self.clock)()
    }

    /// The dialplan that runs.
    #[must_use]
    pub fn plan(&self) -> Arc<Dialplan> {
        (self.plan)()
    }

    /// Tells of each change from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Happened> {
        self.happened.subscribe()
    }

    /// A number from 0 to `bound - 1`.
    pub(crate) fn draw(&self, bound: u64) -> u64 {
        self.entropy.lock().unwrap_or_else(PoisonError::into_inner).below(bound)
    }

    /// Asks the books, on a thread that may wait.
    ///
    /// # Errors
    /// What the question says, or that the program ends.
    pub async fn ask<T: Send + 'static, E: Into<Trouble> + Send + 'static>(
        &self,
        question: impl FnOnce(&mut Books) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Trouble> {
        let books = self.books.clone();
        let asked = tokio::task::spawn_blocking(move || {
            question(&mut books.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match asked.await {
            Ok(answer) => answer.map_err(Into::into),
            Err(_) => Err(Trouble::Ending),
        }
    }

    /// Opens a case. `render` makes the answer of it.
    ///
    /// # Errors
    /// If it cannot be.
    pub async fn open(
        &self,
        by: Actor,
        new: NewCase,
        request: Option<Request>,
        render: impl FnOnce(&Case) -> String + Send + 'static,
    ) -> Result<Done, Trouble> {
        self.open_of(by, new, request.into(), render).await
    }

    /// Opens the robot's case of the request that was left in this call.
    ///
    /// # Errors
    /// If it cannot be.
    pub(crate) async fn open_left(&self, new: NewCase, call: CallId) -> Result<(), Trouble> {
        self.open_of(Actor::Robot, new, Source::Left(call), |_| String::new()).await.map(drop)
    }

    async fn open_of(
        &self,
        by: Actor,
        new: NewCase,
        source: Source,
        render: impl FnOnce(&Case) -> String + Send + 'static,
    ) -> Result<Done, Trouble> {
        let (now, plan) = (self.now(), self.plan());
        let id = CaseId::new(now, &mut self.entropy.lock().unwrap_or_else(PoisonError::into_inner));
        let opening = opening(&plan, now, new)?;
        let url = self.public_url.clone();
        let done = self.ask(move |books| {
            if let Some(done) = repeated(books, &source)? {
                return Ok((done, None));
            }
            let (change, case) = Case::open(id, now, by, opening)?;
            write(books, &plan, &url, Written { change, case, status: 201, source }, render)
        });
        self.tell(done.await?)
    }

    /// Changes a case: `what` says how, given the case as it is; `seen` is the version that the writer
    /// saw.
    ///
    /// # Errors
    /// If it may not happen to the case as it is.
    pub async fn change(
        &self,
        by: Actor,
        id: CaseId,
        seen: Option<u32>,
        what: impl FnOnce(&Case, &Dialplan, Wall) -> Result<What, Trouble> + Send + 'static,
        request: Option<Request>,
        render: impl FnOnce(&Case) -> String + Send + 'static,
    ) -> Result<Done, Trouble> {
        let (now, plan) = (self.now(), self.plan());
        let url = self.public_url.clone();
        let source = Source::from(request);
        let done = self.ask(move |books| {
            if let Some(done) = repeated(books, &source)? {
                return Ok((done, None));
            }
            let before = books.case(id)?.ok_or(Trouble::Unknown)?;
            let what = what(&before, &plan, now)?;
            known(&plan, &what)?;
            let (change, case) = before.change(now, by, seen, what)?;
            write(books, &plan, &url, Written { change, case, status: 200, source }, render)
        });
        self.tell(done.await?)
    }

    /// Tells those who listen what is durable now.
    fn tell(&self, (done, happened): (Done, Option<Happened>)) -> Result<Done, Trouble> {
        if let Some(happened) = happened {
            // Nobody listens: nobody is told.
            let _ = self.happened.send(happened);
            self.letters.notify_one();
        }
        Ok(done)
    }
}

/// What is to be written.
struct Written {
    change: CaseChange,
    case: Case,
    status: u16,
    source: Source,
}

/// What a change is the answer to.
enum Source {
    /// A person, or the watch.
    Own,
    /// A program.
    Asked(Request),
    /// A citizen, by the robot of this call.
    Left(CallId),
}

impl From<Option<Request>> for Source {
    fn from(request: Option<Request>) -> Source {
        request.map_or(Source::Own, Source::Asked)
    }
}

fn write(
    books: &mut Books,
    plan: &Dialplan,
    public_url: &str,
    Written { change, case, status, source }: Written,
    render: impl FnOnce(&Case) -> String,
) -> Result<(Done, Option<Happened>), Trouble> {
    let body = render(&case);
    let letters = letters(plan, public_url, &change, &case);
    let mut beside = Beside { letters, ..Beside::default() };
    match source {
        Source::Own => {}
        Source::Asked(Request { token, mark, hash }) => {
            let (body, at) = (body.clone(), change.at);
            beside.answer = Some(Answer { token, mark, request: hash, status, body, at });
        }
        Source::Left(call) => beside.request_of = Some(call),
    }
    books.write(&change, &case, &beside)?;
    let happened = Happened { change: Arc::new(change), case: Arc::new(case) };
    Ok((Done { status, body, repeated: false }, Some(happened)))
}

fn repeated(books: &mut Books, source: &Source) -> Result<Option<Done>, Trouble> {
    let Source::Asked(Request { token, mark, hash }) = source else { return Ok(None) };
    match books.answered(token, mark, hash)? {
        Repeated::New => Ok(None),
        Repeated::Answered { status, body } => Ok(Some(Done { status, body, repeated: true })),
        Repeated::Another => Err(Trouble::MarkUsed),
    }
}

fn opening(plan: &Dialplan, now: Wall, new: NewCase) -> Result<Opening, Trouble> {
    let queue = plan.queues.get(&new.topic).ok_or(Trouble::NoSuch("topic"))?;
    let caller = new.caller.as_deref().map(|text| number(plan, text)).transpose()?;
    let urgency = new.urgency.unwrap_or_else(|| usual_urgency(plan, &new.topic));
    let due = new.due.unwrap_or_else(|| due(plan, &new.topic, urgency, now));
    let first = || queue.serve.first().map(|tier| Owner::Group(tier.group.clone()));
    let owner = new.owner.or_else(first).ok_or(Trouble::NoSuch("owner"))?;
    known_owner(plan, &owner)?;
    known_clinic(plan, new.clinic.as_ref())?;
    Ok(Opening {
        topic: new.topic,
        urgency,
        caller,
        clinic: new.clinic,
        call: new.call,
        text: new.text,
        due: due.unix_millis(),
        owner,
    })
}

/// A number in normal form.
fn number(plan: &Dialplan, text: &str) -> Result<Number, Trouble> {
    plan.region.numbering.normalise(text).ok_or(Trouble::Number)
}

/// What a change names must exist; what it names no more, because it was there before, may be gone.
fn known(plan: &Dialplan, what: &What) -> Result<(), Trouble> {
    match what {
        What::Amended(amendment) => {
            let topic = amendment.topic.as_ref();
            if topic.is_some_and(|topic| !plan.queues.contains_key(topic)) {
                return Err(Trouble::NoSuch("topic"));
            }
            known_clinic(plan, amendment.clinic.as_ref())
        }
        What::HandedOver { to, .. } => known_owner(plan, to),
        What::Opened(_)
        | What::Noted { .. }
        | What::Answered { .. }
        | What::Closed { .. }
        | What::Reopened { .. }
        | What::Marked(_) => Ok(()),
    }
}

fn known_owner(plan: &Dialplan, owner: &Owner) -> Result<(), Trouble> {
    let is_known = match owner {
        Owner::Agent(id) => plan.agents.contains_key(id),
        Owner::Group(id) => plan.groups.contains_key(id),
        Owner::Organisation(id) => plan.organisations.contains_key(id),
    };
    if is_known { Ok(()) } else { Err(Trouble::NoSuch("owner")) }
}

fn known_clinic(plan: &Dialplan, clinic: Option<&ClinicId>) -> Result<(), Trouble> {
    match clinic {
        Some(clinic) if !plan.clinics.contains_key(clinic) => Err(Trouble::NoSuch("clinic")),
        Some(_) | None => Ok(()),
    }
}
