//! Names that become a path or a query.
//!
//! A name from outside must never lead to another resource: each segment of it is percent-encoded,
//! and one that a URL would take for "here", "up" or nothing makes the whole name one that nobody has.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

/// Everything but RFC 3986's unreserved characters. A space becomes `%20`, which unlike `+` means the
/// same to everybody.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// A resource name as a path: its slashes stay, each segment is encoded. `None` when a segment is
/// empty, `.` or `..`, which would make it another name.
pub(super) fn path_of(name: &str) -> Option<String> {
    let segments = name.split('/').map(|segment| match segment {
        "" | "." | ".." => None,
        segment => Some(encoded(segment)),
    });
    segments.collect::<Option<Vec<_>>>().map(|segments| segments.join("/"))
}

/// `base` extended by an encoded path and a query.
pub(super) fn address(base: &Url, path: &str, query: &[(&str, &str)]) -> Url {
    let mut address = base.clone();
    address.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    let pairs: Vec<String> =
        query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    address.set_query((!pairs.is_empty()).then(|| pairs.join("&")).as_deref());
    address
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Url {
        Url::parse("https://jules.googleapis.com/v1alpha/").unwrap()
    }

    #[test]
    fn a_query_is_encoded_to_the_letter() {
        let filter = r#"create_time > "2026-08-21T21:07:01.522664Z""#;
        let query = [("filter", filter), ("fields", "a(b,c/d)")];
        assert_eq!(
            address(&base(), "sessions/1/activities", &query).as_str(),
            "https://jules.googleapis.com/v1alpha/sessions/1/activities\
             ?filter=create_time%20%3E%20%222026-08-21T21%3A07%3A01.522664Z%22\
             &fields=a%28b%2Cc%2Fd%29"
        );
    }

    #[test]
    fn a_name_cannot_climb_out_of_its_place() {
        for name in ["", "/", "sources//x", "sources/..", "sources/./x", "sources/x/"] {
            assert_eq!(path_of(name), None, "{name:?}");
        }
        assert_eq!(path_of("sources/a?b#c/%2e%2e").unwrap(), "sources/a%3Fb%23c/%252e%252e");
    }

    proptest! {
        #[test]
        fn any_name_stays_under_its_base(name in "[^/]{1,12}(/[^/]{1,12}){0,3}") {
            if let Some(path) = path_of(&name) {
                let address = address(&base(), &path, &[]);
                let below: Vec<_> = address.path().split('/').skip(2).collect();
                prop_assert_eq!(below.join("/"), path);
                prop_assert!(address.query().is_none() && address.fragment().is_none());
            }
        }
    }
}
