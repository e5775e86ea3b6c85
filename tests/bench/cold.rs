//! From the start of a process to its first answer, which has stored something behind TLS.

use std::process::Command;

use crate::baseline;
use crate::figures::{Figure, milliseconds};
use crate::harness::runtime::{Function, cpu};
use crate::share::Share;
use crate::table::Table;
use crate::{lead, packages};

/// Starts of each, one after the other in turn, so that whatever else the machine does meets all of them.
const STARTS: usize = 30;

const DESKBELL: &str = "Deskbell, `POST /contact`";

/// One start, in milliseconds.
struct Start {
    init: f64,
    first: f64,
    cpu_init: f64,
    cpu_first: f64,
}

/// Prints the times of starts: with all the machine's speed, and with the share of a small function after the start.
pub(crate) async fn measure() {
    let table = Table::start().await;
    let [contact] = packages(&["contact"]).try_into().expect("one package");
    let mut variants = vec![(DESKBELL, table.function(&contact))];
    variants.extend(baseline::all(&table));
    println!("Cold start, in ms: median (a tenth is below – above) of {STARTS}\n");
    print(false, &mut variants).await;
    if Share::new().is_some() {
        print(true, &mut variants).await;
    } else {
        println!("7.2 % of a processor: not measured, because no control group can be made here\n");
    }
}

async fn print(held: bool, variants: &mut [(&'static str, Command)]) {
    let mut starts: Vec<Vec<Start>> = variants.iter().map(|_| Vec::new()).collect();
    for number in 0..STARTS {
        for ((name, command), starts) in variants.iter_mut().zip(&mut starts) {
            starts.push(start(name, command, held, number).await);
        }
    }
    let share = if held { "7.2 % of a processor after its start" } else { "a whole processor" };
    println!("| with {share} | start + first answer | start | first answer | CPU of both | × |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut own = None;
    for ((name, _), starts) in variants.iter().zip(&starts) {
        let figure = |of: fn(&Start) -> f64| Figure::of(starts.iter().map(of));
        let sum = figure(|start| start.init + start.first);
        let times = sum.median / *own.get_or_insert(sum.median);
        let (init, first) = (figure(|start| start.init), figure(|start| start.first));
        let (cpu_init, cpu_first) = (figure(|start| start.cpu_init).median, figure(|start| start.cpu_first).median);
        println!("| {name} | {sum} | {init} | {first} | {cpu_init:.1} + {cpu_first:.1} | {times:.1} |");
    }
    println!();
}

async fn start(name: &str, command: &mut Command, held: bool, number: usize) -> Start {
    // One of its own: another would still owe what the process before has used too much.
    let share = held.then(|| Share::new().expect("a control group"));
    let mut function = Function::start(name, command).await.expect("it starts");
    let before = cpu(function.id());
    if let Some(share) = &share {
        share.hold(function.id());
    }
    let (answer, first) = function.call(lead(number)).await;
    assert_eq!(answer.expect("an answer")["statusCode"], 201, "{name}");
    Start {
        init: milliseconds(function.init),
        first: milliseconds(first),
        cpu_init: milliseconds(before),
        cpu_first: milliseconds(cpu(function.id()).saturating_sub(before)),
    }
}
