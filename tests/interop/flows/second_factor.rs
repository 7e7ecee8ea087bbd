//! Who leads the line logs in with a password and a code of an authenticator.

use std::time::{SystemTime, UNIX_EPOCH};

use interop::browser::{Turn, humming};
use interop::setup::{ADMIN, ADMINS_PASSWORD};
use interop::{Line, Setup};
use totp_rs::{Builder, Secret, Totp};

/// Seconds between two codes.
const STEP: u64 = 30;

/// A line whose admin has just been given a second factor by the command, while it runs.
fn line() -> (Line, Totp) {
    let line = Setup::demo().with_admin().start();
    let told = line.run(&["second-factor", ADMIN]);
    let key = told.lines().map(str::trim).find(|line| line.starts_with("second_factor = "));
    let key = key.expect("the command tells what to write");
    let secret = key.split('"').nth(1).expect("a text in quotes");
    assert!(told.contains(&format!("otpauth://totp/122%20line122:{ADMIN}?secret={secret}&issuer")));
    assert!(told.contains("▄") && told.contains("[admin]"), "{told}");
    let file = line.folder().join("accounts.toml");
    let accounts = std::fs::read_to_string(&file).expect("the file of the accounts");
    line.write_file("accounts.toml", &format!("{accounts}{key}\n"));
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let authenticator = Builder::new().with_secret(secret).build().expect("a secret long enough");
    (line, authenticator)
}

/// The code of so many steps from now.
fn code(authenticator: &Totp, steps: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    authenticator.generate(now + steps * STEP).to_string()
}

#[test]
fn a_password_alone_opens_nothing_and_nobody_learns_whether_it_was_right() {
    let (line, authenticator) = line();
    let log_in = |password: &str, code: Option<&str>| {
        let code = code.map(|code| format!(r#","code":"{code}""#)).unwrap_or_default();
        let body = format!(r#"{{"name":"{ADMIN}","password":"{password}"{code}}}"#);
        line.web().ask("POST /session", "", &body).expect("the web port answers")
    };
    let now = code(&authenticator, 0);
    let refused = log_in("not-the-password", Some(&now));
    assert_eq!(refused.0, 401);
    assert_eq!(log_in(ADMINS_PASSWORD, None), refused);
    assert_eq!(log_in(ADMINS_PASSWORD, Some("")), refused);
    let wrong = format!("{:06}", (now.parse::<u32>().expect("digits") + 1) % 1_000_000);
    assert_eq!(log_in(ADMINS_PASSWORD, Some(&wrong)), refused);
    let (status, told) = log_in(ADMINS_PASSWORD, Some(&now));
    assert!(status == 200 && told.contains(r#""role":"admin""#), "{status} {told}");
    // The one that somebody has watched being typed.
    assert_eq!(log_in(ADMINS_PASSWORD, Some(&now)), refused);
    for _ in 0..4 {
        assert_eq!(log_in(ADMINS_PASSWORD, Some(&wrong)), refused);
    }
    let next = code(&authenticator, 1);
    assert_eq!(log_in(ADMINS_PASSWORD, Some(&next)).0, 429, "who fails is shut out");
    let log = line.log();
    assert!(log.contains("the right password without the right code"), "{log}");
    for secret in [ADMINS_PASSWORD, now.as_str(), &authenticator.secret().to_base32()] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn the_form_asks_for_the_code_after_a_refusal_and_at_once_where_one_was_given() {
    let _turn = Turn::take();
    let (line, authenticator) = line();
    let browser = humming(&line, 700.0);
    let page = browser.page();
    page.language("ru");
    page.go(&format!("http://{}/dialplan", line.web().0));
    page.wait_visible("#login");
    assert!(!page.sees("[name=code]"));
    page.fill("[name=name]", ADMIN);
    page.fill("[name=password]", ADMINS_PASSWORD);
    page.press("Enter");
    page.wait_text("#message", "Неверное имя или пароль");
    page.wait_visible("[name=code]");
    let field = "(() => { const one = document.querySelector('[name=code]'); \
                 return [one.autocomplete, one.inputMode, document.activeElement === one, one.labels[0].textContent]; })()";
    let shown = page.evaluate(field);
    assert_eq!(shown[0], "one-time-code");
    assert_eq!(shown[1], "numeric");
    assert_eq!(shown[2], true, "one types on");
    assert_eq!(shown[3].as_str().map(str::trim), Some("Код, если есть"));
    // Applications show it in two groups.
    let now = code(&authenticator, 0);
    page.fill("[name=code]", &format!("{} {}", &now[..3], &now[3..]));
    page.press("Enter");
    page.wait_hidden("#login");
    page.wait_text("#who", ADMIN);

    page.click("#who button:last-child");
    page.wait_visible("[name=code]");
    page.fill("[name=name]", ADMIN);
    page.fill("[name=password]", ADMINS_PASSWORD);
    page.fill("[name=code]", &code(&authenticator, 1));
    page.press("Enter");
    page.wait_hidden("#login");
}
