//! The wire to the browser: questions and answers as JSON, and what pages complain of in between.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, WebSocket, client};

/// A browser that says nothing for so long hangs.
const SILENT_MAX: Duration = Duration::from_secs(90);
/// Complaints of one page that are kept.
const COMPLAINTS_MAX: usize = 50;

#[derive(Debug)]
pub(crate) struct Connection(Mutex<Wire>);

#[derive(Debug)]
struct Wire {
    socket: WebSocket<TcpStream>,
    asked: u64,
    /// What the scripts of pages threw or complained of, by their sessions.
    complaints: BTreeMap<String, Vec<String>>,
}

impl Connection {
    /// To the address that the browser has told.
    ///
    /// # Panics
    /// If the browser does not take it.
    #[track_caller]
    pub(crate) fn open(url: &str) -> Connection {
        let host = url.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(host).expect("Chromium listens where it says");
        stream.set_read_timeout(Some(SILENT_MAX)).expect("sockets have timeouts");
        let (socket, _) = client(url, stream).expect("Chromium speaks its protocol");
        Connection(Mutex::new(Wire { socket, asked: 0, complaints: BTreeMap::new() }))
    }

    /// Asks the browser, or the page of this session; gives the result, or why there is none.
    pub(crate) fn ask(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
    ) -> Result<Value, String> {
        let mut wire = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wire.ask(session, method, params).map_err(|error| format!("{method}: {error}"))
    }

    /// What the page of this session has complained of; forgotten with that.
    pub(crate) fn take_complaints(&self, session: &str) -> Vec<String> {
        let mut wire = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wire.complaints.remove(session).unwrap_or_default()
    }
}

impl Wire {
    fn ask(&mut self, session: Option<&str>, method: &str, params: Value) -> Result<Value, String> {
        self.asked += 1;
        let mut question = json!({ "id": self.asked, "method": method, "params": params });
        if let Some(session) = session {
            question["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(question.to_string())).map_err(|e| e.to_string())?;
        loop {
            let message = self.socket.read().map_err(|error| error.to_string())?;
            let Ok(text) = message.into_text() else { continue };
            let mut told: Value = serde_json::from_str(&text).unwrap_or_default();
            if told["id"] == self.asked {
                return match told.get("error") {
                    Some(error) => Err(error.to_string()),
                    None => Ok(told["result"].take()),
                };
            }
            self.note(&told);
        }
    }

    /// Keeps what an event complains of.
    fn note(&mut self, event: &Value) {
        let (Some(complaint), Some(session)) = (complaint(event), event["sessionId"].as_str())
        else {
            return;
        };
        let all = self.complaints.entry(session.to_owned()).or_default();
        if all.len() < COMPLAINTS_MAX {
            all.push(complaint);
        }
    }
}

fn complaint(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => {
            let details = &params["exceptionDetails"];
            let told = details["exception"]["description"].as_str().or(details["text"].as_str());
            Some(format!("{} ({}:{})", told?, details["url"], details["lineNumber"]))
        }
        "Runtime.consoleAPICalled" if params["type"] == "error" => {
            let said = params["args"].as_array()?.iter();
            let said: Vec<_> = said
                .map(|one| one["value"].as_str().or(one["description"].as_str()).unwrap_or("?"))
                .collect();
            Some(said.join(" "))
        }
        // A refusal of the server is an answer like any other: what the page makes of it counts.
        "Log.entryAdded"
            if params["entry"]["level"] == "error" && params["entry"]["source"] != "network" =>
        {
            Some(format!("{} ({})", params["entry"]["text"].as_str()?, params["entry"]["url"]))
        }
        "Inspector.targetCrashed" => Some("the page crashed".to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_throws_is_a_complaint_and_a_refusal_is_none() {
        let thrown = json!({ "method": "Runtime.exceptionThrown", "params": { "exceptionDetails": {
            "text": "Uncaught", "exception": { "description": "TypeError: x" }, "url": "/a.js", "lineNumber": 3 } } });
        assert_eq!(complaint(&thrown).unwrap(), "TypeError: x (\"/a.js\":3)");
        let entry = |source: &str| json!({ "method": "Log.entryAdded", "params": { "entry": { "source": source, "level": "error", "text": "t" } } });
        assert!(complaint(&entry("network")).is_none() && complaint(&entry("security")).is_some());
    }
}
