//! Who somebody is here, by what the provider says.

use serde_json::{Map, Value};

use crate::accounts::Role;

/// Longest name that is kept.
const NAME_MAX: usize = 64;

/// Which of the provider's words mean which role; an empty one means none.
#[derive(Clone, Debug, Default)]
pub struct Roles {
    /// The claim with the name that is shown and written down.
    pub name_claim: String,
    /// The claim with the groups, or the only one.
    pub roles_claim: String,
    /// The group of admins.
    pub admin: String,
    /// The group of supervisors.
    pub supervisor: String,
    /// The claim with the number of an agent.
    pub agent_claim: String,
    /// The claim with an organisation.
    pub organisation_claim: String,
}

impl Roles {
    /// The highest role of somebody.
    pub(super) fn role(&self, claims: &Map<String, Value>) -> Option<Role> {
        let is_in = |group: &str| !group.is_empty() && has(claims.get(&self.roles_claim), group);
        if is_in(&self.admin) {
            return Some(Role::Admin);
        }
        if is_in(&self.supervisor) {
            return Some(Role::Supervisor);
        }
        if let Some(organisation) = text(claims, &self.organisation_claim) {
            return Some(Role::Organisation(organisation.as_str().into()));
        }
        text(claims, &self.agent_claim).map(|agent| Role::Agent(agent.as_str().into()))
    }

    /// How somebody is called in the line's books. Who has an account here may be called alike, so it is said that this
    /// one has none.
    pub(super) fn name(&self, claims: &Map<String, Value>) -> String {
        let name = text(claims, &self.name_claim).unwrap_or_else(|| subject(claims));
        let name: String = name.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
        format!("{name} (OpenID)")
    }
}

/// By what the provider knows somebody for ever.
pub(super) fn subject(claims: &Map<String, Value>) -> String {
    let known = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    known.chars().take(255).collect()
}

fn has(claim: Option<&Value>, group: &str) -> bool {
    match claim {
        Some(Value::String(one)) => one == group,
        Some(Value::Array(all)) => all.iter().any(|one| one == group),
        _ => false,
    }
}

fn text(claims: &Map<String, Value>, claim: &str) -> Option<String> {
    match claims.get(claim).filter(|_| !claim.is_empty())? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        // Providers write extensions as numbers, too.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn roles() -> Roles {
        let text = str::to_owned;
        Roles {
            name_claim: text("preferred_username"),
            roles_claim: text("groups"),
            admin: text("122-admins"),
            supervisor: text("122-leads"),
            agent_claim: text("extension"),
            organisation_claim: text("organisation"),
        }
    }

    fn role(claims: Value) -> Option<Role> {
        roles().role(claims.as_object().unwrap())
    }

    #[test]
    fn groups_and_claims_give_roles_the_highest_first() {
        assert_eq!(
            role(json!({ "groups": ["mail", "122-admins", "122-leads"] })),
            Some(Role::Admin)
        );
        assert_eq!(
            role(json!({ "groups": "122-leads", "extension": "201" })),
            Some(Role::Supervisor)
        );
        assert_eq!(role(json!({ "extension": "201" })), Some(Role::Agent("201".into())));
        assert_eq!(role(json!({ "extension": 201 })), Some(Role::Agent("201".into())));
        let organisation = Some(Role::Organisation("ministry".into()));
        assert_eq!(role(json!({ "organisation": "ministry" })), organisation);
        for nothing in [
            json!({}),
            json!({ "groups": [""] }),
            json!({ "groups": { "122-admins": 1 } }),
            json!({ "extension": "" }),
        ] {
            assert_eq!(role(nothing), None);
        }
    }

    #[test]
    fn what_is_not_set_gives_nothing() {
        let bare = Roles { roles_claim: "groups".into(), ..Roles::default() };
        let claims = json!({ "groups": [""], "": "201" });
        assert_eq!(bare.role(claims.as_object().unwrap()), None);
    }

    #[test]
    fn the_name_says_where_it_is_from() {
        let claims = json!({ "sub": "7f3a", "preferred_username": "ivanov\n" });
        assert_eq!(roles().name(claims.as_object().unwrap()), "ivanov (OpenID)");
        assert_eq!(roles().name(json!({ "sub": "7f3a" }).as_object().unwrap()), "7f3a (OpenID)");
    }
}
