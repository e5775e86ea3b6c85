//! Names for messages that have none.

use deskbell_filter::script::{Script, script};

use crate::corpus::Line;

/// Messages without a name once more, under a name: nearly all messages on sites have one, and in some languages the
/// data knows real messages only without, which is not what makes them real.
pub(crate) fn named(lines: &[Line]) -> Vec<Line> {
    let names: Vec<&str> = include_str!("names.txt").lines().collect();
    let nameless = |line: &Line| line.is_submission() && line.author.is_none() && !line.is_spam();
    let nameless = lines.iter().enumerate().filter(|(_, line)| nameless(line));
    let latin = |text: &str| text.chars().find(|c| c.is_alphabetic()).is_none_or(|c| script(c) == Script::Latin);
    let (latin_names, others): (Vec<&str>, Vec<&str>) = names.iter().partition(|name| latin(name));
    nameless
        .enumerate()
        .map(|(number, (at, line))| {
            let main = line.text.chars().find(|c| c.is_alphabetic()).map(script);
            let own: Vec<&str> =
                others.iter().copied().filter(|name| name.chars().next().map(script) == main).collect();
            let pool = if own.is_empty() || number % 3 == 0 { &latin_names } else { &own };
            let author = Some(pool[number % pool.len()].to_owned());
            Line { author, copy_of: Some(at), ..line.clone() }
        })
        .collect()
}
