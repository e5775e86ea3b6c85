//! The values of one field of which a body may have more than a form has fields, whichever way it is sent.

use bytes::Bytes;
use serde::Deserialize;
use url::form_urlencoded;

use super::error::Error;

/// What a script sends as JSON: a list, or an object with a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Sent {
    List(Vec<String>),
    One {
        #[serde(alias = "page")]
        pages: String,
    },
    Several {
        #[serde(alias = "page")]
        pages: Vec<String>,
    },
}

/// The pages that a body of the given `Content-Type` names: `page`, as often as wanted, or a list; up to `most` and one
/// more.
pub(super) async fn pages(content_type: &str, body: Bytes, most: usize) -> Result<Vec<String>, Error> {
    let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let mut pages = match kind.as_str() {
        "application/x-www-form-urlencoded" | "" => {
            let pairs = form_urlencoded::parse(&body).filter(|(name, _)| is_page(name));
            pairs.map(|(_, page)| page.into_owned()).take(most + 1).collect()
        }
        "multipart/form-data" => multipart(content_type, body, most).await?,
        "application/json" => match serde_json::from_slice(&body).map_err(|_| Error::Malformed)? {
            Sent::List(pages) | Sent::Several { pages } => pages,
            Sent::One { pages } => vec![pages],
        },
        _ => return Err(Error::MediaType),
    };
    pages.truncate(most + 1);
    Ok(pages)
}

async fn multipart(content_type: &str, body: Bytes, most: usize) -> Result<Vec<String>, Error> {
    let boundary = multer::parse_boundary(content_type).map_err(|_| Error::Malformed)?;
    let stream = futures_util::stream::once(async { Ok::<_, std::convert::Infallible>(body) });
    let (mut parts, mut pages) = (multer::Multipart::new(stream, boundary), Vec::new());
    while let Some(part) = parts.next_field().await.map_err(|_| Error::Malformed)? {
        if part.name().is_some_and(is_page) && pages.len() <= most {
            pages.push(part.text().await.map_err(|_| Error::Malformed)?);
        }
    }
    Ok(pages)
}

fn is_page(name: &str) -> bool {
    matches!(name, "page" | "page[]" | "pages" | "pages[]")
}
