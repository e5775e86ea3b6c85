//! The snippets as components of React, in which Docusaurus' pages are written.

/// The section of comments. It is made anew for each page, for the script changes what stands in it.
pub(super) fn comments(html: &str) -> String {
    let head = "import {useLocation} from \"@docusaurus/router\";";
    component(
        "Comments",
        head,
        "  const page = useLocation().pathname;\n",
        &html.replacen("<section", "<section key={page}", 1),
    )
}

/// The contact form.
pub(super) fn contact(html: &str) -> String {
    component("Contact", "", "", html)
}

/// A component that loads the script with the page's head: React does not run the scripts that it writes.
fn component(name: &str, import: &str, begin: &str, html: &str) -> String {
    let (body, script) = script_apart(html);
    let imports = ["import React from \"react\";", "import Head from \"@docusaurus/Head\";", import];
    let imports: Vec<&str> = imports.into_iter().filter(|line| !line.is_empty()).collect();
    let body = jsx(&body).replace('\n', "\n      ");
    format!(
        "{}\n\nexport default function {name}() {{\n{begin}  return (\n    <>\n      <Head>{}</Head>\n      {body}\n    </>\n  );\n}}\n",
        imports.join("\n"),
        script.replace("></script>", " />"),
    )
}

/// What is not a script, and the script.
fn script_apart(html: &str) -> (String, String) {
    let (script, body): (Vec<&str>, Vec<&str>) = html.lines().partition(|line| line.starts_with("<script"));
    (body.join("\n"), script.join("\n"))
}

/// HTML as JSX writes it: attributes by the names that they have in the DOM, and every element closed.
fn jsx(html: &str) -> String {
    let named = html.replace("autocomplete=", "autoComplete=").replace("tabindex=", "tabIndex=");
    let mut parts = named.split("<input");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (attributes, rest) = part.split_once('>').unwrap_or((part, ""));
        format!("{text}<input{attributes} />{rest}")
    })
}
