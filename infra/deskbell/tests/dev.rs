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
