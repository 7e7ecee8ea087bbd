//! The pages and the API as they are, over the made-up centre.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use ambient::{Entropy, Wall};
use casework::{Casework, Surroundings};
use dialplan::{Number, QueueId};
use journal::{CallBackId, CaseId};
use recorder::{Archive, KeyFile};
use records::versions::Files;
use records::{Books, Role, Token, Version};
use switch::{BanView, Status};
use tokio::net::TcpListener;
use web::dialplans::{By, Dialplans, Overview, Preview, Proposal, Refusal};
use web::{Accounts, Api, BoxFuture, Browsers, Ended, Line, Records, Sample};

use crate::centre::{Centre, Size, plan};
use crate::past;

/// What a viewer shows.
pub(crate) const TOKEN: &str = "wall";

/// A server of pages.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    /// Serves the pages of a centre, until the program ends.
    pub(crate) async fn start(size: Size, port: u16) -> Result<Server, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let plan = Arc::new(plan(size.agents)?);
        let place = past::write(folder.path(), &plan, now())?;
        let mut books = Books::open(&place)?;
        let token = Token {
            name: TOKEN.into(),
            role: Role::Reader,
            organisation: None,
            made_at: 0,
            revoked_at: None,
        };
        books.add_token(&token, &web::api::token_hash(TOKEN))?;
        let running = plan.clone();
        let surroundings = Surroundings {
            clock: Box::new(now),
            plan: Box::new(move || running.clone()),
            entropy: Entropy::from_number(1),
            public_url: String::new(),
        };
        let casework = Arc::new(Casework::new(books, surroundings));
        let keys = KeyFile::at(&folder.path().join("recording.key"));
        let archive = Archive::new(&folder.path().join("recordings"), keys);
        let line = Arc::new(MadeUp(Mutex::new(Centre::new(plan, size, 1))));
        let api = Api::new(casework, Records::new(place), archive, line.clone());
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        tokio::spawn(web::serve(
            listener,
            line,
            Arc::new(NoDialplans),
            Accounts::default(),
            api,
            Browsers::default(),
        ));
        Ok(Server { address, _folder: folder })
    }
}

fn now() -> Wall {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Wall::from_unix_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}

struct MadeUp(Mutex<Centre>);

impl Line for MadeUp {
    fn status(&self) -> BoxFuture<'_, Option<Arc<Status>>> {
        let status = self.0.lock().unwrap_or_else(PoisonError::into_inner).status();
        Box::pin(async { Some(Arc::new(status)) })
    }
    fn ended(&self) -> Vec<Ended> {
        Vec::new()
    }
    fn samples(&self) -> Vec<Sample> {
        Vec::new()
    }
    fn bans(&self) -> BoxFuture<'_, Option<Vec<BanView>>> {
        Box::pin(async { None })
    }
    fn lift_bans(&self, _: IpAddr) -> BoxFuture<'_, Option<usize>> {
        Box::pin(async { None })
    }
    fn call_back_about(
        &self,
        _: CaseId,
        _: Number,
        _: QueueId,
    ) -> BoxFuture<'_, Option<Option<(CallBackId, bool)>>> {
        Box::pin(async { None })
    }
    fn withdraw_call_back(&self, _: CallBackId, _: String) -> BoxFuture<'_, Option<bool>> {
        Box::pin(async { None })
    }
    fn is_durable(&self) -> bool {
        true
    }
}

/// A line whose dialplan nobody changes.
struct NoDialplans;

fn none<T: Send + 'static>() -> BoxFuture<'static, Result<T, Refusal>> {
    Box::pin(async { Err(Refusal::Unknown) })
}

impl Dialplans for NoDialplans {
    fn overview(&self) -> BoxFuture<'_, Overview> {
        let folder = web::dialplans::OnDisk::default();
        Box::pin(async { Overview { running: 0, versions: Vec::new(), folder } })
    }
    fn preview(&self, _: Proposal) -> BoxFuture<'_, Result<Preview, Refusal>> {
        none()
    }
    fn apply(&self, _: Proposal) -> BoxFuture<'_, Result<Version, Refusal>> {
        none()
    }
    fn files(&self, _: u64) -> BoxFuture<'_, Result<Files, Refusal>> {
        none()
    }
    fn picture(&self, _: bool) -> BoxFuture<'_, String> {
        Box::pin(async { String::new() })
    }
    fn preview_rollback(&self, _: u64) -> BoxFuture<'_, Result<Preview, Refusal>> {
        none()
    }
    fn rollback(&self, _: u64, _: By) -> BoxFuture<'_, Result<Version, Refusal>> {
        none()
    }
}
