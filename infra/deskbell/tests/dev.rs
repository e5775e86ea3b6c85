//! `deskbell` as a program: what it prints, how it ends, what it says when it cannot start.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};

/// What keeps the program from asking the service that an instance in EC2 has for credentials.
const NO_INSTANCE: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

fn deskbell(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.arg("dev").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("AWS_ENDPOINT_URL_DYNAMODB").env_remove("AWS_ENDPOINT_URL_SESV2");
    command
}

/// Ends the program even when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

fn fails(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = deskbell(arguments).output().expect("it runs");
    assert_eq!(status.code(), Some(1), "{arguments:?}");
    String::from_utf8(stderr).expect("text")
}

#[test]
fn it_prints_its_address_answers_there_and_ends_cleanly_with_ctrl_c() {
    let mut running = Running(deskbell(&["--memory", "--port", "0"]).spawn().expect("it starts"));
    let mut lines = BufReader::new(running.0.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("text");
    let address = first.strip_prefix("listening on http://").expect("the address");
    let mut stream = TcpStream::connect(address).expect("it listens");
    write!(stream, "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("sent");
    let mut page = String::new();
    stream.read_to_string(&mut page).expect("answered");
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("Studio Lindqvist"), "{page}");

    let kill = Command::new("kill").args(["-INT", &running.0.id().to_string()]).status().expect("kill");
    assert!(kill.success());
    assert_eq!(running.0.wait().expect("it ends").code(), Some(0));
}

#[test]
fn a_used_port_and_a_wrong_configuration_are_named() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let error = fails(&["--memory", "--port", &port]);
    assert!(error.contains(&format!("port {port} is in use")) && error.contains("--port"), "{error}");

    let file = tempfile::Builder::new().suffix(".toml").tempfile().expect("a file");
    std::fs::write(&file, "[mail]\nfrom = \"a@example.org\"\ncolour = \"red\"\n").expect("written");
    let error = fails(&["--memory", "--port", "0", "--config", &file.path().to_string_lossy()]);
    assert!(error.contains(".toml:3:1") && error.contains("unknown key `colour` in `mail`"), "{error}");
    let error = fails(&["--memory", "--config", "no-such-file.toml"]);
    assert!(error.contains("no-such-file.toml"), "{error}");
}

#[test]
fn the_configuration_that_is_deployed_can_be_read() {
    let text = include_str!("../../deskbell.toml");
    deskbell_functions::config::Config::parse(text).expect("infra/deskbell.toml");
}

#[test]
fn a_secret_is_never_taken_from_the_command_line_and_what_is_missing_is_named() {
    let secret = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
        command.arg("secret").args(arguments).env_clear().env(NO_INSTANCE.0, NO_INSTANCE.1).stdin(Stdio::null());
        let Output { status, stderr, .. } = command.output().expect("it runs");
        assert!(!status.success(), "{arguments:?}");
        String::from_utf8(stderr).expect("text")
    };
    assert!(secret(&["set", "akismet", "0123456789ab"]).contains("unexpected argument"));
    assert!(secret(&["set", "shoe-size"]).contains("akismet, turnstile"));
    assert!(secret(&["set", "akismet", "--site", "A#B"]).contains("lower-case"));
    let missing = secret(&["list"]);
    assert!(["AWS credentials", "AWS_REGION", "DESKBELL_TABLE"].iter().all(|name| missing.contains(name)), "{missing}");
}

#[test]
fn the_doctor_ends_with_an_error_where_something_does_not_work_and_tells_programs_what() {
    let doctor = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
        command.arg("doctor").args(arguments).env_clear().env(NO_INSTANCE.0, NO_INSTANCE.1).stdin(Stdio::null());
        command.output().expect("it runs")
    };
    let nowhere = doctor(&["--local", "http://127.0.0.1:9"]);
    let text = String::from_utf8(nowhere.stdout).expect("text");
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(text.starts_with("problem  local mode") && text.contains("fix: "), "{text}");
    let nowhere = doctor(&["--local", "http://127.0.0.1:9", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&nowhere.stdout).expect("JSON");
    assert_eq!((&json[0]["state"], &json[1]), (&"problem".into(), &serde_json::Value::Null));
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/../deskbell.toml");
    let stack = doctor(&["--stack", "deskbell", "--config", config]);
    let text = String::from_utf8(stack.stdout).expect("text");
    let expected = if cfg!(feature = "doctor") { "There are no AWS credentials" } else { "cargo doctor --stack NAME" };
    assert!(stack.status.code() == Some(1) && text.contains(expected), "{text}");
    assert!(!doctor(&["--stack", "deskbell", "--local", "http://127.0.0.1:9"]).status.success());

    let mut running = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    running.args(["dev", "--memory", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut running = Running(running.spawn().expect("it starts"));
    let mut lines = BufReader::new(running.0.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("text");
    let address = first.strip_prefix("listening on ").expect("the address");
    let well = doctor(&["--local", address, "--send"]);
    let text = String::from_utf8(well.stdout).expect("text");
    assert!(well.status.success() && text.ends_with("0 problems, 0 warnings\n"), "{text}");
}

/// Sends a request as it stands, and gives the answer.
fn ask(address: &str, request: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("it listens");
    let length = body.len();
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).expect("sent");
    // Whoever has answered may close the connection however it likes.
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(!answer.is_empty(), "{request}");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn each_request_gets_a_line_and_a_refusal_names_the_origin_and_the_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.toml");
    let settings = "[mail]\nfrom = \"deskbell@example.org\"\n[sites.blog]\nname = \"Blog\"\nurl = \"https://blog.example\"\n\
                    origins = [\"https://www.blog.example\"]\nowner = { name = \"Mara\", email = \"mara@blog.example\" }\n";
    std::fs::write(&file, settings).expect("written");
    let public = folder.path().join("public");
    std::fs::create_dir(&public).expect("a folder");
    std::fs::write(public.join("index.html"), "home").expect("written");
    let (file, public) = (file.to_string_lossy(), public.to_string_lossy());
    let arguments = ["--memory", "--port", "0", "--config", &*file, "--serve", &*public];
    let mut running = Running(deskbell(&arguments).spawn().expect("it starts"));
    let mut lines = BufReader::new(running.0.stdout.take().expect("its output")).lines();
    let first = lines.next().expect("a line").expect("text");
    let address = first.strip_prefix("listening on http://").expect("the address");
    // What is read no more stays open: the program ends where nobody reads it.
    let site =
        lines.by_ref().map(|line| line.expect("text")).find(|line| line.contains("Your site")).expect("the site");
    let site = site.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
    assert!(ask(site, "GET /", "", "").ends_with("home"));
    assert!(ask(site, "GET /nothing?ann@example.org", "", "").starts_with("HTTP/1.1 404"));
    for path in ["/../mine.toml", "/%2e%2e/mine.toml", "/..%2fmine.toml", "//../mine.toml"] {
        let outside = ask(site, &format!("GET {path}"), "", "");
        assert!(outside.starts_with("HTTP/1.1 404") && !outside.contains("[mail]"), "{path}: {outside}");
    }

    let body = "name=Ann&email=ann%40example.org&message=Private+words&_next=/";
    let sent = ask(address, "POST /contact?ann@example.org", "Origin: http://localhost:1313\r\n", body);
    assert!(sent.starts_with("HTTP/1.1 303") && sent.contains(&format!("location: http://{site}/")), "{sent}");
    let refused = ask(address, "POST /contact", "Origin: https://shop.example\r\n", body);
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    ask(address, "GET /moderate/secret", "", "");
    // Duplicates are conditions that do not hold, of which the embedded table would warn.
    ask(address, "POST /contact", "Origin: http://localhost:1313\r\n", body);

    running.0.kill().expect("it ends");
    let mut told = String::new();
    running.0.stderr.take().expect("its errors").read_to_string(&mut told).expect("text");
    let told: Vec<&str> = told.lines().collect();
    let line = told.iter().find(|line| line.starts_with("POST /contact 303 ")).expect("a line");
    assert!(line.ends_with(" ms") && line.len() < 40, "{line}");
    assert!(
        told.contains(&"site: GET /nothing 404") && told.iter().any(|line| line.starts_with("GET /moderate/… 403 "))
    );
    let advice = format!(
        "refused: no site has the origin https://shop.example. Write into [sites.blog] in {file}: \
         origins = [\"https://www.blog.example\", \"https://shop.example\"]"
    );
    assert!(told.contains(&&*advice), "{told:#?}");
    for silent in ["dynoxide", "WARN", "ann@", "Private", "secret"] {
        assert!(!told.iter().any(|line| line.contains(silent)), "{silent}: {told:#?}");
    }
    assert_eq!(told.len(), 10, "{told:#?}");
}

#[test]
fn sample_comments_and_messages_are_there_unless_none_are_wanted() {
    for (arguments, emails) in
        [(&["--memory", "--port", "0"][..], true), (&["--memory", "--empty", "--port", "0"], false)]
    {
        let mut running = Running(deskbell(arguments).stderr(Stdio::null()).spawn().expect("it starts"));
        let mut lines = BufReader::new(running.0.stdout.take().expect("its output")).lines();
        let first = lines.next().expect("a line").expect("text");
        let address = first.strip_prefix("listening on http://").expect("the address");
        let page = ask(address, "GET /comments?page=/blog/massage-for-back-pain/", "Accept: application/json\r\n", "");
        assert_eq!(page.contains("Ida Holm"), emails, "{page}");
    }
}
