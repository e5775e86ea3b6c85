//! What a form's body takes of a function's memory: of any shape and size, hardly more than the body itself.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::fmt::Write as _;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use deskbell::local::{Options, World};
use deskbell_functions::visitor::{comments, contact};
use lambda_runtime::Service as _;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most that a function may grow by, in bytes.
const MOST: usize = 8 * 1024 * 1024;

/// How large the bodies are, in bytes: what used to be the most, what is usual for the most now, and beyond.
const SIZES: [usize; 4] = [64 * 1024, 400 * 1024, 800 * 1024, 4 * 1024 * 1024];

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=b";
const JSON: &str = "application/json";

/// A shape: its name, the type of the body, and the body of about a size.
type Shape = (&'static str, &'static str, fn(usize) -> Vec<u8>);

/// Repeats `part` up to a size, between a beginning and an end.
fn filled(before: &str, part: &str, after: &str, size: usize) -> Vec<u8> {
    format!("{before}{}{after}", part.repeat(size / part.len() + 1)).into_bytes()
}

/// The same with the number of each repetition where the part says `#`.
fn numbered(before: &str, part: &str, after: &str, size: usize) -> Vec<u8> {
    let mut body = before.to_owned();
    for number in 0.. {
        if body.len() >= size {
            break;
        }
        body.push_str(&part.replace('#', &number.to_string()));
    }
    (body + after).into_bytes()
}

fn part(headers: &str, content: &str) -> String {
    format!("--b\r\n{headers}\r\n\r\n{content}\r\n")
}

const NAMED: &str = "Content-Disposition: form-data; name=\"message\"";
const FILE: &str = "Content-Disposition: form-data; name=\"f#\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg";

const PLAIN: [Shape; 3] = [
    ("one long line", "text/plain", |size| filled("message=", "x ", "", size)),
    ("a text of short lines", "text/plain", |size| filled("message=", "x\n", "", size)),
    ("many lines with fields", "text/plain", |size| numbered("", "f#=x\r\n", "", size)),
];

const URLENCODED: [Shape; 20] = [
    ("one long value", FORM, |size| filled("message=", "x", "", size)),
    ("quotes", FORM, |size| filled("message=", "\"", "", size)),
    ("escaped quotes", FORM, |size| filled("name=&message=", "%22", "", size)),
    ("ampersands", FORM, |size| filled("message=", "%26", "", size)),
    ("line breaks", FORM, |size| filled("message=", "%0D%0A", "", size)),
    ("emoji", FORM, |size| filled("message=", "%F0%9F%98%80", "", size)),
    ("bytes of no encoding", FORM, |size| filled("message=", "%80", "", size)),
    ("half escapes", FORM, |size| filled("message=", "%", "", size)),
    ("one long name", FORM, |size| filled("", "n", "=x", size)),
    ("a long name in escapes", FORM, |size| filled("", "%F0%9F%98%80", "=x", size)),
    ("many fields", FORM, |size| numbered("", "f#=x&", "", size)),
    ("many long fields", FORM, |size| numbered("", &format!("f#={}&", "x".repeat(3_000)), "", size)),
    ("one name many times", FORM, |size| filled("", "a=x&", "", size)),
    ("blank fields", FORM, |size| numbered("", "f#=&", "", size)),
    ("nothing but separators", FORM, |size| filled("", "&", "", size)),
    ("nothing but equals signs", FORM, |size| filled("", "=&", "", size)),
    ("names alone", FORM, |size| numbered("", "f#&", "", size)),
    ("brackets", FORM, |size| filled("", "[a]", "=x", size)),
    ("markup", FORM, |size| filled("message=", "%3Ca+href=%27https://a.example/%27%3E+", "", size)),
    ("another encoding", "application/x-www-form-urlencoded; charset=shift_jis", |size| {
        filled("message=", "%82%A0", "", size)
    }),
];

const OBJECTS: [Shape; 24] = [
    ("one long text", JSON, |size| filled("{\"message\":\"", "x", "\"}", size)),
    ("quotes", JSON, |size| filled("{\"message\":\"", "\\\"", "\"}", size)),
    ("escapes", JSON, |size| filled("{\"message\":\"", "\\u0041", "\"}", size)),
    ("emoji in escapes", JSON, |size| filled("{\"message\":\"", "\\ud83d\\ude00", "\"}", size)),
    ("lone surrogates", JSON, |size| filled("{\"message\":\"", "\\ud83d", "\"}", size)),
    ("a long name", JSON, |size| filled("{\"", "n", "\":\"x\"}", size)),
    ("a long name for many values", JSON, |size| {
        filled(&format!("{{\"{}\":[1", "n".repeat(size / 2)), ",1", "]}", size / 2)
    }),
    ("many values", JSON, |size| filled("{\"a\":[1", ",1", "]}", size)),
    ("many empty values", JSON, |size| filled("{\"a\":[\"\"", ",\"\"", "]}", size)),
    ("many nothings", JSON, |size| filled("{\"a\":[null", ",null", "]}", size)),
    ("many lists", JSON, |size| filled("{\"a\":[[]", ",[]", "]}", size)),
    ("many objects", JSON, |size| filled("{\"a\":[{\"b\":1}", ",{\"b\":1}", "]}", size)),
    ("many members", JSON, |size| numbered("{\"a\":1", ",\"f#\":\"x\"", "}", size)),
    ("many long members", JSON, |size| numbered("{\"a\":1", &format!(",\"f#\":\"{}\"", "x".repeat(3_000)), "}", size)),
    ("one member many times", JSON, |size| filled("{\"a\":1", ",\"a\":1", "}", size)),
    ("deep lists", JSON, |size| nested("[", "]", size / 2)),
    ("deep objects", JSON, |size| nested("{\"a\":", "}", size / 6)),
    ("deep objects of long names", JSON, |size| nested(&format!("{{\"{}\":", "n".repeat(500)), "}", size / 500)),
    ("a long name far inside", JSON, |size| {
        filled(&format!("{{\"a\":{{\"b\":{{\"c\":{{\"{}\":[1", "n".repeat(size / 2)), ",1", "]}}}}", size / 2)
    }),
    ("open lists", JSON, |size| filled("{\"a\":", "[", "", size)),
    ("a huge number", JSON, |size| filled("{\"a\":", "9", "}", size)),
    ("a huge exponent", JSON, |size| filled("{\"a\":1e", "9", "}", size)),
    ("blanks", JSON, |size| filled("{\"a\":", " ", "1}", size)),
    ("bytes that are no UTF-8", JSON, |size| [b"{\"message\":\"", &*vec![0xff; size], b"\"}"].concat()),
];

const MULTIPARTS: [Shape; 15] = [
    ("one long part", MULTIPART, |size| part(NAMED, &"x".repeat(size)).into_bytes().closed()),
    ("quotes", MULTIPART, |size| part(NAMED, &"\"".repeat(size)).into_bytes().closed()),
    ("bytes that are no UTF-8", MULTIPART, |size| {
        [part(NAMED, "").trim_end().as_bytes(), b"\r\n\r\n", &*vec![0x80; size], b"\r\n"].concat().closed()
    }),
    ("a photo", MULTIPART, |size| (part(NAMED, "x") + &part(FILE, &"\u{1}".repeat(size))).into_bytes().closed()),
    ("many photos", MULTIPART, |size| numbered("", &part(FILE, "x"), "", size).closed()),
    ("many empty files", MULTIPART, |size| numbered("", &part(&FILE.replace("a.jpg", ""), ""), "", size).closed()),
    ("many parts", MULTIPART, |size| numbered("", &part(&NAMED.replace("message", "f#"), "x"), "", size).closed()),
    ("many blank parts", MULTIPART, |size| filled("", &part(NAMED, ""), "", size).closed()),
    ("one name many times", MULTIPART, |size| filled("", &part(NAMED, "x"), "", size).closed()),
    ("parts without a name", MULTIPART, |size| filled("", &part("A: b", "x"), "", size).closed()),
    ("a long name", MULTIPART, |size| part(&NAMED.replace("message", &"n".repeat(size)), "x").into_bytes().closed()),
    ("a long header", MULTIPART, |size| {
        part(&format!("A: {}\r\n{NAMED}", "x".repeat(size)), "x").into_bytes().closed()
    }),
    ("many headers", MULTIPART, |size| {
        part(&(NAMED.to_owned() + &"\r\nA: b".repeat(size / 6)), "x").into_bytes().closed()
    }),
    ("what looks like an end", MULTIPART, |size| part(NAMED, &"\r\n--".repeat(size / 4)).into_bytes().closed()),
    ("no end", MULTIPART, |size| part(NAMED, &"x".repeat(size)).into_bytes()),
];

trait Closed {
    fn closed(self) -> Vec<u8>;
}

impl Closed for Vec<u8> {
    fn closed(mut self) -> Self {
        self.extend_from_slice(b"--b--\r\n");
        self
    }
}

fn nested(open: &str, close: &str, depth: usize) -> Vec<u8> {
    format!("{{\"a\":{}1{}}}", open.repeat(depth), close.repeat(depth)).into_bytes()
}

/// How much more memory was in use at once while a body was answered than before, and the answer's status.
async fn growth(function: &mut Router, path: &str, kind: &str, accept: &str, body: Bytes) -> (usize, StatusCode) {
    let request = Request::post(path).header("content-type", kind).header("accept", accept);
    let request = request.body(Body::from(body)).expect("a request");
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let answer = function.call(request).await.expect("an answer");
    let status = answer.status();
    axum::body::to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (MEMORY.peak_usage().saturating_sub(before), status)
}

#[tokio::test]
async fn no_body_of_whatever_shape_takes_more_than_8_mb() {
    let world = World::start(Options::default()).await.expect("a world");
    let mut functions =
        [("/contact", contact::router(world.app.clone())), ("/comments", comments::router(world.app.clone()))];
    let shapes = PLAIN.iter().chain(&URLENCODED).chain(&OBJECTS).chain(&MULTIPARTS);
    let (mut figures, mut tried) = (Vec::new(), 0);
    for (name, kind, shape) in shapes {
        for size in SIZES {
            let body = Bytes::from(shape(size));
            for (path, function) in &mut functions {
                for accept in ["text/html", "application/json"] {
                    let (grown, status) = growth(function, path, kind, accept, body.clone()).await;
                    assert!(!status.is_server_error(), "{name}, {size}: {status}");
                    figures.push((grown, format!("{kind}, {name}, {size} bytes at {path} for {accept}: {status}")));
                    tried += 1;
                }
            }
        }
    }
    figures.sort_unstable_by(|a, b| b.cmp(a));
    let mut worst = String::new();
    for (grown, what) in figures.iter().take(12) {
        let _ = writeln!(worst, "{grown} bytes: {what}");
    }
    println!("{tried} bodies, the worst:\n{worst}");
    assert!(figures[0].0 <= MOST, "{worst}");
}
