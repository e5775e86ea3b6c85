//! Warm-up: at its start, where Lambda gives a function a whole processor, it answers a request that nobody sent. The
//! first that somebody sends then finds everything at hand.

use axum::Router;
use lambda_http::Service as _;
use serde_json::{Value, json};
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

/// The router of a function, after it has answered this. It must be something that is refused, for then nothing is
/// asked of the table; nor is anything logged.
pub async fn warmed_up(mut router: Router, method: &str, path: &str) -> Router {
    if let Ok(request) = lambda_http::request::from_str(&event(method, path).to_string()) {
        let Ok(response) = router.call(request).with_subscriber(NoSubscriber::default()).await;
        std::hint::black_box(response);
    }
    router
}

/// What API Gateway sends, as far as it is read.
fn event(method: &str, path: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": format!("{method} {path}"), "rawPath": path, "rawQueryString": "",
        "headers": { "accept": "application/json", "content-type": "application/x-www-form-urlencoded" },
        "requestContext": {
            "stage": "$default", "timeEpoch": 0,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1" },
        },
        "body": "name=&message=&author=&comment=", "isBase64Encoded": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_request() {
        let request = lambda_http::request::from_str(&event("POST", "/contact").to_string()).expect("a request");
        assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/contact"));
    }
}
