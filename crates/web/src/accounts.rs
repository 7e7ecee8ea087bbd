//! Who may use the pages that are not everybody's: those whom the file names that `web.accounts` says, and the
//! agents of the dialplan, with the passwords of their phones.
//!
//! ```toml
//! [ivanov]
//! role = "admin"
//! password = "$argon2id$…"    # what `line122 password` prints
//! phone = "221"               # may be absent: the agent's account with which talks are watched
//! second_factor = "…"         # what `line122 second-factor ivanov` prints
//!
//! [petrova]
//! role = "organisation"
//! organisation = "ministry"
//! password = "$argon2id$…"
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use argon2::password_hash::SaltString;
use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use dialplan::plan::AccountOwner;
use dialplan::{AgentId, Dialplan, OrganisationId};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::openid::OpenId;
use crate::second_factor::SecondFactor;

/// Longest password: more costs time and says nothing.
pub const PASSWORD_MAX: usize = 256;

/// What an account may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Works at the desk.
    Agent(AgentId),
    /// Sees what runs and what would change, and works on cases.
    Supervisor,
    /// Also changes the dialplan.
    Admin,
    /// Works on the cases that this organisation of the dialplan has, and sees nothing else.
    Organisation(OrganisationId),
}

impl Role {
    /// Its name, and whose it is.
    pub(crate) fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Role::Agent(agent) => ("agent", Some(agent.as_str())),
            Role::Supervisor => ("supervisor", None),
            Role::Admin => ("admin", None),
            Role::Organisation(organisation) => ("organisation", Some(organisation.as_str())),
        }
    }

    /// The role of these parts.
    pub(crate) fn of_parts(role: &str, of: Option<&str>) -> Option<Role> {
        match (role, of) {
            ("agent", Some(agent)) => Some(Role::Agent(agent.into())),
            ("supervisor", None) => Some(Role::Supervisor),
            ("admin", None) => Some(Role::Admin),
            ("organisation", Some(organisation)) => Some(Role::Organisation(organisation.into())),
            _ => None,
        }
    }
}

impl Serialize for Role {
    /// `role`, and with it whose: `{ "role": "agent", "agent": "201" }`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (role, of) = self.parts();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("role", role)?;
        if let Some(of) = of {
            map.serialize_entry(role, of)?;
        }
        map.end()
    }
}

#[derive(Debug, Deserialize)]
struct Account {
    #[serde(flatten)]
    role: WrittenRole,
    password: String,
    /// The telephone's account, of those that the dialplan gives to agents.
    phone: Option<String>,
    second_factor: Option<SecondFactor>,
}

/// Whose password was right.
#[derive(Debug)]
pub(crate) struct Proven {
    pub(crate) role: Role,
    /// What is to be shown as well.
    pub(crate) second_factor: Option<SecondFactor>,
}

/// A role as the file says it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "role")]
enum WrittenRole {
    Supervisor,
    Admin,
    Organisation { organisation: String },
}

impl Account {
    fn role(&self) -> Role {
        match &self.role {
            WrittenRole::Supervisor => Role::Supervisor,
            WrittenRole::Admin => Role::Admin,
            WrittenRole::Organisation { organisation } => {
                Role::Organisation(organisation.as_str().into())
            }
        }
    }
}

/// The accounts of the pages. The file is read anew each time, so that it may be changed at any time.
#[derive(Clone, Default)]
pub struct Accounts {
    file: Option<PathBuf>,
    running: Option<Arc<dyn Fn() -> Arc<Dialplan> + Send + Sync>>,
    elsewhere: Option<Arc<OpenId>>,
}

impl Accounts {
    /// The accounts of a file; without one nobody can log in.
    #[must_use]
    pub fn new(file: Option<PathBuf>) -> Accounts {
        Accounts { file, running: None, elsewhere: None }
    }

    /// With the agents of the running dialplan. A name that the file has is none of theirs.
    #[must_use]
    pub fn with_agents(
        self,
        running: impl Fn() -> Arc<Dialplan> + Send + Sync + 'static,
    ) -> Accounts {
        Accounts { running: Some(Arc::new(running)), ..self }
    }

    /// With those whom a provider of the region knows.
    #[must_use]
    pub fn with_openid(self, provider: OpenId) -> Accounts {
        Accounts { elsewhere: Some(Arc::new(provider)), ..self }
    }

    /// The provider, if there is one.
    pub(crate) fn elsewhere(&self) -> Option<&OpenId> {
        self.elsewhere.as_deref()
    }

    /// Whether the running dialplan has whom a role is of.
    pub(crate) fn has(&self, role: &Role) -> bool {
        let plan = || self.running.as_ref().map(|running| running());
        match role {
            Role::Supervisor | Role::Admin => true,
            Role::Agent(agent) => plan().is_some_and(|plan| plan.agents.contains_key(agent)),
            Role::Organisation(of) => {
                plan().is_some_and(|plan| plan.organisations.contains_key(of))
            }
        }
    }

    /// The role of an account; `None` if there is none.
    pub(crate) fn role_of(&self, name: &str) -> Option<Role> {
        let role = self.read().get(name).map(Account::role);
        role.or_else(|| self.agent(name, |_| true).map(Role::Agent))
    }

    /// Whose telephone somebody has: agents their own, others that of the agent whom the file says.
    pub(crate) fn phone_of(&self, name: &str, role: &Role) -> Option<AgentId> {
        match role {
            Role::Agent(agent) => self.agent(agent.as_str(), |_| true),
            _ => self.agent(&self.read().remove(name)?.phone?, |_| true),
        }
    }

    /// The supervisors and admins whose password alone opens the door.
    #[must_use]
    pub fn without_second_factor(&self) -> Vec<String> {
        let leads = |account: &Account| {
            matches!(account.role, WrittenRole::Supervisor | WrittenRole::Admin)
        };
        let accounts = self.read().into_iter();
        let bare = accounts.filter(|(_, one)| leads(one) && one.second_factor.is_none());
        bare.map(|(name, _)| name).collect()
    }

    /// The account, if the password is right. It takes as long for a name that nobody has.
    pub(crate) fn verify(&self, name: &str, password: &str) -> Option<Proven> {
        let mut accounts = self.read();
        let account = accounts.remove(name);
        let hash = account.as_ref().map_or(NOBODY, |account| account.password.as_str());
        let known = PasswordHash::new(hash).ok()?;
        let is_right = Argon2::default().verify_password(password.as_bytes(), &known).is_ok();
        match account {
            Some(account) => is_right
                .then(|| Proven { role: account.role(), second_factor: account.second_factor }),
            // Hashed, so that the time tells nothing of how much of it is right.
            None => self
                .agent(name, |known| Sha256::digest(known) == Sha256::digest(password))
                .map(|agent| Proven { role: Role::Agent(agent), second_factor: None }),
        }
    }

    /// The agent of this name, if the password is as it should be.
    fn agent(&self, name: &str, is_right: impl Fn(&str) -> bool) -> Option<AgentId> {
        let plan = self.running.as_ref()?();
        let account = plan.accounts.get(name).filter(|account| is_right(&account.password))?;
        match &account.owner {
            AccountOwner::Agent(agent) => Some(agent.clone()),
            AccountOwner::Clinic(_) => None,
        }
    }

    fn read(&self) -> BTreeMap<String, Account> {
        let Some(file) = &self.file else { return BTreeMap::new() };
        let text = std::fs::read_to_string(file);
        let read = text
            .map_err(|e| e.to_string())
            .and_then(|text| toml::from_str(&text).map_err(|error| error.message().to_owned()));
        read.unwrap_or_else(|error| {
            tracing::error!(file = %file.display(), %error, "the accounts of the pages");
            BTreeMap::new()
        })
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accounts").field("file", &self.file).finish_non_exhaustive()
    }
}

/// A hash that no password has.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What stands in the file for a password.
///
/// # Errors
/// If the system has no random numbers.
pub fn hash_password(password: &str) -> io::Result<String> {
    let salt: [u8; 16] = random()?;
    let salt = SaltString::encode_b64(&salt).map_err(io::Error::other)?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    Ok(hash.map_err(io::Error::other)?.to_string())
}

/// A secret that nobody guesses: 64 hexadecimal digits.
pub(crate) fn random_secret() -> io::Result<String> {
    Ok(random::<32>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Random bytes of the system.
pub(crate) fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_gives_the_role() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("accounts.toml");
        let hash = hash_password("корова и забор").unwrap();
        assert!(hash.starts_with("$argon2id$") && hash != hash_password("корова и забор").unwrap());
        std::fs::write(&file, format!("[ivanov]\nrole = \"admin\"\npassword = \"{hash}\"\n"))
            .unwrap();
        let accounts = Accounts::new(Some(file.clone()));
        let verify =
            |name: &str, password: &str| accounts.verify(name, password).map(|one| one.role);
        assert_eq!(verify("ivanov", "корова и забор"), Some(Role::Admin));
        assert_eq!(verify("ivanov", "корова"), None);
        let other = format!(
            "[petrova]\nrole = \"organisation\"\norganisation = \"ministry\"\npassword = \"{hash}\"\n"
        );
        std::fs::write(&file, other).unwrap();
        assert_eq!(accounts.role_of("petrova"), Some(Role::Organisation("ministry".into())));
        // An organisation without its name is no account, and shuts the file rather than open it.
        std::fs::write(
            &file,
            format!("[petrova]\nrole = \"organisation\"\npassword = \"{hash}\"\n"),
        )
        .unwrap();
        assert_eq!(accounts.role_of("petrova"), None);
        assert_eq!(verify("petrov", "корова и забор"), None);
        // Changed at any time.
        std::fs::write(&file, "").unwrap();
        assert_eq!(accounts.role_of("ivanov"), None);
        assert!(Accounts::default().verify("ivanov", "").is_none());
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn a_telephone_is_the_agents_own_or_the_one_that_the_file_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("accounts.toml");
        let hash = hash_password("корова и забор").unwrap();
        let account = |name: &str, phone: &str| {
            format!("[{name}]\nrole = \"supervisor\"\npassword = \"{hash}\"\n{phone}\n")
        };
        let all = [account("orlova", "phone = \"201\""), account("petrova", "phone = \"nobody\"")];
        std::fs::write(&file, all.concat()).unwrap();
        const PLAN: &str = r#"
            [region]
            name = "Область"
            time_zone = "Europe/Moscow"
            area_code = "4812"
            [service]
            numbers = ["122"]
            start = "hangup"
            [groups.operators]
            title = "Операторы"
            agents = ["201"]
            [agents.201]
            name = "Анна"
            kind = "operator"
            password = "telephone-201"
        "#;
        let (plan, _) = dialplan::load_str(&[("line.toml", PLAN)], &Default::default()).unwrap();
        let plan = Arc::new(plan);
        let accounts = Accounts::new(Some(file)).with_agents(move || plan.clone());
        let agent = Some(AgentId::from("201"));
        // Whatever a session is called: who comes by OpenID has the provider's name for somebody.
        assert_eq!(accounts.phone_of("anna (OpenID)", &Role::Agent("201".into())), agent);
        assert_eq!(accounts.phone_of("999", &Role::Agent("999".into())), None);
        assert_eq!(accounts.phone_of("orlova", &Role::Supervisor), agent);
        assert_eq!(accounts.phone_of("petrova", &Role::Supervisor), None);
        assert_eq!(accounts.phone_of("ivanov", &Role::Admin), None);
    }

    #[test]
    fn a_second_factor_belongs_to_the_account() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("accounts.toml");
        let hash = hash_password("корова и забор").unwrap();
        let account = |name: &str, role: &str, more: &str| {
            format!("[{name}]\nrole = \"{role}\"\npassword = \"{hash}\"\n{more}\n")
        };
        let factor = "second_factor = \"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\"";
        let all = [
            account("ivanov", "admin", factor),
            account("orlova", "supervisor", ""),
            account("petrova", "organisation", "organisation = \"ministry\""),
        ];
        std::fs::write(&file, all.concat()).unwrap();
        let accounts = Accounts::new(Some(file.clone()));
        let proven = |name| accounts.verify(name, "корова и забор").unwrap();
        assert!(proven("ivanov").second_factor.is_some());
        assert!(proven("orlova").second_factor.is_none());
        assert_eq!(accounts.without_second_factor(), ["orlova"]);
        // One that cannot be used shuts the door rather than be passed over.
        std::fs::write(&file, account("ivanov", "admin", "second_factor = \"SHORT\"")).unwrap();
        assert!(accounts.verify("ivanov", "корова и забор").is_none());
    }
}
