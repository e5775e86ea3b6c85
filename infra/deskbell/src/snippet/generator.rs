//! What generators of static sites differ in: where a partial stands, how it says which page it is on, and how it is
//! included.

use clap::ValueEnum;

/// A generator of static sites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Generator {
    /// HTML, written by hand or by a generator that is not listed
    Plain,
    /// Hugo
    Hugo,
    /// Eleventy, with Nunjucks
    Eleventy,
    /// Jekyll
    Jekyll,
    /// Astro
    Astro,
    /// Zola
    Zola,
    /// `MkDocs`, with Material or any other theme
    Mkdocs,
    /// Docusaurus
    Docusaurus,
    /// Pelican
    Pelican,
}

/// How a generator is told where to put what.
pub(super) struct Place {
    /// The file that holds the section of comments.
    pub(super) comments: &'static str,
    /// Where that is included, and how.
    pub(super) include: &'static [&'static str],
    /// The file that holds the contact form.
    pub(super) contact: &'static str,
    /// Where that is included, and how.
    pub(super) include_contact: &'static [&'static str],
}

impl Generator {
    /// The path of the page, escaped as an attribute's value, with what stands around it.
    pub(super) fn page(self) -> &'static str {
        match self {
            Self::Plain => "\"/blog/first-post/\"",
            Self::Hugo => "\"{{ .RelPermalink }}\"",
            Self::Eleventy | Self::Jekyll => "\"{{ page.url | escape }}\"",
            // Tera escapes whatever a template in HTML writes.
            Self::Zola => "\"{{ page.path }}\"",
            Self::Mkdocs => "\"{{ (page.abs_url or '/' ~ page.url) | e }}\"",
            Self::Pelican => "\"{{ ('/' ~ (article or page).url) | e }}\"",
            Self::Astro | Self::Docusaurus => "{page}",
        }
    }

    /// The address of the page's comments, as an attribute's value, with what stands around it.
    pub(super) fn list(self, bell: &str) -> String {
        let page = match self {
            Self::Plain => "/blog/first-post/",
            // Escaped as a part of an address, for Go's templates know where they are.
            Self::Hugo => "{{ .RelPermalink }}",
            Self::Eleventy => "{{ page.url | urlencode }}",
            Self::Jekyll => "{{ page.url | url_encode }}",
            Self::Zola => "{{ page.path | urlencode }}",
            Self::Mkdocs => "{{ (page.abs_url or '/' ~ page.url) | urlencode }}",
            Self::Pelican => "{{ ('/' ~ (article or page).url) | urlencode }}",
            Self::Astro | Self::Docusaurus => {
                return format!("{{`{bell}/comments?page=${{encodeURIComponent(page)}}`}}");
            }
        };
        format!("\"{bell}/comments?page={page}\"")
    }

    /// What a script needs to be left as it stands.
    pub(super) fn script(self) -> &'static str {
        if self == Self::Astro { " is:inline" } else { "" }
    }

    /// Where everything goes.
    pub(super) fn place(self) -> Place {
        match self {
            Self::Plain => Place {
                comments: "each page with comments, with the path of that page in three places",
                include: &[],
                contact: "the page with the contact form",
                include_contact: &[],
            },
            Self::Hugo => Place {
                comments: "layouts/partials/comments.html",
                include: &[
                    "In layouts/_default/single.html, unless your theme includes it: {{ partial \"comments.html\" . }}",
                ],
                contact: "layouts/shortcodes/contact.html",
                include_contact: &["In a page: {{< contact >}}"],
            },
            Self::Eleventy => Place {
                comments: "_includes/comments.njk",
                include: &["In the layout of your posts: {% include \"comments.njk\" %}"],
                contact: "_includes/contact.njk",
                include_contact: &["In a page: {% include \"contact.njk\" %}"],
            },
            Self::Jekyll => Place {
                comments: "_includes/comments.html",
                include: &["In _layouts/post.html: {% include comments.html %}"],
                contact: "_includes/contact.html",
                include_contact: &["In a page: {% include contact.html %}"],
            },
            Self::Astro => Place {
                comments: "src/components/Comments.astro",
                include: &[
                    "In the layout of your posts: import Comments from \"../components/Comments.astro\"; then <Comments />",
                ],
                contact: "src/components/Contact.astro",
                include_contact: &["In a page: import Contact from \"../components/Contact.astro\"; then <Contact />"],
            },
            Self::Zola => Place {
                comments: "templates/partials/comments.html",
                include: &["In templates/page.html: {% include \"partials/comments.html\" %}"],
                contact: "templates/shortcodes/contact.html",
                include_contact: &["In a page: {{ contact() }}"],
            },
            Self::Mkdocs => Place {
                comments: "overrides/partials/comments.html",
                include: &[
                    "In mkdocs.yml: site_url, and theme: { name: …, custom_dir: overrides }",
                    "In overrides/main.html, unless your theme is Material, which includes it: {% extends \"base.html\" %}\
                     {% block content %}{{ super() }}{% include \"partials/comments.html\" %}{% endblock %}",
                ],
                contact: "docs/contact.md, below its heading",
                include_contact: &[],
            },
            Self::Docusaurus => Place {
                comments: "src/components/Comments.js",
                include: &[
                    "npm run swizzle @docusaurus/theme-classic BlogPostItem/Footer -- --wrap",
                    "In src/theme/BlogPostItem/Footer: import Comments from \"@site/src/components/Comments\"; then <Comments />",
                ],
                contact: "src/components/Contact.js",
                include_contact: &[
                    "In a page in MDX: import Contact from \"@site/src/components/Contact\"; then <Contact />",
                ],
            },
            Self::Pelican => Place {
                comments: "templates/deskbell.html",
                include: &[
                    "In pelicanconf.py: THEME_TEMPLATES_OVERRIDES = [\"templates\"]",
                    "In templates/article.html: {% extends \"!theme/article.html\" %}{% block content %}{{ super() }}\
                     {% include \"deskbell.html\" %}{% endblock %}",
                ],
                contact: "content/pages/contact.md, below its title",
                include_contact: &[],
            },
        }
    }
}
