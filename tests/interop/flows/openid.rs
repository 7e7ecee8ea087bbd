//! Logging in by a provider of the region: oidc-provider-mock, which speaks OpenID Connect as Keycloak and others do.

use std::net::TcpStream;
use std::process::Command;

use interop::browser::{Desk, Turn, humming};
use interop::process::Process;
use interop::{Folder, Host, Line, PATIENCE, Setup, root, until};
use std::io::{Read, Write};

use crate::desks::Citizen;

/// Whom the provider knows.
const PEOPLE: [&str; 4] = [
    r#"{"sub":"ivanov","preferred_username":"ivanov","groups":["mail","122-admins"]}"#,
    r#"{"sub":"orlova","preferred_username":"orlova","groups":["122-leads"]}"#,
    r#"{"sub":"anna","preferred_username":"anna","extension":"201"}"#,
    r#"{"sub":"visitor","preferred_username":"visitor","groups":["mail"],"extension":"999"}"#,
];

/// The provider and a line that believes it.
struct Region {
    line: Line,
    provider: Host,
    _process: Process,
    _folder: Folder,
}

impl Region {
    fn start() -> Region {
        let setup = Setup::demo().with_short_menu();
        let (folder, provider) = (Folder::new(), setup.host());
        let at = provider.port(9400);
        let mut command = Command::new(root().join("target/openid/bin/oidc-provider-mock"));
        command.args(["--host", &at.ip().to_string(), "--port", "9400", "--require-nonce", "true"]);
        command.args(PEOPLE.iter().flat_map(|person| ["--user-claims", person]));
        let process = Process::start(command, &folder.path().join("provider.log"));
        until("the provider listens", PATIENCE, || TcpStream::connect(at).ok());
        let pages = format!("http://{}", setup.web());
        let line = setup
            .set("web.public_url", pages)
            .set("web.openid.issuer", format!("http://{at}"))
            .set("web.openid.client_id", "line122")
            .file("openid.secret", "a secret: of 122\n")
            .set("web.openid.client_secret", "openid.secret")
            .set("web.openid.title", "Вход области")
            .set("web.openid.admin", "122-admins")
            .set("web.openid.supervisor", "122-leads")
            .set("web.openid.agent_claim", "extension")
            .start();
        Region { line, provider, _process: process, _folder: folder }
    }

    fn ask(&self, request: &str, headers: &str) -> Answer {
        ask(self.line.web().0, request, headers, "")
    }

    /// Goes to the provider: where that is, and the browser's cookie.
    fn goes(&self) -> (String, String) {
        let gone = self.ask("GET /session/openid?page=/wall", "");
        let cookie = gone.cookie("line122-openid").expect("a cookie of the login");
        (gone.header("location").expect("the provider's address"), cookie)
    }

    /// Says who one is; the way back.
    fn is_known(&self, door: &str, sub: &str) -> String {
        let at = self.provider.port(9400);
        let path = door.strip_prefix(&format!("http://{at}")).expect("the provider's address");
        let body = format!("sub={sub}");
        let answer = ask(at, &format!("POST {path}"), "", &body);
        let back = answer.header("location").unwrap_or_else(|| panic!("{}", answer.0));
        let pages = format!("http://{}", self.line.web().0);
        back.strip_prefix(&pages).expect("the way back").to_owned()
    }

    /// All of it.
    fn logs_in(&self, sub: &str) -> Answer {
        let (door, cookie) = self.goes();
        let back = self.is_known(&door, sub);
        self.ask(&format!("GET {back}"), &format!("Cookie: {cookie}\r\n"))
    }

    /// What the line says of who has this session.
    fn who(&self, came: &Answer) -> String {
        let cookie = came.cookie("line122").expect("a session");
        self.ask("GET /session", &format!("Cookie: {cookie}\r\n")).0
    }
}

/// An HTTP answer as it came.
struct Answer(String);

impl Answer {
    fn status(&self) -> u16 {
        self.0.get(9..12).and_then(|status| status.parse().ok()).expect("a status")
    }

    fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let head = self.0.split("\r\n\r\n").next().unwrap_or_default();
        let pairs = head.lines().filter_map(|line| line.split_once(": "));
        pairs.filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers(name).next().map(str::to_owned)
    }

    /// A cookie as the browser sends it back.
    fn cookie(&self, name: &str) -> Option<String> {
        let pairs = self.headers("set-cookie").filter_map(|one| one.split(';').next());
        pairs.into_iter().find(|pair| pair.starts_with(&format!("{name}="))).map(str::to_owned)
    }
}

fn ask(at: std::net::SocketAddr, request: &str, headers: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(at).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    let length = match body.len() {
        0 => String::new(),
        length => format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n"
        ),
    };
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n{length}{headers}\r\n{body}"
    )
    .expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    Answer(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn people_of_the_region_come_in_with_the_roles_that_their_provider_tells() {
    let region = Region::start();
    let nobody = region.ask("GET /session", "");
    assert!(
        nobody.status() == 401 && nobody.0.contains(r#"{"openid":"Вход области"}"#),
        "{}",
        nobody.0
    );
    for (sub, role) in [
        ("ivanov", r#""name":"ivanov (OpenID)","role":"admin""#),
        ("orlova", r#""role":"supervisor""#),
        ("anna", r#""role":"agent","agent":"201""#),
    ] {
        let came = region.logs_in(sub);
        assert_eq!(came.status(), 200, "{}", came.0);
        assert!(came.0.contains("url=/wall"), "{}", came.0);
        let who = region.who(&came);
        assert!(who.contains(role), "{who}");
    }
    // The provider knows the visitor, but the line has no agent 999.
    let stranger = region.logs_in("visitor");
    assert_eq!(stranger.header("location").as_deref(), Some("/wall#openid=stranger"));
    assert!(stranger.cookie("line122").is_none());
    let log = region.line.log();
    assert!(log.contains("known by OpenID") && log.contains("gives no role here"), "{log}");
}

#[test]
fn a_way_back_is_good_once_and_for_the_browser_that_went() {
    let region = Region::start();
    let again = Some("/cases#openid=again".to_owned());
    let (door, cookie) = region.goes();
    let (_, other) = region.goes();
    let back = region.is_known(&door, "ivanov");
    let come = |cookie: &str| region.ask(&format!("GET {back}"), &format!("Cookie: {cookie}\r\n"));
    // Somebody is made to click on another's way back; then it is worth nothing for the other either.
    assert_eq!(come(&other).header("location"), again);
    assert_eq!(come(&cookie).header("location"), again);

    let (door, cookie) = region.goes();
    let back = region.is_known(&door, "ivanov");
    let come = |back: &str| region.ask(&format!("GET {back}"), &format!("Cookie: {cookie}\r\n"));
    assert!(come(&back).cookie("line122").is_some());
    assert_eq!(come(&back).header("location"), again);

    // A code that was given for another login does not have its nonce.
    let (door, _) = region.goes();
    let stolen = region.is_known(&door, "ivanov");
    let code =
        |back: &str| back.split(['?', '&']).find(|one| one.starts_with("code=")).map(str::to_owned);
    let (door, cookie) = region.goes();
    let own = region.is_known(&door, "visitor");
    let mixed = own.replace(&code(&own).expect("a code"), &code(&stolen).expect("a code"));
    let refused = region.ask(&format!("GET {mixed}"), &format!("Cookie: {cookie}\r\n"));
    assert_eq!(refused.header("location").as_deref(), Some("/wall#openid=unavailable"));
    assert!(region.line.log().contains("the nonce is another"));
    // Nobody is sent elsewhere by us.
    for page in ["https://evil.example", "//evil.example", "/nowhere"] {
        assert_eq!(region.ask(&format!("GET /session/openid?page={page}"), "").status(), 404);
    }
}

#[test]
fn in_the_browser_it_is_one_link() {
    let _turn = Turn::take();
    let region = Region::start();
    let browser = humming(&region.line, 700.0);
    let page = browser.page();
    page.language("ru");
    page.go(&format!("http://{}/supervisor", region.line.web().0));
    page.wait_text("#provider", "Войти через Вход области");
    page.click("#provider");
    page.wait_visible("[name=sub]");
    page.fill("[name=sub]", "orlova");
    page.press("Enter");
    page.wait_text("#who", "orlova (OpenID)");
    page.wait_hidden("#login");
    assert_eq!(page.evaluate("location.pathname"), "/supervisor");

    page.click("#who button:last-child");
    page.click("#provider");
    page.wait_visible("[name=sub]");
    page.fill("[name=sub]", "visitor");
    page.press("Enter");
    page.wait_text("#message", "роли здесь у вас нет");
}

#[test]
fn an_agent_of_the_provider_has_a_telephone_at_the_desk() {
    let _turn = Turn::take();
    let region = Region::start();
    let browser = humming(&region.line, 700.0);
    let desk = Desk::open(&region.line, &browser);
    desk.page.click("#provider");
    desk.page.wait_visible("[name=sub]");
    desk.page.fill("[name=sub]", "anna");
    desk.page.press("Enter");
    desk.page.click("#on");
    desk.wait_state("waiting");
    let citizen = Citizen::dials(&region.line, "122");
    citizen.desk.sound.hum(500.0);
    desk.answers();
    desk.wait_tone(500.0);
    citizen.desk.sound.wait_tone(700.0);
}
