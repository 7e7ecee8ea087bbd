//! Who gives a command, for the audit.

/// Behind `sudo` the person; else what the environment says; else whom the process belongs to: a
/// service or a job of cron has no environment of a person.
pub(crate) fn who() -> String {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let named = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(set);
    named.unwrap_or_else(|| {
        let user = rustix::process::getuid().as_raw().to_string();
        let known = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        name_of(&user, &known).map_or(user.clone(), str::to_owned)
    })
}

/// The name of a user's number in the words of passwd(5).
fn name_of<'a>(user: &str, passwd: &'a str) -> Option<&'a str> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _, number) = (fields.next()?, fields.next()?, fields.next()?);
        (number == user && !name.is_empty()).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_without_a_name_stays_a_number() {
        let passwd = "root:x:0:0::/root:/bin/sh\nbroken\n:x:7:7::/:/\nline122:x:998:998::/:/";
        assert_eq!(name_of("998", passwd), Some("line122"));
        assert_eq!(name_of("0", passwd), Some("root"));
        assert_eq!(name_of("99", passwd), None);
        assert_eq!(name_of("7", passwd), None);
    }
}
