//! From Lambda's event to a request. `lambda_http` puts the parts of an address together and takes for granted that
//! they are one; not every host that somebody sends is, and API Gateway gives the path decoded.

use axum::Router;
use http::Uri;
use http::header::{HOST, HeaderValue};
use lambda_http::request::LambdaRequest;
use lambda_http::{Adapter, LambdaEvent, Service as _};
use percent_encoding::{AsciiSet, utf8_percent_encode};
use url::Url;

use crate::form::page;

/// The header in which API Gateway says whether a request came by HTTPS.
const PROTOCOL: &str = "x-forwarded-proto";

/// What is written out in a path that has several segments.
const SEVERAL: AsciiSet = page::PATH.remove(b'/');

/// Answers Lambda's events until Lambda ends the function.
pub async fn run(router: Router) -> Result<(), lambda_http::Error> {
    let answer = move |LambdaEvent { payload, context }: LambdaEvent<LambdaRequest>| {
        Adapter::from(router.clone()).call(LambdaEvent::new(mended(payload), context))
    };
    lambda_runtime::run(lambda_runtime::service_fn(answer)).await
}

/// The event with an address that can be put together: a host that is none is left out, and what a path cannot hold is
/// encoded again.
#[must_use]
pub fn mended(mut request: LambdaRequest) -> LambdaRequest {
    let LambdaRequest::ApiGatewayV2(event) = &mut request else { return request };
    if event.headers.get(HOST).is_some_and(|host| !host.to_str().is_ok_and(is_host)) {
        event.headers.remove(HOST);
    }
    if event.request_context.domain_name.as_deref().is_some_and(|host| !is_host(host)) {
        event.request_context.domain_name = None;
    }
    if event.headers.get(PROTOCOL).is_some_and(|protocol| protocol != "http" && protocol != "https") {
        event.headers.insert(PROTOCOL, HeaderValue::from_static("https"));
    }
    event.raw_path = event.raw_path.take().map(|path| encoded(&path));
    request
}

/// Whether a text is a host, perhaps with a port, and nothing else of an address.
fn is_host(text: &str) -> bool {
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control() || "/\\?#@".contains(c));
    let read = |url: Url| url.path() == "/" && url.as_str().parse::<Uri>().is_ok();
    plain && Url::parse(&format!("https://{text}/")).is_ok_and(read)
}

/// A decoded path as it stands in an address. A character that would end the path, or begin an escape, is one of the
/// path's.
fn encoded(path: &str) -> String {
    let whole = if path.starts_with('/') { "" } else { "/" };
    format!("{whole}{}", utf8_percent_encode(path, &SEVERAL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn request(path: &str, host: &str, domain: &str, protocol: &str) -> Option<LambdaRequest> {
        let event = json!({
            "version": "2.0", "routeKey": "ANY /x", "rawPath": path, "rawQueryString": "a=b",
            "headers": { "host": host, "x-forwarded-proto": protocol },
            "requestContext": {
                "stage": "$default", "timeEpoch": 0, "domainName": domain,
                "http": { "method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
            },
            "isBase64Encoded": false,
        });
        serde_json::from_value(event).ok()
    }

    #[test]
    fn a_decoded_path_is_one_path() {
        let cases = [
            ("/contact/default", "/contact/default"),
            ("/f/a b", "/f/a%20b"),
            ("/f/a?b=c#d", "/f/a%3Fb=c%23d"),
            ("/f/50%", "/f/50%25"),
            ("/f/%41", "/f/%2541"),
            ("/café/日本", "/caf%C3%A9/%E6%97%A5%E6%9C%AC"),
            ("contact", "/contact"),
            ("/a@b:c", "/a@b:c"),
        ];
        for (decoded, expected) in cases {
            let request = mended(request(decoded, "example.org", "example.org", "https").expect("an event"));
            let request = lambda_http::Request::from(request);
            assert_eq!((request.uri().path(), request.uri().query()), (expected, Some("a=b")), "{decoded}");
        }
    }

    proptest! {
        #[test]
        fn no_path_and_no_host_make_it_stumble(
            path in "/?[\\PC]{0,20}|[/%?#.\\\\ a\\[\\]@:]{0,12}", host in "[\\PC]{0,20}|[a-z.:@/\\[\\]0-9 ]{0,12}",
            domain in "[\\PC]{0,20}", protocol in "https?|[\\PC]{0,8}",
        ) {
            if let Some(request) = request(&path, &host, &domain, &protocol) {
                let request = lambda_http::Request::from(mended(request));
                prop_assert!(request.uri().path().starts_with('/'));
                prop_assert_eq!(request.uri().query(), Some("a=b"));
            }
        }
    }
}
