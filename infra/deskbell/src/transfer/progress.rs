//! The progress bar.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `total` of something; nothing where standard error is no terminal.
pub(super) fn bar(total: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style.progress_chars("=> ")),
        Err(_) => bar,
    }
}
