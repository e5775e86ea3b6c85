//! What a site says about judging, looked at.

use super::Review;
use deskbell_filter::Judging;
use deskbell_filter::language::is_known;

/// Tells what cannot be meant.
pub(super) fn check(judging: &Judging, review: &mut Review) {
    let score = |score: f64| 0.0 < score && score <= 1.0;
    for (key, _) in [("unsure", judging.unsure), ("spam", judging.spam)].into_iter().filter(|(_, value)| !score(*value))
    {
        review.wrong(key, "a score is above 0 and at most 1");
    }
    if score(judging.unsure) && score(judging.spam) && judging.unsure > judging.spam {
        let key = if review.is_given("unsure") { "unsure" } else { "spam" };
        let problem = format!("`unsure` is {} and `spam` is {}: nothing could be unsure", judging.unsure, judging.spam);
        review.advise(key, problem, "`unsure` must not be above `spam`");
    }
    if judging.rate_per_minute == 0 {
        review.wrong("rate_per_minute", "0 would refuse everybody");
    }
    check_lists(judging, review);
}

fn check_lists(judging: &Judging, review: &mut Review) {
    let lists = [
        ("blocklist", &judging.blocklist),
        ("moderation_keys", &judging.moderation_keys),
        ("disallowed_keys", &judging.disallowed_keys),
    ];
    for (name, list) in lists {
        let empty = list.iter().enumerate().filter(|(_, word)| word.trim().is_empty());
        for (index, _) in empty {
            review.within(name, |review| review.wrong(index, "an empty word would be found everywhere"));
        }
    }
    let unknown = judging.languages.iter().enumerate().filter(|(_, code)| !is_known(code));
    for (index, _) in unknown {
        let problem = "this is no code of a language that can be told from others";
        review.within("languages", |review| review.advise(index, problem, "two letters, as en or de"));
    }
}
