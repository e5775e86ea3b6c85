//! Changes in a parsed TOML file by path, so that what is wrong in it can be taken out and the rest be read.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The keys that lead from the top to a value; places in a list are numbers, counted from 0.
pub(super) type Path = Vec<String>;

/// A value and where it stands in the text.
pub(super) type Node<'a> = Spanned<DeValue<'a>>;

/// The span of what does not stand in the text.
pub(super) const NOWHERE: Range<usize> = usize::MAX..usize::MAX;

/// A table as the root of a file.
pub(super) fn root(table: Spanned<DeTable<'_>>) -> Node<'_> {
    Spanned::new(table.span(), DeValue::Table(table.into_inner()))
}

/// The path to what has this span: to a value, or to one whose key it is. Of several, the innermost.
pub(super) fn path_to(root: &Node, span: &Range<usize>) -> Option<Path> {
    path_below(root, span).or_else(|| (root.span() == *span).then(Path::new))
}

fn path_below(value: &Node, span: &Range<usize>) -> Option<Path> {
    let entry = |key: String, at: Range<usize>, value: &Node| {
        let here = || (at == *span || value.span() == *span).then(Path::new);
        let below = path_below(value, span).or_else(here)?;
        Some([vec![key], below].concat())
    };
    match value.get_ref() {
        DeValue::Table(table) => {
            table.iter().find_map(|(key, value)| entry(key.get_ref().to_string(), key.span(), value))
        }
        DeValue::Array(list) => {
            list.iter().enumerate().find_map(|(index, value)| entry(index.to_string(), value.span(), value))
        }
        _ => None,
    }
}

/// Puts a value where a path ends; where nothing stood, at no place in the text.
pub(super) fn put<'a>(root: &mut Node<'a>, path: &[String], value: DeValue<'a>) {
    let Some((key, above)) = path.split_last() else { return };
    match at(root, above).map(Spanned::get_mut) {
        Some(DeValue::Table(table)) => {
            let span = table.get(key.as_str()).map_or(NOWHERE, Spanned::span);
            table.insert(Spanned::new(NOWHERE, key.clone().into()), Spanned::new(span, value));
        }
        Some(DeValue::Array(list)) => {
            if let Some(place) = key.parse().ok().and_then(|index: usize| list.get_mut(index)) {
                *place.get_mut() = value;
            }
        }
        _ => {}
    }
}

/// Takes out what stands at the end of a path; of a list, all, so that the rest keeps its numbers. Gives the path to
/// what it took out, if there was anything.
pub(super) fn take_out(root: &mut Node, path: &[String]) -> Option<Path> {
    let (key, above) = path.split_last()?;
    match at(root, above)?.get_mut() {
        DeValue::Table(table) => table.remove(key.as_str()).map(|_| path.to_vec()),
        DeValue::Array(_) => take_out(root, above),
        _ => None,
    }
}

fn at<'v, 'a>(root: &'v mut Node<'a>, path: &[String]) -> Option<&'v mut Node<'a>> {
    path.iter().try_fold(root, |value, key| match value.get_mut() {
        DeValue::Table(table) => table.get_mut(key.as_str()),
        DeValue::Array(list) => list.get_mut(key.parse::<usize>().ok()?),
        _ => None,
    })
}
