//! Settings for a test: the sample's, and what the test wants of its own.

use deskbell::local::SAMPLE;
use toml::{Table, Value};

/// Settings by which comments appear at once, whatever they say.
pub(crate) const OPEN: &str =
    "sites.studio.comments.policy = \"none\"\n[sites.studio.judging]\nunsure = 0.999999\nspam = 1.0";

/// The sample's settings with others merged in, which are TOML as in a `deskbell.toml`: tables are merged key by key,
/// and anything else, lists too, comes instead of what stands there.
pub(crate) fn sample_with(settings: &str) -> String {
    let mut sample = sample();
    merge(&mut sample, settings.parse().unwrap_or_else(|error| panic!("{error}: {settings}")));
    sample.to_string()
}

/// The sample's settings without a key, said with the tables that it stands in: `sites.studio.privacy`.
pub(crate) fn sample_without(key: &str) -> String {
    let mut sample = sample();
    let (tables, last) = key.rsplit_once('.').expect("a key in a table");
    let table = tables.split('.').try_fold(&mut sample, |table, name| table.get_mut(name)?.as_table_mut());
    table.expect("a table").remove(last).expect("the key");
    sample.to_string()
}

/// Settings by which each site's owner gets as many emails as there are messages, unless they say how many.
pub(crate) fn without_bound(settings: &str) -> String {
    let Ok(mut settings) = settings.parse::<Table>() else { return settings.to_owned() };
    let sites = settings.get_mut("sites").and_then(Value::as_table_mut);
    for site in sites.into_iter().flat_map(|sites| sites.iter_mut()).filter_map(|(_, site)| site.as_table_mut()) {
        site.entry("emails_per_hour").or_insert(Value::Integer(1_000_000));
    }
    settings.to_string()
}

fn sample() -> Table {
    SAMPLE.parse().expect("the sample")
}

fn merge(into: &mut Table, settings: Table) {
    for (key, value) in settings {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(into)), Value::Table(settings)) => merge(into, settings),
            (_, value) => drop(into.insert(key, value)),
        }
    }
}
