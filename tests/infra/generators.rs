//! Real generators of static sites: each builds a site with the printed partials, which is served from another origin
//! than the functions. Its forms are sent as a browser without JavaScript sends them, and in a real one with it.

use std::path::Path;

use deskbell::local::{Options, Pages};
use deskbell::snippet::{Generator, Part, Snippets};
use tempfile::TempDir;
use tokio::process::Command;

use crate::harness::page::Form;
use crate::harness::scenario::{DESK, play_at};
use crate::harness::settings::{OPEN, sample_with};
use crate::harness::tools;
use crate::harness::world::{Desk, answer};

/// A site that is written for a generator and built, and the functions behind it.
struct Site {
    generator: Generator,
    desk: Desk,
    folder: TempDir,
}

impl Site {
    /// An empty one, whose built pages are already served.
    async fn new(generator: Generator) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let public = folder.path().join("public");
        std::fs::create_dir(&public).expect("a folder");
        let config = sample_with(&format!("sites.studio.forms.default.fields = []\n{OPEN}"));
        let desk = Desk::with(Options { config, pages: Pages::Folder(public, 0), ..Options::default() }).await;
        Self { generator, desk, folder }
    }

    /// Writes files of the site, by path and text.
    fn write(&self, files: &[(&str, &str)]) {
        for (path, text) in files {
            let file = self.folder.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            std::fs::write(file, text).expect("a file");
        }
    }

    /// What `deskbell snippet` prints.
    fn snippet(&self, part: Part) -> String {
        let bell = self.desk.world.url.parse().expect("an address");
        Snippets::new(self.generator, &bell, "en").part(part).expect("a snippet")
    }

    /// A line that `deskbell snippet` prints beside the parts, from `begin` on.
    fn line(&self, begin: &str) -> String {
        let (bell, mut printed) = (self.desk.world.url.parse().expect("an address"), Vec::new());
        Snippets::new(self.generator, &bell, "en").write(&mut printed).expect("printed");
        let printed = String::from_utf8(printed).expect("text");
        let at = printed.find(begin).expect("the line");
        printed[at..].lines().next().expect("a line").to_owned()
    }

    async fn build(&self, program: &Path, arguments: &[&str]) {
        let built =
            Command::new(program).args(arguments).current_dir(self.folder.path()).output().await.expect("it runs");
        assert!(built.status.success(), "{built:?}");
    }

    /// Sends a comment from the page at a path, and comes back to it; then a message from another page.
    async fn works(&self, page: &str, contact: &str) {
        let site = self.desk.world.app.config.sites["studio"].home();
        let origin = site.as_str().trim_end_matches('/');
        let address = site.join(page).expect("an address");
        let shown = self.desk.get(address.as_str()).await;
        let (_, inside) = shown.body.split_once("<deskbell-comments page=\"").expect("the element");
        let named = Form::first(&format!("<form action=\"/\"><input name=\"page\" value=\"{inside}</form>"));
        let form = Form::first(inside);
        let of_form = form.value("page").expect("the page");
        assert_eq!(named.value("page").as_ref(), Some(&of_form), "the element and the form name one page");
        assert_eq!(site.join(&of_form).expect("a page").path(), address.path());

        let sent = self.send(origin, &form, &[("author", "Ann"), ("comment", "Well written, thank you!")]).await;
        assert_eq!(sent.status, 303, "{sent:?}");
        let thanks = self.desk.get_html(sent.header("location")).await.body;
        let back = format!("href=\"{}#comment-", address.as_str().replace('&', "&#38;"));
        assert!(thanks.contains("Well written") && thanks.contains(&back), "{back} is not in {thanks}");
        assert_eq!(self.desk.get(address.as_str()).await.status, 200);
        let link = Form::first(&inside.replacen("<a href=", "<form action=", 1).replacen("</a>", "</form>", 1)).action;
        let list = self.desk.get_html(&link).await;
        assert!(list.body.contains("Well written"), "{link}: {list:?}");

        let shown = self.desk.get(site.join(contact).expect("an address").as_str()).await;
        let before = shown.body.split("data-deskbell").next().expect("a form");
        let form = Form::first(&shown.body[before.rfind("<form").expect("a form")..]);
        let sent = self.send(origin, &form, &[("name", "Bo"), ("message", "Are you open on Monday?")]).await;
        assert_eq!((sent.status, sent.header("location")), (303, "/contact/thanks"), "{sent:?}");
        self.desk.email_about("open on Monday").await;
    }

    /// Reads the comment that the page at a path has by now, and sends another, with JavaScript.
    async fn works_in_a_browser(&self, test: &'static str, page: &str) {
        let address = self.desk.world.app.config.sites["studio"].home().join(page).expect("an address");
        play_at(test, &self.desk, DESK, async |_, browser| {
            browser.open(address.as_str()).await;
            browser.run("document.querySelector('deskbell-comments').scrollIntoView()").await;
            browser.read("deskbell-comments .text", "Well written").await;
            let typed = [("author", "Cay"), ("email", "cay@example.org"), ("comment", "I came back to read it again.")];
            browser.fill(&typed).await;
            browser.press("deskbell-comments form button").await;
            browser.read("deskbell-comments ol.comments > li:last-child .text", "I came back").await;
            assert_eq!(browser.path().await, address.path());
        })
        .await;
    }

    /// Fills in a form and sends it, as a browser on a page of the site does.
    async fn send(&self, origin: &str, form: &Form, typed: &[(&str, &str)]) -> crate::harness::world::Answer {
        let value = |name: &str| typed.iter().find(|(own, _)| *own == name).map(|(_, value)| *value);
        let filled = form.fields().into_iter().map(|(name, held)| match name {
            "email" => (name, "ann@example.org"),
            _ => (name, value(name).unwrap_or(held)),
        });
        let request = self.desk.request_post(&form.action).header("accept", "text/html").header("origin", origin);
        answer(request.form(&filled.collect::<Vec<_>>())).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hugo_builds_pages_whose_forms_work() {
    let test = "infra::generators::hugo_builds_pages_whose_forms_work";
    let Some(hugo) = tools::find(&["hugo"], test) else { return };
    let site = Site::new(Generator::Hugo).await;
    let include = site.line("{{ partial");
    site.write(&[
        ("hugo.toml", "baseURL = \"https://www.example.org/\"\ntitle = \"Studio\"\n"),
        ("content/blog/first.md", "---\ntitle: First\nurl: \"/blog/q-&-ä/\"\n---\nWords\n"),
        ("content/contact.md", &format!("---\ntitle: Contact\n---\n{}\n", site.line("{{< contact"))),
        ("layouts/_default/single.html", &format!("<!doctype html><title>x</title>{{{{ .Content }}}}{include}")),
        ("layouts/partials/comments.html", &site.snippet(Part::Comments)),
        ("layouts/shortcodes/contact.html", &site.snippet(Part::Contact)),
    ]);
    site.build(&hugo, &["--quiet"]).await;
    site.works("/blog/q-&-ä/", "/contact/").await;
    site.works_in_a_browser(test, "/blog/q-&-ä/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eleventy_builds_pages_whose_forms_work() {
    let test = "infra::generators::eleventy_builds_pages_whose_forms_work";
    let Some(node) = tools::find(&["node"], test) else { return };
    let Some(eleventy) = tools::package("@11ty/eleventy", "3", test).await else { return };
    let site = Site::new(Generator::Eleventy).await;
    let layout = format!("<!doctype html>{{{{ content | safe }}}}{}", site.line("{% include \"comments.njk\""));
    site.write(&[
        ("blog/first.md", "---\nlayout: post.njk\npermalink: '/blog/q-&-ä/'\n---\nWords\n"),
        ("contact.njk", &format!("---\ntitle: Contact\n---\n{}", site.line("{% include \"contact.njk\""))),
        ("_includes/post.njk", &layout),
        ("_includes/comments.njk", &site.snippet(Part::Comments)),
        ("_includes/contact.njk", &site.snippet(Part::Contact)),
    ]);
    let program = eleventy.join("cmd.cjs");
    site.build(&node, &[program.to_str().expect("a path"), "--quiet", "--output=public"]).await;
    site.works("/blog/q-&-ä/", "/contact/").await;
    site.works_in_a_browser(test, "/blog/q-&-ä/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mkdocs_builds_pages_whose_forms_work() {
    let test = "infra::generators::mkdocs_builds_pages_whose_forms_work";
    let Some(mkdocs) = tools::find(&["mkdocs"], test) else { return };
    let site = Site::new(Generator::Mkdocs).await;
    let settings = "site_name: Studio\nsite_url: https://www.example.org/\nsite_dir: public\n\
                    theme:\n  name: mkdocs\n  custom_dir: overrides\n";
    site.write(&[
        ("mkdocs.yml", settings),
        ("docs/index.md", "# Studio\n"),
        ("docs/blog/q ä.md", "# First\n"),
        ("docs/contact.md", &format!("# Contact\n\n{}", site.snippet(Part::Contact))),
        ("overrides/main.html", &site.line("{% extends")),
        ("overrides/partials/comments.html", &site.snippet(Part::Comments)),
    ]);
    site.build(&mkdocs, &["build", "--quiet"]).await;
    site.works("/blog/q ä/", "/contact/").await;
    site.works_in_a_browser(test, "/blog/q ä/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pelican_builds_pages_whose_forms_work() {
    let test = "infra::generators::pelican_builds_pages_whose_forms_work";
    let Some(pelican) = tools::find(&["pelican"], test) else { return };
    let site = Site::new(Generator::Pelican).await;
    let settings = "SITENAME = 'Studio'\nSITEURL = 'https://www.example.org'\nPATH = 'content'\nOUTPUT_PATH = 'public'\n\
                    TIMEZONE = 'UTC'\nARTICLE_URL = 'blog/{slug}/'\nARTICLE_SAVE_AS = 'blog/{slug}/index.html'\n";
    site.write(&[
        ("pelicanconf.py", &format!("{settings}{}\n", site.line("THEME_TEMPLATES_OVERRIDES"))),
        (
            "content/first.html",
            "<html><head><title>First</title><meta name=\"date\" content=\"2026-01-01\">\
                                <meta name=\"slug\" content=\"q-and-a\"></head><body>Words</body></html>",
        ),
        (
            "content/pages/contact.html",
            &format!("<html><head><title>Contact</title></head><body>{}</body></html>", site.snippet(Part::Contact)),
        ),
        ("templates/article.html", &site.line("{% extends")),
        ("templates/deskbell.html", &site.snippet(Part::Comments)),
    ]);
    site.build(&pelican, &["--quiet", "--settings", "pelicanconf.py"]).await;
    site.works("/blog/q-and-a/", "/pages/contact.html").await;
    site.works_in_a_browser(test, "/blog/q-and-a/").await;
}
