//! Which addresses from outside something is sent to: Slack's own hosts, no matter who names them.
//!
//! A `response_url` and a file's address come from outside, and a stored one may be old.

use url::Url;

/// The hosts of Slack's real Web API.
const SLACK: [&str; 2] = ["slack.com", "slack-gov.com"];

/// Whether `url` is on one of Slack's `hosts`, by `https`, or on the stand-in that is set as `api`.
pub(super) fn trusted(url: &Url, hosts: &[&str], api: &Url) -> bool {
    let slacks_own = url.scheme() == "https"
        && url.port().is_none()
        && url.host_str().is_some_and(|host| hosts.contains(&host));
    slacks_own || (matches!(url.scheme(), "http" | "https") && on_stand_in(url, api))
}

/// A stand-in for the Web API gives out URLs of its own, on its host and any port. Slack's real API
/// gives out none there, so its host is not trusted by this rule.
fn on_stand_in(url: &Url, api: &Url) -> bool {
    api.host_str().is_some_and(|host| !SLACK.contains(&host)) && api.host() == url.host()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTS: [&str; 2] = ["hooks.slack.com", "hooks.slack-gov.com"];

    fn trusts(url: &str, api: &str) -> bool {
        trusted(&Url::parse(url).unwrap(), &HOSTS, &Url::parse(api).unwrap())
    }

    #[test]
    fn slacks_own_urls_are_trusted_and_no_others() {
        let api = "https://slack.com/api/";
        for url in ["https://hooks.slack.com/commands/T1/1/x", "https://hooks.slack-gov.com/app/x"]
        {
            assert!(trusts(url, api), "{url}");
        }
        for url in [
            "http://hooks.slack.com/x",
            "https://hooks.slack.com:8443/x",
            "https://hooks.slack.com.evil.example/x",
            "https://evil.example/hooks.slack.com",
            "https://hooks.slack.com@evil.example/x",
            "https://slack.com/x",
            "https://files.slack.com/x",
            "http://127.0.0.1/x",
            "http://169.254.169.254/latest",
            "file:///etc/passwd",
        ] {
            assert!(!trusts(url, api), "{url}");
        }
    }

    #[test]
    fn a_stand_in_is_trusted_on_its_host_only() {
        let api = "http://127.0.0.1:4000/api/";
        assert!(trusts("http://127.0.0.1:4001/respond/1", api));
        assert!(trusts("https://127.0.0.1/respond/1", api));
        assert!(trusts("https://hooks.slack.com/x", api));
        assert!(!trusts("http://127.0.0.2:4000/x", api));
        assert!(!trusts("ftp://127.0.0.1/x", api));
        assert!(!trusts("http://localhost:4000/x", api));
    }
}
