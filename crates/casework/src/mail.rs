//! Letters by e-mail.

use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use records::Letter;

/// How long a mail server may be silent.
const PATIENCE: Duration = Duration::from_secs(20);

/// The mail server, and who we are.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// `smtp://host:25` unencrypted, `smtp://host:587?tls=required` with STARTTLS, `smtps://host` over TLS.
    pub server: String,
    /// User name and password, if the server wants them.
    pub login: Option<(String, String)>,
    /// Whose letters they are: `line122@region.example`.
    pub from: String,
}

/// Sends letters by the mail server.
pub(crate) struct Post {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Post {
    pub(crate) fn new(settings: &MailSettings) -> Result<Post, String> {
        let told = |error: lettre::transport::smtp::Error| format!("mail.server: {error}");
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&settings.server)
            .map_err(told)?
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &settings.login {
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        let from = settings.from.parse().map_err(|error| format!("mail.from: {error}"))?;
        Ok(Post { transport: builder.build(), from })
    }

    /// Tries once; says why the server has not taken it.
    pub(crate) async fn send(&self, to: &str, letter: &Letter) -> Result<(), String> {
        let (subject, text) = letter.body.split_once("\n\n").unwrap_or((&letter.body, ""));
        let to: Address = to.parse().map_err(told)?;
        let host = self.from.email.domain();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            // The same in every try: a server that got it twice can tell.
            .message_id(Some(format!("<{}@{host}>", letter.delivery)))
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(told)?;
        self.transport.send(message).await.map(|_| ()).map_err(told)
    }
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
