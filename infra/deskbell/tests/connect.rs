//! How each command reaches its deployment: the settings, local mode, the environment, an AWS profile.
#![expect(clippy::expect_used, reason = "a test says what it expects by failing")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use tempfile::TempDir;

/// The program, with nothing in its environment but this.
fn deskbell(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskbell"));
    command.args(arguments).env_clear().env("AWS_EC2_METADATA_DISABLED", "true").stdin(Stdio::null());
    command.envs(environment.iter().copied());
    command
}

fn failure(mut command: Command) -> String {
    let Output { status, stderr, .. } = command.output().expect("it runs");
    assert_eq!(status.code(), Some(1), "{command:?}");
    String::from_utf8(stderr).expect("text")
}

fn success(mut command: Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("it runs");
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("text")
}

fn write(folder: &TempDir, name: &str, text: &str) -> String {
    let path = folder.path().join(name);
    std::fs::write(&path, text).expect("written");
    path.to_string_lossy().into_owned()
}

/// Local mode, which ends with the test.
struct Local {
    url: String,
    process: Child,
    /// Closed, it would end the program, which prints more than its address.
    _output: BufReader<ChildStdout>,
}

impl Local {
    fn start() -> Self {
        let mut command = deskbell(&["dev", "--memory", "--empty", "--port", "0"], &[]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        let mut first = String::new();
        output.read_line(&mut first).expect("text");
        let url = first.trim_end().strip_prefix("listening on ").expect("the address").to_owned();
        Self { url, process, _output: output }
    }

    /// What a command prints about it.
    fn run(&self, arguments: &[&str]) -> String {
        success(deskbell(&[arguments, &["--local", &self.url]].concat(), &[]))
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.process.kill();
    }
}

const SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deskbell.toml");

#[test]
fn everything_that_is_missing_is_named_at_once_with_the_command_that_sets_it() {
    let digest = failure(deskbell(&["digest", SETTINGS], &[]));
    for wanted in [
        "eval \"$(aws configure export-credentials --format env)\"",
        "export AWS_REGION=",
        "export DESKBELL_TABLE=",
        "export DESKBELL_URL=",
        "sam list stack-outputs",
        "--local",
        "AWS_PROFILE",
    ] {
        assert!(digest.contains(wanted), "{wanted} is not in: {digest}");
    }
    let environment =
        [("AWS_ACCESS_KEY_ID", "none"), ("AWS_SECRET_ACCESS_KEY", "none"), ("AWS_REGION", "eu-central-1")];
    let stats = failure(deskbell(&["stats", "--config", SETTINGS], &environment));
    assert!(stats.contains("DESKBELL_TABLE") && !stats.contains("AWS") && !stats.contains("DESKBELL_URL"), "{stats}");
}

#[test]
fn every_command_that_needs_settings_takes_them_as_an_argument_or_an_option() {
    let commands: [&[&str]; 7] = [
        &["check"],
        &["redrive"],
        &["stats"],
        &["digest"],
        &["unsuppress", "--email", "ann@example.org"],
        &["export", "--email", "ann@example.org"],
        &["erase", "--email", "ann@example.org"],
    ];
    for command in commands {
        for file in [&["nowhere.toml"][..], &["--config", "nowhere.toml"]] {
            let error = failure(deskbell(&[command, file].concat(), &[]));
            assert!(error.contains("nowhere.toml: not found. Run this in Deskbell's folder"), "{command:?}: {error}");
        }
        let mut elsewhere = deskbell(command, &[]);
        elsewhere.current_dir(std::env::temp_dir());
        let error = failure(elsewhere);
        assert!(error.contains("infra/deskbell.toml: not found."), "{command:?}: {error}");
    }
    for file in [&["nowhere.toml"][..], &["--config", "nowhere.toml"]] {
        assert!(failure(deskbell(&[&["dev", "--memory"], file].concat(), &[])).contains("nowhere.toml: not found."));
        let doctor = deskbell(&[&["doctor", "--stack", "deskbell"], file].concat(), &[]).output().expect("it runs");
        let wanted = if cfg!(feature = "doctor") { "nowhere.toml: not found." } else { "cargo doctor" };
        assert!(String::from_utf8_lossy(&doctor.stdout).contains(wanted));
    }
}

#[test]
fn every_command_that_uses_the_table_can_be_tried_on_local_mode() {
    let (local, folder) = (Local::start(), tempfile::tempdir().expect("a folder"));
    let mut set = deskbell(&["secret", "set", "akismet", "--local", &local.url], &[]);
    let mut set = set.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    set.stdin.take().expect("its input").write_all(b"0123456789ab\n").expect("written");
    assert!(set.wait().expect("it ends").success());
    assert_eq!(local.run(&["secret", "list"]), "akismet\n");

    let akismet = "[mail]\nfrom = \"deskbell@example.org\"\n[sites.studio]\nname = \"Studio\"\nurl = \"https://www.example.org\"\n\
                   owner = { name = \"Mara\", email = \"mara@example.org\" }\n[sites.studio.akismet]\n";
    let file = write(&folder, "deskbell.toml", akismet);
    assert!(local.run(&["check", &file]).contains("akismet: set, for all sites"));
    assert!(local.run(&["check"]).starts_with("deskbell.toml (local mode) is valid."));

    assert_eq!(local.run(&["redrive"]), "studio: 0 to be sent again\n");
    assert_eq!(local.run(&["stats"]), "studio: no submissions, the last 14 days (UTC)\n");
    assert!(local.run(&["digest"]).contains("Nothing to report"));
    assert!(local.run(&["unsuppress", "--email", "ann@example.org"]).contains("not on the suppression list"));
    assert!(local.run(&["export", "--email", "ann@example.org"]).contains("\"site\": \"Studio Lindqvist\""));
    assert!(local.run(&["erase", "--email", "ann@example.org", "--dry-run"]).contains("nothing is stored"));
    assert!(local.run(&["doctor"]).contains("0 problems"));

    let export = folder.path().join("all.jsonl").to_string_lossy().into_owned();
    assert!(local.run(&["export", "--all", "--output", &export]).starts_with("Exported "));
    assert!(local.run(&["import", &export]).starts_with("Imported 0 items"));
    // The address goes behind an = as well; what is meant for another argument is told apart.
    assert!(success(deskbell(&["import", &format!("--local={}", local.url), &export], &[])).starts_with("Imported 0"));
    let taken = deskbell(&["import", "--local", &export], &[]).output().expect("it runs");
    assert!(String::from_utf8_lossy(&taken.stderr).contains("put --local last"));
    let nobody = failure(deskbell(&["stats", "--local", "http://127.0.0.1:9"], &[]));
    assert!(
        nobody.contains("Local mode does not run at http://127.0.0.1:9") && nobody.contains("cargo dev"),
        "{nobody}"
    );
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let mut command = deskbell(&["check", SETTINGS], &[]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    let Output { status, stderr, .. } = child.wait_with_output().expect("it ends");
    assert_eq!((status.code(), String::from_utf8_lossy(&stderr).as_ref()), (Some(141), ""));
}

/// Every command, as somebody may type it; `LOCAL` is the address of a running local mode.
const COMMANDS: [&[&str]; 25] = [
    &["--help"],
    &["--version"],
    &["nonsense"],
    &["check", SETTINGS],
    &["check", "/nowhere.toml"],
    &["check", SETTINGS, "--local", "LOCAL"],
    &["check", WRONG],
    &["doctor", "--local", "LOCAL"],
    &["secret", "list", "--local", "LOCAL"],
    &["secret", "set", "akismet", "--local", "LOCAL"],
    &["redrive", "--local", "LOCAL"],
    &["unsuppress", "--email", "ann@example.org", "--local", "LOCAL"],
    &["export", "--email", "ann@example.org", "--local", "LOCAL"],
    &["export", "--all", "--local", "LOCAL"],
    &["import", "/nowhere", "--local", "LOCAL"],
    &["erase", "--email", "ann@example.org", "--local", "LOCAL"],
    &["digest", "--local", "LOCAL"],
    &["cost", "--worst"],
    &["cost", "--submissions", "1", "--views", "1"],
    &["stats", "--local", "LOCAL"],
    &["score"],
    &["dev", "--memory", "--port", "0"],
    &["init", WRONG],
    &[
        "init",
        "/nowhere/a.toml",
        "--name",
        "A",
        "--url",
        "a.example",
        "--owner",
        "a@a.example",
        "--from",
        "b@a.example",
    ],
    &["snippet", "--generator", "docusaurus"],
];

/// Settings with mistakes.
const WRONG: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");

#[test]
fn a_closed_pipe_ends_every_command_quietly() {
    let help = String::from_utf8(deskbell(&["--help"], &[]).output().expect("it runs").stdout).expect("text");
    let (_, listed) = help.split_once("Commands:\n").expect("a list");
    let listed = listed.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    for command in listed.filter(|command| *command != "help") {
        assert!(COMMANDS.iter().any(|tried| tried[0] == command), "{command} is not tried");
    }
    let local = Local::start();
    for command in COMMANDS {
        let arguments: Vec<&str> =
            command.iter().map(|argument| if *argument == "LOCAL" { &local.url } else { *argument }).collect();
        let start = || {
            let mut command = deskbell(&arguments, &[]);
            let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().expect("it starts");
            let mut input = child.stdin.take().expect("its input");
            let _ = input.write_all(b"{\"id\":\"1\",\"kind\":\"comment\",\"text\":\"Hello\"}\n");
            child
        };
        let mut child = start();
        drop(child.stdout.take());
        let Output { status, stderr, .. } = child.wait_with_output().expect("it ends");
        let said = String::from_utf8_lossy(&stderr);
        assert!(
            status.code().is_some_and(|code| code != 101) && !said.contains("panicked"),
            "{command:?}: {status} {said}"
        );
        // `2>&1 | head`: nobody reads what goes wrong either.
        let mut child = start();
        drop((child.stdout.take(), child.stderr.take()));
        let status = child.wait().expect("it ends");
        assert!(status.code().is_some_and(|code| code != 101), "{command:?}: {status}");
    }
}

/// What reaches a table that never answers: the head of the first request.
fn first_request(environment: &[(&str, &str)]) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let more = [("AWS_ENDPOINT_URL_DYNAMODB", url.as_str()), ("DESKBELL_TABLE", "deskbell")];
    let mut command = deskbell(&["secret", "list"], &[environment, &more].concat());
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
    let (stream, _) = listener.accept().expect("a connection");
    let head = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    let head = head.collect::<Vec<_>>().join("\n");
    child.kill().expect("killed");
    child.wait().expect("ended");
    head
}

#[test]
fn credentials_and_region_come_from_an_aws_profile_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let keys = "[studio]\naws_access_key_id = STUDIO\naws_secret_access_key = secret\n";
    let config = "[profile studio]\nregion = eu-north-1\n[profile process]\nregion = eu-west-3\n\
                  credential_process = echo '{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"s\"}'\n";
    let (keys, config) = (write(&folder, "credentials", keys), write(&folder, "config", config));
    let files =
        [("AWS_SHARED_CREDENTIALS_FILE", keys.as_str()), ("AWS_CONFIG_FILE", &config), ("PATH", "/usr/bin:/bin")];
    let head = first_request(&[&files[..], &[("AWS_PROFILE", "studio")]].concat());
    assert!(head.contains("Credential=STUDIO/") && head.contains("/eu-north-1/dynamodb/"), "{head}");
    let head = first_request(&[&files[..], &[("AWS_PROFILE", "process")]].concat());
    assert!(head.contains("Credential=PROCESS/") && head.contains("/eu-west-3/dynamodb/"), "{head}");
    let own = [("AWS_PROFILE", "studio"), ("AWS_ACCESS_KEY_ID", "OWN"), ("AWS_SECRET_ACCESS_KEY", "s")];
    let head = first_request(&[&files[..], &own, &[("AWS_REGION", "us-west-2")]].concat());
    assert!(head.contains("Credential=OWN/") && head.contains("/us-west-2/dynamodb/"), "the environment goes first");
}

/// The portal of AWS' single sign-on, which gives credentials once for the token of a session; its address.
fn portal(token: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let reader = BufReader::new(stream.try_clone().expect("the connection"));
        let head: Vec<String> = reader.lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
        assert!(head[0].contains("role_name=Operator") && head[0].contains("account_id=123456789012"), "{head:?}");
        assert!(head.iter().any(|line| line.ends_with(token)), "{head:?}");
        let body = r#"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":32503680000000}}"#;
        let length = body.len();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}")
    });
    url
}

#[test]
fn credentials_come_from_single_sign_on_too_and_a_session_that_has_ended_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "[profile sso]\nregion = eu-north-1\nsso_session = studio\nsso_account_id = 123456789012\n\
                  sso_role_name = Operator\n[sso-session studio]\nsso_start_url = https://studio.awsapps.com/start\n\
                  sso_region = eu-north-1\n";
    let (config, home) = (write(&folder, "config", config), folder.path().to_string_lossy().into_owned());
    let environment = [("HOME", home.as_str()), ("AWS_CONFIG_FILE", &config), ("AWS_PROFILE", "sso")];
    let error = failure(deskbell(&["secret", "list"], &[&environment[..], &[("DESKBELL_TABLE", "deskbell")]].concat()));
    assert!(error.contains("aws sso login"), "{error}");

    // Under the hash of the session's name, where `aws sso login` puts it.
    let token = r#"{"accessToken":"the-token","expiresAt":"2999-01-01T00:00:00Z","region":"eu-north-1","startUrl":"https://studio.awsapps.com/start"}"#;
    std::fs::create_dir_all(folder.path().join(".aws/sso/cache")).expect("a folder");
    write(&folder, ".aws/sso/cache/9a12c50f2f23af9f1a313af952aee2b30627ac7b.json", token);
    let url = portal("the-token");
    let head = first_request(&[&environment[..], &[("AWS_ENDPOINT_URL_SSO", &url)]].concat());
    assert!(head.contains("Credential=SSO/") && head.contains("/eu-north-1/dynamodb/"), "{head}");
}
