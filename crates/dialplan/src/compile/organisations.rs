//! Organisations that are told of cases.

use std::collections::BTreeMap;

use super::secrets::PasswordKeys;
use super::{Context, entries};
use crate::read::{Field, Name};
use crate::source::{At, Spot};
use crate::tables::OrganisationTable;
use crate::{Organisation, OrganisationId, Webhook};

/// More would be told by one case than anybody reads.
const NOTIFY_MAX: usize = 16;

impl Context<'_> {
    /// All organisations.
    pub(super) fn organisations(&mut self) -> BTreeMap<OrganisationId, Organisation> {
        let mut organisations = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.organisations) {
            let what = format!("organisation \"{name}\"");
            if let Some(organisation) = self.organisation(name, (spot, &what), table) {
                organisations.insert(organisation.id.clone(), organisation);
            }
        }
        organisations
    }

    fn organisation(
        &mut self,
        name: &str,
        owner: (Spot, &str),
        table: &OrganisationTable,
    ) -> Option<Organisation> {
        let title = table.title.need("title", "\"Министерство\"", owner, self.findings);
        let email = table.email.value().map(|address| address.0.clone());
        if let (Field::Absent, Field::Absent) = (&table.webhook, &table.email) {
            self.findings
                .error(owner.0, format!("nobody can tell {} anything", owner.1))
                .remedy("add webhook = \"https://…\" or email = \"…\"");
        }
        let webhook = match table.webhook.given() {
            None => None,
            Some(At { spot, value: url }) => {
                let whole_case = table.whole_case.value().is_some_and(|whole| *whole);
                if whole_case && url.0.starts_with("http:") {
                    self.findings
                        .warning(*spot, "what citizens have told goes there unencrypted")
                        .remedy("write an address that begins with https:");
                }
                let keys = PasswordKeys {
                    password: &table.password,
                    password_env: &table.password_env,
                    password_file: &table.password_file,
                };
                let key = self.password(&keys, owner, "");
                Some(Webhook { url: url.0.clone(), key: key?, whole_case })
            }
        };
        let title = title?.value.0.clone();
        Some(Organisation { id: name.into(), title, webhook, email })
    }

    /// Which organisations are told of a queue's cases.
    pub(super) fn notify(&mut self, written: &Field<Vec<At<Name>>>) -> Vec<OrganisationId> {
        let Some(written) = written.given() else { return Vec::new() };
        if written.value.len() > NOTIFY_MAX {
            self.findings
                .error(written.spot, format!("more than {NOTIFY_MAX} organisations"))
                .remedy(format!("name at most {NOTIFY_MAX}"));
        }
        let mut notified: Vec<OrganisationId> = Vec::new();
        for name in &written.value {
            let known =
                self.known("organisation", name.spot, &name.value.0, &self.root.organisations);
            let id = OrganisationId::from(&*name.value.0);
            if known && !notified.contains(&id) {
                notified.push(id);
            }
        }
        notified
    }
}
