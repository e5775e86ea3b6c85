//! How soon local mode answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::figures::{Figure, milliseconds};
use crate::harness::runtime::target;

/// Prints the time from the start of the program to its first answer.
pub(crate) fn measure() {
    println!("`cargo dev`, start to first answer: {} ms", Figure::of((0..11).map(|_| start())));
}

fn start() -> f64 {
    let started = Instant::now();
    let mut process = Command::new(target().join("debug/deskbell"))
        .args(["dev", "--memory", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("run `cargo build -p deskbell` first");
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let address = lines.next().unwrap().unwrap().rsplit('/').next().unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    let took = milliseconds(started.elapsed());
    process.kill().unwrap();
    process.wait().unwrap();
    took
}
