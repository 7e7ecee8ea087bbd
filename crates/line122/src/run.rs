//! `line122 run`: starts everything and waits for the end.

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use journal::Restored;
use records::Recent;
use runtime::prompts::Prompts;
use runtime::{
    Clock, Ending, MediaSettings, Parts, Remote, SipSettings, Sockets, StartError, StreamLimits,
    TlsFiles, dtls_identity, os_entropy,
};
use sip::endpoint::EndpointConfig;
use sip::sdp::Fingerprint;
use switch::{Switch, SwitchConfig};
use tokio::signal::unix::{SignalKind, signal};
use web::openid::OpenId;

use crate::casework::Desk;
use crate::dialplans::{self, Begun, Keeper};
use crate::failure::Failure;
use crate::hearing::{self, Hearing};
use crate::kept_bans;
use crate::language::Language;
use crate::settings::{Settings, Web};
use crate::sounds::{self, Playing};
use crate::view::LineView;
use crate::{banner, check, logs, recordings, store};

/// Transactions that one call may hold: two legs with requests inside the dialogs, and a fork.
const TRANSACTIONS_A_CALL: usize = 8;

/// Runs the line until it is told to end.
pub(crate) fn run(settings: Settings, language: Language) -> Result<(), Failure> {
    logs::start(&settings.log.level, settings.log.format)?;
    let prompts = Prompts::read(&settings.paths.prompts)?;
    let begun = dialplans::begin(&settings, &prompts)?;
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let web = tokio
        .block_on(tokio::net::TcpListener::bind(settings.web.listen))
        .map_err(|error| StartError::listen("web", settings.web.listen, "web.listen", error))?;
    let sip = SipSettings { web: Some(web.local_addr()?), ..sip_settings(&settings) };
    let sockets = Sockets::bind(&sip)?;
    let library = prompts.load()?;
    let hearing = hearing::start(&settings)?;
    tokio.block_on(serve(settings, language, begun, library, hearing, sockets, web))
}

async fn serve(
    settings: Settings,
    language: Language,
    begun: Begun,
    library: media::Library,
    hearing: Option<Hearing>,
    sockets: Sockets,
    web: tokio::net::TcpListener,
) -> Result<(), Failure> {
    let plan = begun.plan.clone();
    let mut sounds = library.clone();
    sounds::add_own(&mut sounds, &plan, &begun.folder).map_err(|findings| {
        check::show(&findings);
        Failure::Usage(format!("{}: sounds cannot be played", begun.folder.display()))
    })?;
    let sounds = Arc::new(sounds);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let listeners = sockets.listeners();
    let mut entropy = os_entropy()?;
    let clock = Clock::start();
    let identity = dtls_identity(clock)?;
    let fingerprint = Fingerprint(identity.fingerprint());
    let recorder = recordings::start(&settings, store::place(&settings)?)?;
    let parts = Parts {
        sockets,
        recogniser: hearing.as_ref().map(|hearing| hearing.recogniser.clone()),
        recorder: Some(recorder.clone()),
        media: media_settings(&settings),
        library: sounds.clone(),
        identity: Some(identity),
        entropy: entropy.fork(),
        clock,
        tokio: tokio::runtime::Handle::current(),
    };
    let started = parts.clock.now().wall;
    let recent = Recent::default();
    let mut journal_failing = Arc::default();
    // The journal is opened before the switch is made.
    let restored = Cell::new(Restored::default());
    let mut line = runtime::start(
        parts,
        |now, listeners| {
            let mut config = switch_config(&settings, listeners, fingerprint);
            config.hears_words = hearing.is_some();
            let switch = Switch::new(now, plan.clone(), config, entropy);
            let mut switch = switch.map_err(|error| StartError::File {
                path: settings.paths.dialplan.clone(),
                why: error.to_string(),
            })?;
            switch.restore_bans(now, &kept_bans::read(&settings.paths.data));
            switch.restore(now, restored.take());
            Ok(switch)
        },
        |durable| {
            let (writer, was) = store::open(&settings, started, recent.clone(), durable)?;
            journal_failing = writer.failing();
            restored.set(was);
            Ok(Some(writer))
        },
    )?;
    recordings::make_key(&recordings::archive(&settings));
    let is_for_trial = hearing.as_ref().is_some_and(|hearing| hearing.is_for_trial);
    let view = LineView {
        remote: line.remote(),
        recent,
        journal_failing,
        recorder: recorder.clone(),
        hears_for_trial: is_for_trial,
        last: Default::default(),
    };
    banner::print(&settings, &plan, &listeners, web.local_addr()?, is_for_trial, language);
    if is_for_trial {
        tracing::warn!(
            "callers are heard with the demo's small model, which must not decide about real callers; see \
             speech.recogniser"
        );
    }
    let mut accounts = web::Accounts::new(settings.web.accounts.0.clone());
    if let Some(provider) = openid(&settings.web)? {
        accounts = accounts.with_openid(provider);
    }
    warn_of_passwords_alone(&settings.web, &accounts);
    let applies = settings.dialplan.apply_on_change;
    let keeper = Arc::new(Keeper::new(
        line.remote(),
        begun,
        Playing { with_line: library, all: sounds },
        &settings,
    )?);
    let watch = tokio::spawn(dialplans::watch(keeper.clone(), applies));
    let dialplans = Arc::new(dialplans::Shared(keeper));
    let erases = tokio::spawn(store::erase_daily(
        line.remote(),
        store::place(&settings)?,
        recordings::archive(&settings),
    ));
    let acme = acme(&settings)?;
    let pages_tls = pages_tls(&settings.web, acme.as_ref())?.map(Arc::new);
    let renews = acme
        .zip(pages_tls.clone())
        .map(|(acme, tls)| tokio::spawn(async move { acme.keep(tls, || clock.now().wall).await }));
    let browsers = web::Browsers { realm: settings.sip.realm.clone(), turn: turn(&settings.web)? };
    let view = Arc::new(view);
    let again = hearing.map(|hearing| hearing.again);
    let desk = Desk::open(&settings, &line.remote(), view.clone(), plan.clone(), again).await?;
    let (api, casework) = desk.start(line.remote());
    let port = web::Port { listener: web, tls: pages_tls.clone() };
    let pages = tokio::spawn(web::serve(port, view, dialplans, accounts, api, browsers));

    let reloads = tokio::spawn(reload_tls(line.remote(), settings.clone(), pages_tls));
    let keeping = kept_bans::Keeping::new(line.remote(), settings.paths.data.clone());
    let keeping = tokio::spawn(keeping.for_ever());
    let limit = settings.drain.limit.duration();
    let ending = tokio::select! {
        ending = line.ended() => ending,
        () = first_of(&mut terminate, &mut interrupt) => {
            tracing::info!(limit = limit.as_secs(), "draining: new calls are refused");
            line.remote().drain(limit);
            tokio::select! {
                ending = line.ended() => ending,
                () = first_of(&mut terminate, &mut interrupt) => {
                    return Err(Failure::Runtime("ended at once by a second signal".into()));
                }
                // The switch ends its calls at the limit; this is for one that does not.
                () = tokio::time::sleep(limit + Duration::from_secs(5)) => Ending::Failed,
            }
        }
    };
    pages.abort();
    casework.abort();
    reloads.abort();
    if let Some(renews) = renews {
        renews.abort();
    }
    watch.abort();
    erases.abort();
    keeping.abort();
    recorder.flush();
    match ending {
        Ending::Drained => Ok(()),
        Ending::Failed => Err(Failure::Runtime("stopped by a defect; the log says where".into())),
    }
}

/// With each SIGHUP the certificates are read again: a renewed one needs no restart.
async fn reload_tls(line: Remote<Switch>, settings: Settings, pages: Option<Arc<web::Tls>>) {
    let Ok(mut hang_up) = signal(SignalKind::hangup()) else { return };
    while hang_up.recv().await.is_some() {
        let phones = line.reload_tls(&sip_settings(&settings).tls_files);
        let renewed = pages_certificate(&settings.web);
        match phones.and(renewed) {
            Ok(renewed) => {
                if let Some((pages, renewed)) = pages.as_ref().zip(renewed) {
                    pages.renew(renewed);
                }
                tracing::info!("TLS certificates read again");
            }
            Err(why) => tracing::error!(%why, "the TLS certificates of before stay in use"),
        }
    }
}

/// Whom a guessed or stolen password would let in from elsewhere.
fn warn_of_passwords_alone(web: &Web, accounts: &web::Accounts) {
    if web.listen.ip().is_loopback() && web.public_url.is_empty() {
        return;
    }
    for name in accounts.without_second_factor() {
        tracing::warn!(
            name,
            "this account of a supervisor or an admin has no second factor, and the pages can be reached from elsewhere; \
             see `line122 second-factor`"
        );
    }
}

/// The provider that knows people, if there is one.
fn openid(web: &Web) -> Result<Option<OpenId>, Failure> {
    let settings = web.openid.clone();
    if settings.issuer.is_empty() {
        return Ok(None);
    }
    let secret = |file: &PathBuf| {
        std::fs::read_to_string(file)
            .map(|text| text.trim_end().to_owned())
            .map_err(|error| StartError::File { path: file.clone(), why: error.to_string() })
    };
    let client = web::openid::Client {
        issuer: settings.issuer,
        id: settings.client_id,
        secret: settings.client_secret.0.as_ref().map(secret).transpose()?,
        public_url: web.public_url.clone(),
        title: settings.title,
    };
    let roles = web::openid::Roles {
        name_claim: settings.name_claim,
        roles_claim: settings.roles_claim,
        admin: settings.admin,
        supervisor: settings.supervisor,
        agent_claim: settings.agent_claim,
        organisation_claim: settings.organisation_claim,
    };
    let provider = OpenId::new(client, roles);
    provider.map(Some).map_err(|error| Failure::Usage(format!("web.openid: {error}")))
}

/// Who gives the pages certificates by themselves, if somebody does.
fn acme(settings: &Settings) -> Result<Option<web::acme::Acme>, Failure> {
    let web = &settings.web;
    if web.acme.domains.is_empty() {
        return Ok(None);
    }
    if web.tls_certificate.0.is_some() {
        return Err(Failure::Usage(
            "web.tls_certificate and web.acme.domains: the pages have one certificate, leave one of them empty".into(),
        ));
    }
    let folder = web.acme.folder.0.clone();
    Ok(Some(web::acme::Acme {
        domains: web.acme.domains.clone(),
        contact: web.acme.contact.0.clone(),
        directory: web.acme.directory.clone(),
        folder: folder.unwrap_or_else(|| settings.paths.data.join("acme")),
    }))
}

/// With what the pages are served over TLS, if they are.
fn pages_tls(web: &Web, acme: Option<&web::acme::Acme>) -> Result<Option<web::Tls>, Failure> {
    let Some(acme) = acme else { return Ok(pages_certificate(web)?.map(web::Tls::new)) };
    let begun = acme.begin().map_err(|error| Failure::Usage(format!("web.acme: {error}")))?;
    Ok(Some(begun))
}

/// The certificate of the pages that files say, if they do.
fn pages_certificate(web: &Web) -> Result<Option<Arc<rustls::ServerConfig>>, StartError> {
    match (&web.tls_certificate.0, &web.tls_key.0) {
        (Some(certificate), Some(key)) => runtime::accepting(certificate, key).map(Some),
        (None, None) => Ok(None),
        (Some(file), None) | (None, Some(file)) => Err(StartError::File {
            path: file.clone(),
            why: "web.tls_certificate and web.tls_key are needed both".into(),
        }),
    }
}

/// The TURN server of the settings.
fn turn(web: &Web) -> Result<Option<web::Turn>, StartError> {
    if web.turn.is_empty() {
        return Ok(None);
    }
    let file = web.turn_secret.0.clone().unwrap_or_default();
    let secret = std::fs::read_to_string(&file).map_err(|error| StartError::File {
        path: file,
        why: format!(
            "{error}; web.turn needs web.turn_secret, a file with the secret of the TURN server"
        ),
    })?;
    Ok(Some(web::Turn { uris: web.turn.clone(), secret: secret.trim_end().to_owned() }))
}

async fn first_of(
    terminate: &mut tokio::signal::unix::Signal,
    interrupt: &mut tokio::signal::unix::Signal,
) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

fn sip_settings(settings: &Settings) -> SipSettings {
    let sip = &settings.sip;
    SipSettings {
        udp: sip.udp.clone(),
        tcp: sip.tcp.clone(),
        tls: sip.tls.clone(),
        web: None,
        tls_files: TlsFiles {
            certificate: sip.tls_certificate.0.clone(),
            key: sip.tls_key.0.clone(),
            authorities: sip.tls_authorities.0.clone(),
            client_authorities: sip.tls_client_authorities.0.clone(),
        },
        advertise: sip.advertise.0.as_deref().map(Into::into),
        limits: StreamLimits {
            connections_max: sip.connections_max,
            per_address_max: sip.connections_per_address_max,
            ..StreamLimits::default()
        },
    }
}

fn media_settings(settings: &Settings) -> MediaSettings {
    let media = &settings.media;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    MediaSettings {
        address: media.address,
        advertise: media.advertise.0,
        ports: media.ports.0.clone(),
        // One core is left for signalling.
        threads: if media.threads == 0 { (cores - 1).max(1) } else { media.threads },
    }
}

fn switch_config(
    settings: &Settings,
    listeners: Vec<sip::Listener>,
    fingerprint: Fingerprint,
) -> SwitchConfig {
    let sip = &settings.sip;
    SwitchConfig {
        endpoint: EndpointConfig {
            listeners,
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            transactions_max: sip.calls_max.saturating_mul(TRANSACTIONS_A_CALL),
        },
        proxy: proxy::ProxyConfig {
            realm: sip.realm.as_str().into(),
            digest: sip.digest.0.iter().copied().map(Into::into).collect(),
            domains: sip.domains.iter().map(|domain| domain.as_str().into()).collect(),
            calls_max: sip.calls_max,
        },
        calls_max: sip.calls_max,
        calls_per_second_max: sip.calls_per_second_max,
        retry_after: sip.retry_after.duration(),
        session_expires: sip.session_expires.duration(),
        dead_media_after: settings.media.dead_after.duration(),
        fingerprint: Some(fingerprint),
        hears_words: false,
    }
}
