//! Cases and the API of the running line.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use casework::{Casework, MailSettings, Surroundings};
use dialplan::Dialplan;
use records::Books;
use runtime::{Remote, StartError, os_entropy};
use switch::Switch;
use web::{Api, Hears, Line, Records};

use crate::hear;
use crate::hearing::Again;
use crate::language::Language;
use crate::recordings;
use crate::settings::Settings;
use crate::store;

/// How often the line is asked which dialplan it goes by.
const LOOK: Duration = Duration::from_secs(1);

/// The cases of the line, and the API over them.
pub(crate) struct Desk {
    casework: Arc<Casework>,
    api: Api,
    running: Arc<RwLock<Arc<Dialplan>>>,
    mail: Option<MailSettings>,
}

impl Desk {
    /// Opens the books; the journal is open already.
    pub(crate) async fn open(
        settings: &Settings,
        line: &Remote<Switch>,
        view: Arc<dyn Line>,
        plan: Arc<Dialplan>,
        again: Option<Again>,
    ) -> Result<Desk, StartError> {
        let place = store::place(settings)?;
        let there = place.clone();
        // A connection to PostgreSQL waits by itself, which a task must not.
        let opened = tokio::task::spawn_blocking(move || Books::open(&there)).await;
        let opened = opened.map_err(|error| StartError::System(std::io::Error::other(error)))?;
        let books = opened.map_err(|error| store::named(&error))?;
        let running = Arc::new(RwLock::new(plan));
        let (clock, shown) = (line.clock(), running.clone());
        let casework = Arc::new(Casework::new(
            books,
            Surroundings {
                clock: Box::new(move || clock.now().wall),
                plan: Box::new(move || {
                    shown.read().unwrap_or_else(PoisonError::into_inner).clone()
                }),
                entropy: os_entropy()?,
                public_url: settings.web.public_url.clone(),
            },
        ));
        let shown = running.clone();
        let hears = again.map(|again| -> Hears {
            Arc::new(move |said, steps, language| {
                let language = match language {
                    report::Language::Russian => Language::Russian,
                    report::Language::English => Language::English,
                };
                let plan = shown.read().unwrap_or_else(PoisonError::into_inner).clone();
                hear::picture_of(&again, &plan, (said, steps), language)
            })
        });
        let archive = recordings::archive(settings);
        let api = Api::new(casework.clone(), Records::new(place), archive, view).with_ears(hears);
        Ok(Desk { casework, api, running, mail: mail(settings)? })
    }

    /// Starts what works beside the line; gives the API for the pages.
    pub(crate) fn start(self, line: Remote<Switch>) -> (Api, tokio::task::JoinHandle<()>) {
        let Desk { casework, api, running, mail } = self;
        let work = tokio::spawn(async move {
            tokio::select! {
                () = follow(line, running) => {}
                never = casework::run(casework, mail) => match never {},
            }
        });
        (api, work)
    }
}

/// Keeps the dialplan that runs.
async fn follow(line: Remote<Switch>, running: Arc<RwLock<Arc<Dialplan>>>) {
    while let Some(plan) = line.with(|switch, _| switch.plan().clone()).await {
        {
            let mut running = running.write().unwrap_or_else(PoisonError::into_inner);
            if !Arc::ptr_eq(&running, &plan) {
                *running = plan;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn mail(settings: &Settings) -> Result<Option<MailSettings>, StartError> {
    let mail = &settings.mail;
    if mail.server.is_empty() {
        return Ok(None);
    }
    let login = match &mail.password.0 {
        None => None,
        Some(file) => {
            let password = std::fs::read_to_string(file).map_err(|error| StartError::File {
                path: file.clone(),
                why: format!("{error}; mail.password names the file with the password"),
            })?;
            Some((mail.user.clone(), password.trim_end().to_owned()))
        }
    };
    Ok(Some(MailSettings { server: mail.server.clone(), login, from: mail.from.clone() }))
}
