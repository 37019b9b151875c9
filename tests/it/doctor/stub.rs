//! What may stand where the bot, Slack or Jules are expected.

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::routing::post;
use platform::tls;
use std::net::TcpListener;

/// Takes connections and never says a word.
pub(super) fn silent() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").expect("a port")
}

/// Answers everything in the same way, until the test ends. Gives its address, without a path.
pub(super) async fn answering(
    status: StatusCode,
    headers: &[(&'static str, &'static str)],
    body: &'static str,
) -> String {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
        .collect();
    serve(Router::new().fallback(async move || (status, headers.clone(), body))).await
}

/// Alive, and sends back whatever it gets, signed or not.
pub(super) async fn echo() -> String {
    let healthz = axum::routing::get(async || "alive\n");
    serve(Router::new().route("/healthz", healthz).fallback(async |body: String| body)).await
}

/// A proxy as our pages ask for one: it forwards what is posted below /slack and /github, and nothing else is there.
pub(super) async fn proxy(bot: &str) -> String {
    let (client, bot) = (tls::client().no_proxy().build().expect("a client"), bot.to_owned());
    let forward = async move |uri: Uri, headers: HeaderMap, body: Bytes| {
        let request = client.post(format!("{bot}{}", uri.path())).headers(headers).body(body);
        let answer = request.send().await.expect("the bot answers");
        (answer.status(), answer.bytes().await.expect("a whole answer"))
    };
    let slack = Router::new().route("/slack/{*path}", post(forward.clone()));
    serve(slack.route("/github/{*path}", post(forward))).await
}

async fn serve(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move { axum::serve(listener, routes).await.expect("serves") });
    format!("http://{address}")
}
