//! Lists that come in pages: where the next one is, as the header `Link` says. [GitHub: pagination]

use reqwest::header::{HeaderMap, LINK};
use url::Url;

/// The address of the next page, if there is one on the same server.
pub(crate) fn next_page(at: &Url, headers: &HeaderMap) -> Option<Url> {
    let links = headers.get(LINK)?.to_str().ok()?;
    let next = links.split(',').find_map(|link| {
        let (address, rest) = link.split_once(';')?;
        let is_next = rest.split(';').any(|part| part.trim() == "rel=\"next\"");
        let address = address.trim().strip_prefix('<')?.strip_suffix('>')?;
        is_next.then_some(address)
    })?;
    let next = at.join(next).ok()?;
    (next.origin() == at.origin() && next != *at).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn next(link: &str) -> Option<String> {
        let at =
            Url::parse("https://api.github.com/repos/o/r/pulls/1/reviews?per_page=100").unwrap();
        let headers = HeaderMap::from_iter([(LINK, HeaderValue::from_str(link).unwrap())]);
        next_page(&at, &headers).map(String::from)
    }

    #[test]
    fn only_a_next_page_on_the_same_server_counts() {
        let page = "https://api.github.com/repositories/1/pulls/1/reviews?per_page=100&page=2";
        let both = format!("<{page}>; rel=\"next\", <{page}0>; rel=\"last\"");
        assert_eq!(next(&both).as_deref(), Some(page));
        assert_eq!(next(&format!("<{page}>; rel=\"prev\"")), None);
        assert_eq!(next("<https://evil.example/x?page=2>; rel=\"next\""), None);
        assert_eq!(
            next("<https://api.github.com/repos/o/r/pulls/1/reviews?per_page=100>; rel=\"next\""),
            None
        );
        for garbage in ["", ";", "<>", "rel=\"next\"", "<a;rel=\"next\"", "<http://>; rel=\"next\""]
        {
            assert_eq!(next(garbage), None, "{garbage:?}");
        }
    }
}
