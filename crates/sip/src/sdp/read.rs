//! Reads a session description: by sdp-types as it is, else what can be saved of it.

use sdp_types::Session;

/// The description, or `None` if it is none.
pub(super) fn session(body: &[u8]) -> Option<Session> {
    match Session::parse(body) {
        Ok(session) => Some(session),
        Err(_) => Session::parse(tidied(body)?.as_bytes()).ok(),
    }
}

/// The lines that matter for audio, in the order that the grammar asks for. Phones in the field send
/// user names with blanks and numbers over 64 bits in `o=`, bytes that are not UTF-8 in `s=`, and
/// lines out of order; of these nothing is needed here.
fn tidied(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut lines = text.split(['\r', '\n']).map(str::trim_end).filter(|line| !line.is_empty());
    if lines.next()?.trim_start() != "v=0" {
        return None;
    }
    let mut session = String::from("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\n");
    let (mut connection, mut attributes, mut media) = (None, String::new(), String::new());
    for line in lines {
        match line.split_at_checked(2) {
            Some(("m=", _)) => push(&mut media, line),
            Some(("c=", _)) if media.is_empty() => connection = Some(line),
            Some(("a=", _)) if media.is_empty() => push(&mut attributes, line),
            Some(("c=" | "a=", _)) => push(&mut media, line),
            _ => {}
        }
    }
    if let Some(connection) = connection {
        push(&mut session, connection);
    }
    session.push_str("t=0 0\r\n");
    Some(session + &attributes + &media)
}

fn push(lines: &mut String, line: &str) {
    lines.push_str(line);
    lines.push_str("\r\n");
}
