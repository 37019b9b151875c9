//! Whether GitHub signed a delivery, and what it is about. A delivery is believed to say "look now" and nothing
//! else: what there is to see is read from GitHub. [GitHub: validating webhook deliveries]

use data_encoding::HEXLOWER;
use domain::pull::{Commit, PullRef};
use domain::repo::RepoRef;
use domain::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

/// The bytes of a signature.
const DIGEST: usize = 32;

/// Checks signatures against the secrets of the webhook.
pub struct Signer {
    keys: Vec<Hmac<Sha256>>,
}

/// Why a delivery isn't believed. All of them are answered with 401.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no signature.
    #[error("the delivery is not signed")]
    Missing,
    /// No secret makes this signature for these bytes.
    #[error(
        "the delivery's signature is wrong: it is not from GitHub, or GITHUB_WEBHOOK_SECRET is not the \
         webhook's secret"
    )]
    Wrong,
}

impl Signer {
    /// Takes every secret that may sign: usually one, two during a rotation. An empty one is left out, as anybody
    /// can sign with it; with none left, all is refused.
    #[must_use]
    pub fn new(secrets: &[Secret]) -> Self {
        let keys = secrets
            .iter()
            .map(|secret| secret.expose().as_bytes())
            .filter(|secret| !secret.is_empty())
            .filter_map(|secret| Hmac::new_from_slice(secret).ok())
            .collect();
        Self { keys }
    }

    /// Whether there is no secret, so nothing is ever believed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The digest that a head claims; what is refused here need not have its body read.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn claim(&self, signature: Option<&str>) -> Result<Vec<u8>, Refused> {
        let digest = signature.ok_or(Refused::Missing)?;
        let digest = digest.strip_prefix("sha256=").ok_or(Refused::Wrong)?;
        let digest = HEXLOWER.decode(digest.as_bytes()).map_err(|_| Refused::Wrong)?;
        if digest.len() == DIGEST && !self.keys.is_empty() {
            Ok(digest)
        } else {
            Err(Refused::Wrong)
        }
    }

    /// Whether GitHub signed `body`, exactly as it was received, with this digest. The comparison takes the same
    /// time however much of it is right.
    ///
    /// # Errors
    /// [`Refused::Wrong`].
    pub fn prove(&self, digest: &[u8], body: &[u8]) -> Result<(), Refused> {
        let made_by = |key: &Hmac<Sha256>| {
            let mut mac = key.clone();
            mac.update(body);
            mac.verify_slice(digest).is_ok()
        };
        if self.keys.iter().any(made_by) { Ok(()) } else { Err(Refused::Wrong) }
    }

    /// Both at once.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn verify(&self, signature: Option<&str>, body: &[u8]) -> Result<(), Refused> {
        self.prove(&self.claim(signature)?, body)
    }
}

/// The signature that GitHub gives a body, for code that plays GitHub.
#[must_use]
pub fn sign(secret: &Secret, body: &[u8]) -> String {
    // A key of any length will do for this algorithm.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()) else {
        return String::new();
    };
    mac.update(body);
    format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// What a delivery is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The repository.
    pub repo: RepoRef,
    /// The pull requests, as far as it names any.
    pub pulls: Vec<PullRef>,
    /// The commit, if it is about one.
    pub commit: Option<Commit>,
}

/// What a delivery of this kind is about; `None` for a kind that says nothing about a pull request, and for one
/// that makes no sense.
#[must_use]
pub fn hint(event: &str, body: &[u8]) -> Option<Hint> {
    let is_ours = matches!(
        event,
        "pull_request"
            | "pull_request_review"
            | "pull_request_review_comment"
            | "pull_request_review_thread"
            | "issue_comment"
            | "check_suite"
            | "check_run"
            | "status"
            | "push"
    );
    if !is_ours {
        return None;
    }
    let Delivery { repository, pull_request, issue, check_suite, check_run, sha, after } =
        serde_json::from_slice(body).ok()?;
    let (owner, name) = repository.full_name.split_once('/')?;
    let repo = RepoRef { owner: owner.to_owned(), repo: name.to_owned() };
    let check = check_suite.or(check_run);
    let of_checks = check.iter().flat_map(|check| &check.pull_requests);
    let issue = issue.filter(|issue| issue.pull_request.is_some()).map(|issue| issue.number);
    let numbers = pull_request.iter().chain(of_checks).map(|one| one.number).chain(issue);
    // More than GitHub puts into one delivery.
    let pulls = numbers.take(100).map(|number| PullRef { repo: repo.clone(), number }).collect();
    let commit = sha.or(after).or_else(|| check.and_then(|check| check.head_sha));
    Some(Hint { pulls, commit: commit.as_deref().and_then(Commit::parse), repo })
}

#[derive(Deserialize)]
struct Delivery {
    repository: Repository,
    #[serde(default)]
    pull_request: Option<Numbered>,
    #[serde(default)]
    issue: Option<Issue>,
    #[serde(default)]
    check_suite: Option<Check>,
    #[serde(default)]
    check_run: Option<Check>,
    #[serde(default)]
    sha: Option<String>,
    #[serde(default)]
    after: Option<String>,
}

#[derive(Deserialize)]
struct Repository {
    full_name: String,
}

#[derive(Deserialize)]
struct Numbered {
    number: u64,
}

#[derive(Deserialize)]
struct Issue {
    number: u64,
    #[serde(default)]
    pull_request: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Check {
    #[serde(default)]
    head_sha: Option<String>,
    #[serde(default)]
    pull_requests: Vec<Numbered>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    // The example of GitHub's own page on validating deliveries.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const SIGNATURE: &str =
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    fn signer(secrets: &[&str]) -> Signer {
        Signer::new(&secrets.iter().map(|&secret| Secret::new(secret)).collect::<Vec<_>>())
    }

    #[test]
    fn githubs_own_example_passes() {
        assert_eq!(signer(&[SECRET]).verify(Some(SIGNATURE), BODY), Ok(()));
        assert_eq!(signer(&["new", SECRET]).verify(Some(SIGNATURE), BODY), Ok(()));
        assert_eq!(sign(&Secret::new(SECRET), BODY), SIGNATURE);
    }

    #[test]
    fn what_is_not_signed_is_refused() {
        let signer = signer(&[SECRET]);
        assert_eq!(signer.verify(None, BODY), Err(Refused::Missing));
        let old = "sha1=757107ea0eb2509fc211221cce984b8a37570b6d";
        for wrong in ["", "sha256=", "sha256=zz", old, &SIGNATURE.to_uppercase()] {
            assert_eq!(signer.verify(Some(wrong), BODY), Err(Refused::Wrong), "{wrong}");
        }
        assert_eq!(signer.verify(Some(SIGNATURE), b"Hello, World"), Err(Refused::Wrong));
    }

    #[test]
    fn an_empty_secret_signs_nothing() {
        let signature = sign(&Secret::new(""), BODY);
        assert_eq!(signer(&[""]).verify(Some(&signature), BODY), Err(Refused::Wrong));
        assert!(signer(&[""]).is_empty());
    }

    #[test]
    fn each_kind_says_which_pull_request_to_look_at() {
        let sha = "a".repeat(40);
        let repository = json!({ "full_name": "acme/web" });
        let numbers = |event: &str, mut body: serde_json::Value| {
            body["repository"] = repository.clone();
            let hint = hint(event, body.to_string().as_bytes())?;
            let numbers: Vec<u64> = hint.pulls.iter().map(|pull| pull.number).collect();
            Some((numbers, hint.commit.is_some()))
        };
        let pull = json!({ "action": "closed", "pull_request": { "number": 3 } });
        assert_eq!(numbers("pull_request", pull.clone()), Some((vec![3], false)));
        assert_eq!(numbers("pull_request_review", pull.clone()), Some((vec![3], false)));
        let suite =
            json!({ "check_suite": { "head_sha": sha, "pull_requests": [{ "number": 4 }] } });
        assert_eq!(numbers("check_suite", suite), Some((vec![4], true)));
        assert_eq!(numbers("status", json!({ "sha": sha })), Some((vec![], true)));
        let comment = json!({ "issue": { "number": 5, "pull_request": {} } });
        assert_eq!(numbers("issue_comment", comment), Some((vec![5], false)));
        assert_eq!(
            numbers("issue_comment", json!({ "issue": { "number": 5 } })),
            Some((vec![], false))
        );
        for other in ["ping", "star", "an_event_of_tomorrow", ""] {
            assert_eq!(numbers(other, pull.clone()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_other_signature_passes(signature: String, body: Vec<u8>) {
            prop_assert!(signer(&[SECRET]).verify(Some(&signature), &body).is_err());
        }

        #[test]
        fn any_flipped_bit_is_refused(place: prop::sample::Index, bit in 0u8..8) {
            let mut body = BODY.to_vec();
            let place = place.index(body.len());
            body[place] ^= 1 << bit;
            prop_assert!(signer(&[SECRET]).verify(Some(SIGNATURE), &body).is_err());
        }

        #[test]
        fn any_bytes_are_read_or_not(event in "pull_request|status|check_run|push", body: Vec<u8>) {
            let _hint = hint(&event, &body);
        }
    }
}
