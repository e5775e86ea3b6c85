//! A mail service that speaks SES v2, and does what mail services do on a bad day.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::harness::fault_proxy::fate::{Fate, Fates};

/// What it does with an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// Refuses it with a status and an error's name.
    Refuses(u16, &'static str),
    /// Takes it, and answers late: whether or not anybody listens by then.
    Late(Duration),
    /// Takes it, and cuts the connection instead of answering.
    Cuts,
}

/// A running mail service; it ends when this is dropped.
pub(crate) struct Mail {
    /// Its address.
    pub(crate) url: String,
    state: MailState,
    _tasks: JoinSet<()>,
}

/// Which emails, how many more of them, and how they are treated.
type Treated = (&'static str, usize, Mood);

#[derive(Clone, Default)]
struct MailState {
    moods: Arc<Mutex<Vec<Treated>>>,
    accepted: Arc<Mutex<Vec<String>>>,
    fates: Fates,
}

/// Status, error's name and body; or none where the connection is cut.
type Answer = Option<(u16, &'static str, Value)>;

impl Mail {
    /// A server that refuses so many emails before it takes one.
    pub(crate) async fn start(refuse: usize) -> Self {
        let mut tasks = JoinSet::new();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = MailState::default();
        tasks.spawn(listen(listener, state.clone()));
        let mail = Self { url, state, _tasks: tasks };
        mail.next("", refuse, Mood::Refuses(503, "ServiceUnavailable"));
        mail
    }

    /// How it treats the next so many emails that hold a text.
    pub(crate) fn next(&self, needle: &'static str, times: usize, mood: Mood) {
        self.state.moods.lock().unwrap().push((needle, times, mood));
    }

    /// How it treats all emails that hold a text, until [`Self::mend`].
    pub(crate) fn always(&self, needle: &'static str, mood: Mood) {
        self.next(needle, usize::MAX, mood);
    }

    /// Takes every email from now on.
    pub(crate) fn mend(&self) {
        self.state.moods.lock().unwrap().clear();
    }

    /// Lets its calls have fates.
    pub(crate) fn fates(&self) -> &Fates {
        &self.state.fates
    }

    /// The emails taken, as they were sent.
    pub(crate) fn accepted(&self) -> Vec<String> {
        self.state.accepted.lock().unwrap().clone()
    }
}

async fn listen(listener: TcpListener, state: MailState) {
    let mut talks = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        talks.spawn(async move {
            // Who hangs up has nothing more to say.
            let _ = talk(stream, &state).await;
        });
    }
}

/// Answers the requests of one connection.
async fn talk(mut stream: TcpStream, state: &MailState) -> std::io::Result<()> {
    let mut read = Vec::new();
    loop {
        let Some((head, body)) = request(&mut stream, &mut read).await? else { return Ok(()) };
        let invocation = header(&head, "amz-sdk-invocation-id").unwrap_or_default();
        let Some((status, name, answer)) = answer(state, &invocation, &body).await else { return Ok(()) };
        let answer = answer.to_string();
        let response = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nx-amzn-errortype: {name}\r\ncontent-length: {}\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(response.as_bytes()).await?;
    }
}

/// The next request's head and body; none if there is no further one. `read` is what was read of it already.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> std::io::Result<Option<(String, Vec<u8>)>> {
    loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n").map(|at| at + 4) {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            if read.len() >= end + length {
                let rest = read.split_off(end + length);
                let body = std::mem::replace(read, rest).split_off(end);
                return Ok(Some((head, body)));
            }
        }
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let line = head.lines().filter_map(|line| line.split_once(':'));
    line.filter(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned()).next()
}

async fn answer(state: &MailState, invocation: &str, body: &[u8]) -> Answer {
    // It takes emails, and knows nothing of accounts and addresses.
    let Ok(email) = serde_json::from_slice::<Value>(body) else {
        return Some((404, "UnknownOperationException", json!({})));
    };
    let raw = email["Content"]["Raw"]["Data"].as_str().expect("a raw mail");
    let raw = base64::engine::general_purpose::STANDARD.decode(raw).expect("base64");
    let mail = String::from_utf8_lossy(&raw).into_owned();
    // As SES does, which names the address.
    let to = &email["Destination"]["ToAddresses"][0];
    let refused = |status, name| Some((status, name, json!({ "message": format!("not for {to}") })));
    let taken = |mail| {
        state.accepted.lock().unwrap().push(mail);
        Some((200, "", json!({ "MessageId": "taken" })))
    };
    match state.fates.draw(invocation) {
        Fate::Well => {}
        Fate::Refused => return refused(503, "ServiceUnavailable"),
        Fate::AnswerLost => return taken(mail).and(None),
        Fate::Unheard => return state.fates.kill().await,
        Fate::Unanswered => {
            taken(mail);
            return state.fates.kill().await;
        }
    }
    match mood(state, &mail) {
        None => taken(mail),
        Some(Mood::Refuses(status, name)) => refused(status, name),
        Some(Mood::Cuts) => taken(mail).and(None),
        Some(Mood::Late(time)) => {
            tokio::time::sleep(time).await;
            taken(mail)
        }
    }
}

fn mood(state: &MailState, email: &str) -> Option<Mood> {
    let mut moods = state.moods.lock().unwrap();
    let (_, times, mood) = moods.iter_mut().find(|(needle, times, _)| *times > 0 && email.contains(needle))?;
    *times -= 1;
    Some(*mood)
}
