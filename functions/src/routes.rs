//! Every route, once: its path, the methods that it takes, and the function that answers it. The routers take their
//! paths and `Allow` headers from here, the settings the words that no site can be called; tests hold
//! `infra/template.yaml` and the routes of `cargo lambda watch` against it.

/// A route. Each also exists below `/{site}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The methods that it takes, as the `Allow` header lists them.
    pub methods: &'static str,
    /// The function that answers it.
    pub function: Function,
}

/// A function that answers requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `contact`.
    Contact,
    /// `comments`.
    Comments,
    /// `owner`.
    Owner,
}

/// Takes a message, by the form `default`.
pub const CONTACT: Route = Route { path: "/contact", methods: "POST, OPTIONS", function: Function::Contact };

/// Where a form leads that names no page of its own.
pub const CONTACT_THANKS: Route = Route { path: "/contact/thanks", methods: "GET, HEAD", function: Function::Contact };

/// Takes a message, by the form of that name.
pub const CONTACT_FORM: Route =
    Route { path: "/contact/{form}", methods: "POST, OPTIONS", function: Function::Contact };

/// The same, as Formspree has it.
pub const FORM: Route = Route { path: "/f/{form}", methods: "POST, OPTIONS", function: Function::Contact };

/// How data is processed.
pub const PRIVACY: Route = Route { path: "/privacy", methods: "GET, HEAD, OPTIONS", function: Function::Contact };

/// Shows the comments of a page; takes a comment.
pub const COMMENTS: Route =
    Route { path: "/comments", methods: "GET, HEAD, POST, OPTIONS", function: Function::Comments };

/// How many there are, for several pages; more of them than an address can hold are posted.
pub const COMMENTS_COUNT: Route =
    Route { path: "/comments/count", methods: "GET, HEAD, POST, OPTIONS", function: Function::Comments };

/// An Atom feed of a page or of the site.
pub const COMMENTS_FEED: Route =
    Route { path: "/comments/feed", methods: "GET, HEAD, OPTIONS", function: Function::Comments };

/// The form for a reply, for those without JavaScript.
pub const COMMENTS_REPLY: Route = Route { path: "/comments/reply", methods: "GET, HEAD", function: Function::Comments };

/// The own comment, as long as it waits.
pub const COMMENTS_WAITING: Route =
    Route { path: "/comments/waiting/{token}", methods: "GET, HEAD", function: Function::Comments };

/// The script that shows comments on any page.
pub const EMBED_SCRIPT: Route = Route { path: "/embed.js", methods: "GET, HEAD", function: Function::Comments };

/// Its style.
pub const EMBED_STYLE: Route = Route { path: "/embed.css", methods: "GET, HEAD", function: Function::Comments };

/// Either, and what they load, by version: to be kept for ever.
pub const EMBED_FILE: Route = Route { path: "/embed/{file}", methods: "GET, HEAD", function: Function::Comments };

/// What programs may ask for, described: `functions/openapi.json`.
pub const OPENAPI: Route = Route { path: "/openapi.json", methods: "GET, HEAD", function: Function::Comments };

/// A form token and a proof-of-work challenge.
pub const CHALLENGE: Route = Route { path: "/challenge", methods: "GET, HEAD, OPTIONS", function: Function::Comments };

/// Where a doubtful submission leads.
pub const SECOND_CHANCE: Route =
    Route { path: "/second-chance/{token}", methods: "GET, HEAD, POST, OPTIONS", function: Function::Comments };

/// The links in the owner's mail.
pub const MODERATE: Route = Route { path: "/moderate/{token}", methods: "GET, HEAD, POST", function: Function::Owner };

/// Where everybody arrives who is signed in.
pub const INBOX: Route = Route { path: "/inbox", methods: "GET, HEAD", function: Function::Owner };

/// A folder of messages or of comments.
pub const INBOX_FOLDER: Route =
    Route { path: "/inbox/{kind}/{folder}", methods: "GET, HEAD, POST", function: Function::Owner };

/// One submission.
pub const INBOX_ITEM: Route = Route { path: "/inbox/item/{id}", methods: "GET, HEAD, POST", function: Function::Owner };

/// What could not be delivered.
pub const INBOX_DELIVERIES: Route =
    Route { path: "/inbox/deliveries", methods: "GET, HEAD, POST", function: Function::Owner };

/// A folder as CSV or JSON.
pub const INBOX_EXPORT: Route = Route { path: "/inbox/export", methods: "GET, HEAD", function: Function::Owner };

/// What is stored about a person.
pub const INBOX_PERSON: Route = Route { path: "/inbox/person", methods: "GET, HEAD, POST", function: Function::Owner };

/// Where people sign in.
pub const SIGN_IN: Route = Route { path: "/inbox/sign-in", methods: "GET, HEAD, POST", function: Function::Owner };

/// The link that signs in.
pub const SIGN_IN_LINK: Route =
    Route { path: "/inbox/sign-in/{token}", methods: "GET, HEAD, POST", function: Function::Owner };

/// Where people sign out.
pub const SIGN_OUT: Route = Route { path: "/inbox/sign-out", methods: "GET, HEAD, POST", function: Function::Owner };

/// All of them.
pub const ROUTES: [Route; 26] = [
    CONTACT,
    CONTACT_THANKS,
    CONTACT_FORM,
    FORM,
    PRIVACY,
    COMMENTS,
    COMMENTS_COUNT,
    COMMENTS_FEED,
    COMMENTS_REPLY,
    COMMENTS_WAITING,
    EMBED_SCRIPT,
    EMBED_STYLE,
    EMBED_FILE,
    OPENAPI,
    CHALLENGE,
    SECOND_CHANCE,
    MODERATE,
    INBOX,
    INBOX_FOLDER,
    INBOX_ITEM,
    INBOX_DELIVERIES,
    INBOX_EXPORT,
    INBOX_PERSON,
    SIGN_IN,
    SIGN_IN_LINK,
    SIGN_OUT,
];

/// Whether a path, without its site, is one of the inbox's.
#[must_use]
pub fn is_inbox(path: &str) -> bool {
    path.strip_prefix(INBOX.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path, without its site, leads to pages for the owner and the team.
#[must_use]
pub fn is_owners(path: &str) -> bool {
    let mut owners = ROUTES.iter().filter(|route| route.function == Function::Owner);
    owners.any(|route| route.segments().next() == path.split('/').nth(1))
}

impl Route {
    /// The parts of the path.
    pub fn segments(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').skip(1)
    }

    /// Whether a form's path with these segments would reach this route, or might: by another function, or because
    /// every word of it is fixed. Where both fit and lead to the same function, that goes by the path.
    fn takes(&self, path: &[&str]) -> bool {
        let (plain, below_site) = (self.segments(), std::iter::once("{site}").chain(self.segments()));
        let fixed = self.segments().eq(path.iter().copied());
        fixed || self.function != CONTACT_FORM.function && (fits(plain, path) || fits(below_site, path))
    }
}

/// Whether a path fits a route with these segments.
fn fits<'a>(mut route: impl Iterator<Item = &'a str>, path: &[&str]) -> bool {
    let mut same = path.iter().all(|word| route.next().is_some_and(|part| part.starts_with('{') || part == *word));
    same &= route.next().is_none();
    same
}

/// Whether the address of a form of this name could be taken for another route's: API Gateway does not say which of two
/// routes it chooses that both fit, as `/contact/{form}` and `/{site}/inbox` fit `/contact/inbox`.
#[must_use]
pub fn meets_another_route(form: &str) -> bool {
    let named = |segment: &'static str| if segment == "{form}" { form } else { segment };
    let forms = [CONTACT_FORM, FORM];
    let others = || ROUTES.iter().filter(|route| !forms.contains(route));
    forms.iter().any(|route| {
        let plain: Vec<&str> = route.segments().map(named).collect();
        // No site is called as another route begins, so no fixed word fits the first segment.
        let below_site: Vec<&str> = std::iter::once("").chain(plain.iter().copied()).collect();
        others().any(|other| other.takes(&plain) || other.takes(&below_site))
    })
}

/// Whether a path without a site could begin like this: then no site can be called so.
#[must_use]
pub fn is_first_segment(word: &str) -> bool {
    ROUTES.iter().any(|route| route.segments().next() == Some(word))
}
