//! What stands around every page of the inbox: where one can go, who is signed in, and the way out.

use super::folder::FolderKind;
use super::session::Session;
use crate::routes;
use crate::web::Context;
use crate::words::format;

/// What `inbox/layout.html` needs, as the field `layout` of a page's template.
pub(crate) struct Layout<'a> {
    pub(crate) context: &'a Context,
    pub(crate) session: &'a Session,
    /// What is shown.
    pub(crate) kind: Option<FolderKind>,
}

impl Layout<'_> {
    /// The navigation for the person who is signed in: address, text, and whether what is shown belongs to it.
    pub(crate) fn places(&self) -> Vec<(String, &str, bool)> {
        let words = self.context.words();
        let kinds = [FolderKind::Messages, FolderKind::Comments]
            .into_iter()
            .filter_map(|kind| Some((kind, kind.folders().next()?)));
        let open = kinds.filter(|(_, first)| first.is_open_to(self.session));
        let here = |kind: FolderKind| self.kind == Some(kind);
        open.map(|(kind, first)| (self.context.route(&first.route()), kind.title(words), here(kind))).collect()
    }

    /// The name of the person, and what the link behind it is for, as screen readers say it.
    pub(crate) fn who(&self) -> String {
        format(self.context.words().sign_out_who, "name", &self.session.person.name)
    }

    /// Where the form for signing out goes.
    pub(crate) fn sign_out(&self) -> String {
        self.context.route(routes::SIGN_OUT.path)
    }
}
