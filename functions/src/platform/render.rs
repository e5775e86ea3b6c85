//! Templates as text.

use askama::Template;

/// A template as text.
pub(crate) fn render(page: &impl Template) -> String {
    // Writing into a string fails only if a template's own formatting does, and ours formats text and numbers.
    page.render().unwrap_or_default()
}
