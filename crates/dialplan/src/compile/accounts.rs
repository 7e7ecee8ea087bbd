//! The accounts with which phones of agents and clinics register.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::secrets::PasswordKeys;
use super::{Context, entries};
use crate::plan::{Account, AccountOwner};
use crate::source::{At, Spot};
use crate::tables::{AccountTable, AgentTable};
use crate::{AgentId, ClinicId};

/// The accounts built so far, by their user names.
#[derive(Default)]
struct Accounts {
    accounts: BTreeMap<Box<str>, Account>,
    spots: BTreeMap<Box<str>, Spot>,
}

impl Context<'_> {
    /// All accounts; a user name stands once.
    pub(super) fn accounts(&mut self) -> BTreeMap<Box<str>, Account> {
        let mut accounts = Accounts::default();
        for (name, spot, table) in entries(&self.root.agents) {
            for number in crate::read::range(name).unwrap_or_default() {
                self.account_of_agent(&number, (name, spot), table, &mut accounts);
            }
        }
        for (name, _, table) in entries(&self.root.clinics) {
            for account in table.accounts.value().into_iter().flatten() {
                self.account_of_clinic(name, account, &mut accounts);
            }
        }
        accounts.accounts
    }

    fn account_of_agent(
        &mut self,
        number: &str,
        (table_name, spot): (&Arc<str>, Spot),
        table: &AgentTable,
        accounts: &mut Accounts,
    ) {
        let keys = PasswordKeys {
            password: &table.password,
            password_env: &table.password_env,
            password_file: &table.password_file,
        };
        let password = self.password(&keys, (spot, &format!("[agents.{table_name}]")), number);
        accounts.spots.insert(number.into(), spot);
        if let Some(password) = password {
            let owner = AccountOwner::Agent(AgentId::from(number));
            accounts.accounts.insert(number.into(), Account { password, owner });
        }
    }

    fn account_of_clinic(
        &mut self,
        clinic: &Arc<str>,
        At { spot, value: table }: &At<AccountTable>,
        accounts: &mut Accounts,
    ) {
        let what = format!("an account of clinic \"{clinic}\"");
        let owner = (*spot, what.as_str());
        let keys = PasswordKeys {
            password: &table.password,
            password_env: &table.password_env,
            password_file: &table.password_file,
        };
        let password = self.password(&keys, owner, "");
        let Some(user) = table.user.need("user", "\"270001\"", owner, self.findings) else {
            return;
        };
        self.check_user(user.spot, &user.value.0);
        if let Some(first) = accounts.spots.insert(user.value.0.clone(), user.spot) {
            self.findings
                .error(user.spot, format!("the user name \"{}\" is taken", user.value.0))
                .remedy("give each phone a user name of its own")
                .elsewhere(first, "first here");
        }
        if let Some(password) = password {
            let owner = AccountOwner::Clinic(ClinicId::from(&**clinic));
            accounts.accounts.insert(user.value.0.clone(), Account { password, owner });
        }
    }

    /// A user name must stand in a SIP URI as it is (RFC 3261 §25.1).
    fn check_user(&mut self, spot: Spot, user: &str) {
        if !user.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
            self.findings
                .error(spot, format!("\"{}\" cannot be a user name", user.escape_debug()))
                .remedy("use Latin letters, digits, hyphens and dots");
        }
    }
}
