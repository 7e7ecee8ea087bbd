//! Single values: texts, numbers, durations, targets, URIs.

use std::time::Duration;

use toml::de::DeValue;

use super::Node;
use super::Read;
use crate::findings::{Findings, most_similar};
use crate::plan::{AgentKind, AskedFor, Key, RingOrder, Srtp, SrtpKeys};

/// The longest text, in characters.
const TEXT_MAX: usize = 500;
/// The longest duration: what medicine keeps longest is kept fifty years.
const DURATION_MAX: Duration = Duration::from_secs(50 * 365 * 86_400);
/// The most agents that one range may describe.
const RANGE_MAX: u64 = 1000;

/// A text that is not empty.
#[derive(Clone, Debug)]
pub(crate) struct Text(pub(crate) Box<str>);

/// The name of a thing that stands elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Name(pub(crate) Box<str>);

/// A telephone number as written; its normal form depends on the region.
#[derive(Clone, Debug)]
pub(crate) struct NumberText(pub(crate) Box<str>);

/// A key of the telephone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyLabel(pub(crate) Key);

/// A SIP URI.
#[derive(Clone, Debug)]
pub(crate) struct SipUri(pub(crate) Box<str>);

/// A whole number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count(pub(crate) usize);

/// Where a call goes, as written: `menu:main`.
#[derive(Clone, Debug)]
pub(crate) enum TargetText {
    Menu(Box<str>),
    Queue(Box<str>),
    Clinic(Box<str>),
    OwnClinic,
    Outside(Box<str>),
    Request(Box<str>),
    Announce(Box<str>),
    CallBack,
    Hangup,
}

/// Who is told of something, as written: `group:curators`.
#[derive(Clone, Debug)]
pub(crate) enum EscalateText {
    Group(Box<str>),
    Organisation(Box<str>),
}

/// The address of a web server.
#[derive(Clone, Debug)]
pub(crate) struct WebUrl(pub(crate) Box<str>);

/// An address to which letters go.
#[derive(Clone, Debug)]
pub(crate) struct MailText(pub(crate) Box<str>);

/// An outcome of ringing a clinic that sends the call on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    NoAnswer,
    Busy,
    Unreachable,
}

/// Agents' numbers: `201`, or a range `201-205`.
#[derive(Clone, Debug)]
pub(crate) struct Range(pub(crate) Vec<String>);

impl Read for bool {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        match node.value {
            DeValue::Boolean(value) => Some(*value),
            _ => {
                node.expected("true or false", findings);
                None
            }
        }
    }
}

impl Read for Count {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let value = match node.value {
            DeValue::Integer(digits) => usize::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        if value.is_none() {
            node.expected("a whole number such as 3", findings);
        }
        value.map(Count)
    }
}

impl Read for Text {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let text = node.text("a text in \"quotes\"", findings)?;
        let wrong = match text {
            _ if text.trim().is_empty() => "is empty",
            _ if text.chars().count() > TEXT_MAX => "is too long",
            _ if text.chars().any(char::is_control) => "holds a control character",
            _ => return Some(Text(text.into())),
        };
        findings
            .error(node.spot, format!("`{}` {wrong}", node.path))
            .remedy(format!("write one line of at most {TEXT_MAX} characters"));
        None
    }
}

impl Read for Name {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        Some(Name(node.text("a name in \"quotes\"", findings)?.into()))
    }
}

impl Read for NumberText {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        Some(NumberText(node.text("a number in quotes, such as \"27-00-01\"", findings)?.into()))
    }
}

impl Read for KeyLabel {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "one key of the telephone, such as \"1\", \"*\" or \"#\"";
        let text = node.text(EXPECTED, findings)?;
        let mut labels = text.chars();
        let key = labels.next().and_then(Key::new).filter(|_| labels.next().is_none());
        if key.is_none() {
            findings
                .error(node.spot, format!("\"{}\" is not a key", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
        }
        key.map(KeyLabel)
    }
}

impl Read for Duration {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "a duration such as \"60s\", \"10m\", \"3h\" or \"5d\"";
        let text = node.text(EXPECTED, findings)?;
        let duration = duration(text);
        if duration.is_none() {
            findings
                .error(node.spot, format!("\"{}\" is not a duration", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
        }
        duration
    }
}

impl Read for TargetText {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const KINDS: [&str; 6] = ["menu", "queue", "clinic", "outside", "request", "announce"];
        const EXPECTED: &str = "\"menu:NAME\", \"queue:NAME\", \"clinic:NAME\", \"outside:NAME\", \
                                \"request:QUEUE\", \"announce:PROMPT\" or \"hangup\"";
        let text = node.text(EXPECTED, findings)?;
        let (kind, name) = text.split_once(':').unwrap_or((text, ""));
        let target = match (kind, name) {
            ("hangup", "") => TargetText::Hangup,
            ("callback", "") => TargetText::CallBack,
            ("clinic", "") if !text.contains(':') => TargetText::OwnClinic,
            ("menu", name) if !name.is_empty() => TargetText::Menu(name.into()),
            ("queue", name) if !name.is_empty() => TargetText::Queue(name.into()),
            ("clinic", name) if !name.is_empty() => TargetText::Clinic(name.into()),
            ("outside", name) if !name.is_empty() => TargetText::Outside(name.into()),
            ("request", name) if !name.is_empty() => TargetText::Request(name.into()),
            ("announce", name) if !name.is_empty() => TargetText::Announce(name.into()),
            _ => {
                let similar = most_similar(kind, KINDS).filter(|_| !name.is_empty());
                findings
                    .error(node.spot, format!("\"{}\" is no place for a call", text.escape_debug()))
                    .remedy(match similar {
                        Some(kind) => format!("did you mean \"{kind}:{name}\"?"),
                        None => format!("write {EXPECTED}"),
                    });
                return None;
            }
        };
        Some(target)
    }
}

impl Read for EscalateText {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "a group such as \"group:curators\"";
        let text = node.text(EXPECTED, findings)?;
        let who = match text.split_once(':') {
            Some((_, "")) | None => None,
            Some(("group", name)) => Some(EscalateText::Group(name.into())),
            Some(("organisation", name)) => Some(EscalateText::Organisation(name.into())),
            Some(_) => None,
        };
        if who.is_none() {
            findings
                .error(node.spot, format!("\"{}\" is nobody to tell", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
        }
        who
    }
}

impl Read for WebUrl {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "an address such as \"https://mis.example/line122\"";
        let text = node.text(EXPECTED, findings)?;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
        // A name and a password would be written to logs with the address.
        let is_wrong = |c: char| c.is_whitespace() || c.is_control() || !c.is_ascii();
        if host.is_empty() || host.contains('@') || text.contains(is_wrong) || text.contains('#') {
            findings
                .error(node.spot, format!("\"{}\" is no address of a server", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
            return None;
        }
        Some(WebUrl(text.into()))
    }
}

impl Read for MailText {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "an address such as \"drugs@ministry.example\"";
        let text = node.text(EXPECTED, findings)?;
        let is_part = |part: &str| {
            let ends = part.starts_with('.') || part.ends_with('.') || part.contains("..");
            let sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
            !part.is_empty() && !ends && part.chars().all(sign)
        };
        let parts = text.split_once('@');
        if !parts.is_some_and(|(name, host)| is_part(name) && is_part(host)) {
            findings
                .error(node.spot, format!("\"{}\" is no e-mail address", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
            return None;
        }
        Some(MailText(text.into()))
    }
}

impl Read for SipUri {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        const EXPECTED: &str = "a SIP URI such as \"sip:registry@pbx1.example\"";
        let text = node.text(EXPECTED, findings)?;
        if !is_sip_uri(text) {
            findings
                .error(node.spot, format!("\"{}\" is not a SIP URI", text.escape_debug()))
                .remedy(format!("write {EXPECTED}"));
            return None;
        }
        Some(SipUri(text.into()))
    }
}

impl Read for Range {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let text = node.text("agents such as \"201\" or \"201-205\"", findings)?;
        match range(text) {
            Ok(numbers) => Some(Range(numbers)),
            Err(remedy) => {
                findings
                    .error(node.spot, format!("\"{}\" names no agents", text.escape_debug()))
                    .remedy(remedy);
                None
            }
        }
    }
}

/// A type whose values are words.
pub(crate) trait Words: Copy + 'static {
    /// The words, and what they mean.
    const WORDS: &'static [(&'static str, Self)];
}

impl Words for Outcome {
    const WORDS: &'static [(&'static str, Outcome)] = &[
        ("no-answer", Outcome::NoAnswer),
        ("busy", Outcome::Busy),
        ("unreachable", Outcome::Unreachable),
    ];
}

impl Words for AskedFor {
    const WORDS: &'static [(&'static str, AskedFor)] = &[
        ("telephone", AskedFor::Telephone),
        ("birth-date", AskedFor::BirthDate),
        ("house", AskedFor::House),
        ("clinic", AskedFor::Clinic),
    ];
}

impl Words for RingOrder {
    const WORDS: &'static [(&'static str, RingOrder)] =
        &[("all-at-once", RingOrder::Parallel), ("in-order", RingOrder::InOrder)];
}

impl Words for Srtp {
    const WORDS: &'static [(&'static str, Srtp)] =
        &[("off", Srtp::Off), ("preferred", Srtp::Preferred), ("required", Srtp::Required)];
}

impl Words for SrtpKeys {
    const WORDS: &'static [(&'static str, SrtpKeys)] =
        &[("over-tls", SrtpKeys::OverTls), ("anywhere", SrtpKeys::Anywhere)];
}

impl Words for AgentKind {
    const WORDS: &'static [(&'static str, AgentKind)] = &[
        ("operator", AgentKind::Operator),
        ("volunteer", AgentKind::Volunteer),
        ("curator", AgentKind::Curator),
    ];
}

impl<T: Words> Read for T {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let known: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        let text = node.text(&format!("one of {}", crate::findings::listed(&known)), findings)?;
        let found = T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            findings
                .error(node.spot, format!("`{}` cannot be \"{}\"", node.path, text.escape_debug()))
                .suggest(text, known);
        }
        found
    }
}

/// `90s`, `10m`, `1h 30m`, `5d`.
fn duration(text: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let count: u64 = rest[..digits].parse().ok()?;
        let unit_and_rest = &rest[digits..];
        let unit = unit_and_rest.len()
            - unit_and_rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let seconds = match &unit_and_rest[..unit] {
            "s" => 1,
            "m" | "min" => 60,
            "h" => 3600,
            "d" => 86_400,
            "y" => 365 * 86_400,
            _ => return None,
        };
        total = total.checked_add(Duration::from_secs(count.checked_mul(seconds)?))?;
        rest = unit_and_rest[unit..].trim_start();
    }
    (total <= DURATION_MAX).then_some(total)
}

/// `201`, or all from `201` to `205`.
pub(crate) fn range(text: &str) -> Result<Vec<String>, String> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let Some((first, last)) = text.split_once(['-', '–']) else {
        return if digits(text) {
            Ok(vec![text.to_owned()])
        } else {
            Err("write a number such as \"201\", or a range such as \"201-205\"".to_owned())
        };
    };
    let (first, last) = (first.trim(), last.trim());
    if !digits(first) || !digits(last) || first.len() != last.len() {
        return Err("write a range such as \"201-205\", with as many digits on both sides".into());
    }
    match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(from), Ok(to)) if from <= to && to - from < RANGE_MAX => {
            let width = first.len();
            Ok((from..=to).map(|number| format!("{number:0width$}")).collect())
        }
        _ => Err(format!("begin with the smaller number; at most {RANGE_MAX} agents")),
    }
}

/// `sip:` or `sips:`, perhaps a user, a host, perhaps a port and parameters (RFC 3261 §19.1).
pub(crate) fn is_sip_uri(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("sip:").or_else(|| text.strip_prefix("sips:")) else {
        return false;
    };
    let address = rest.split([';', '?']).next().unwrap_or_default();
    let host_port = match address.rsplit_once('@') {
        Some(("", _)) => return false,
        Some((_, host)) => host,
        None => address,
    };
    let (host, port) = match host_port.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((v6, port)) if v6.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", port),
        Some(_) => return false,
        None => host_port.find(':').map_or((host_port, ""), |at| host_port.split_at(at)),
    };
    let port_good = match port.strip_prefix(':') {
        Some(digits) => digits.parse::<u16>().is_ok_and(|port| port > 0),
        None => port.is_empty(),
    };
    port_good
        && !host.is_empty()
        && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_with_units() {
        let seconds = |text| duration(text).map(|d| d.as_secs());
        assert_eq!(seconds("60s"), Some(60));
        assert_eq!(seconds("3h"), Some(10_800));
        assert_eq!(seconds("5d"), Some(432_000));
        assert_eq!(seconds("1h 30m"), Some(5_400));
        assert_eq!(seconds("1h30m10s"), Some(5_410));
        assert_eq!(seconds("3y"), Some(3 * 365 * 86_400));
        for wrong in ["", " ", "60", "s", "60 s", "1.5h", "-1s", "51y", "99999999999999999999s"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        assert_eq!(seconds("50y"), Some(50 * 365 * 86_400));
        assert_eq!(seconds("50y 1s"), None);
    }

    #[test]
    fn ranges_name_each_agent() {
        assert_eq!(range("201").unwrap(), ["201"]);
        assert_eq!(range("201-203").unwrap(), ["201", "202", "203"]);
        assert_eq!(range("008 – 010").unwrap(), ["008", "009", "010"]);
        assert_eq!(range("1000-1999").unwrap().len(), 1000);
        for wrong in ["", "-", "2a", "205-201", "201-2005", "1000-2000", "1-2-3"] {
            assert!(range(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sip_uris_have_a_scheme_and_a_host() {
        for good in [
            "sip:registry@127.0.0.1:5091",
            "sip:pbx.example",
            "sips:a@pbx.example;transport=tcp",
            "sip:a@[2001:db8::1]:5060",
        ] {
            assert!(is_sip_uri(good), "{good}");
        }
        for wrong in [
            "registry@127.0.0.1",
            "sip:",
            "sip:a@",
            "sip:@host",
            "sip:a@host:0",
            "sip:a@host:99999",
            "sip:a b@host",
            "sip:a@2001:db8::1",
            "<sip:a@host>",
            "sip:a@[::1",
        ] {
            assert!(!is_sip_uri(wrong), "{wrong}");
        }
    }
}
