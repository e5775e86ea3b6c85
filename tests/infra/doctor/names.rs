//! A name server on this machine, with the records that a sender's domain should have.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{CNAME, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// Name, type and content.
type Records = Vec<(String, &'static str, String)>;

/// A running name server; it ends when this is dropped.
pub(crate) struct Names {
    pub(crate) address: SocketAddr,
    records: Arc<Mutex<Records>>,
    _tasks: JoinSet<()>,
}

impl Names {
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = socket.local_addr().expect("an address");
        let records = Arc::new(Mutex::new(right()));
        let mut tasks = JoinSet::new();
        tasks.spawn(serve(socket, records.clone()));
        Self { address, records, _tasks: tasks }
    }

    pub(super) fn put(&self, name: &str, kind: &'static str, content: &str) {
        self.records.lock().unwrap().push((name.into(), kind, content.into()));
    }

    pub(super) fn remove(&self, name: &str) {
        self.records.lock().unwrap().retain(|(own, ..)| own != name);
    }

    /// All records as they should be, and no others.
    pub(super) fn restore(&self) {
        *self.records.lock().unwrap() = right();
    }
}

fn right() -> Records {
    let domain = "mail.studio-lindqvist.example";
    let token = |number: u8| {
        let (name, target) =
            (format!("token{number}._domainkey.{domain}"), format!("token{number}.dkim.amazonses.com"));
        (name, "CNAME", target)
    };
    let policy = "v=DMARC1; p=reject; rua=mailto:post@studio-lindqvist.example";
    // Of the domain above: that is looked for, too.
    let dmarc = ("_dmarc.studio-lindqvist.example".into(), "TXT", policy.into());
    vec![token(1), token(2), token(3), dmarc]
}

async fn serve(socket: UdpSocket, records: Arc<Mutex<Records>>) {
    let mut buffer = [0; 4_096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let asked = Message::from_vec(&buffer[..length]).expect("a question");
        let answer = answer(&asked, &records.lock().unwrap()).to_vec().expect("bytes");
        socket.send_to(&answer, from).await.expect("sent");
    }
}

fn answer(asked: &Message, records: &Records) -> Message {
    let question = &asked.queries[0];
    let mut answer = Message::response(asked.metadata.id, OpCode::Query);
    answer.add_query(question.clone());
    let name = question.name.to_utf8().trim_end_matches('.').to_lowercase();
    for (_, kind, content) in records.iter().filter(|(own, ..)| *own == name) {
        let data = match (*kind, question.query_type) {
            ("CNAME", RecordType::CNAME) => {
                RData::CNAME(CNAME(Name::from_utf8(format!("{content}.")).expect("a name")))
            }
            ("TXT", RecordType::TXT) => RData::TXT(TXT::new(vec![content.clone()])),
            _ => continue,
        };
        answer.add_answer(Record::from_rdata(question.name.clone(), 60, data));
    }
    if answer.answers.is_empty() {
        answer.metadata.response_code = ResponseCode::NXDomain;
    }
    answer
}
