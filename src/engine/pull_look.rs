//! One look at a pull request: what is read of GitHub, and what of it is kept.
//!
//! Everything is asked for by the name of what is known already, which costs nothing with a token while it is the
//! same. Without a token each call counts, so what can't have changed isn't asked for: reviews and comments move
//! `updated_at`, checks don't.

use super::pulls::{Pulls, no_sight};
use domain::pull::{
    Checks, Login, NoSight, PullFacts, PullSight, PullState, Review, ReviewComment, WatchedPull,
};
use domain::task::fenced;
use github::{Error, Fresh, Urgency};
use jiff::{SignedDuration, Timestamp};
use platform::clock::is_younger;
use std::collections::BTreeMap;

/// How many reviews are kept.
const MOST_REVIEWS: usize = 100;
/// How many reviews can be sent to Jules.
const MOST_QUOTES: usize = 5;
/// How many comments of a review go to Jules, and how much of all of it: what a field of Slack's takes, less some
/// words of one's own.
const MOST_COMMENTS: usize = 20;
const LONGEST_QUOTE: usize = 2_700;

/// How long checks that have all ended are believed without a token: no longer than Jules' own CI fixer has, so that
/// they are read again before the thread says that they failed.
const CHECKS_LIVE: SignedDuration = SignedDuration::from_mins(9);

const WATCH: Urgency = Urgency::Watch;

impl Pulls {
    /// Looks at a pull request. The document learns what the answers are called.
    ///
    /// # Errors
    /// What passes: a limit, or GitHub is down.
    pub(super) async fn look(
        &self,
        pull: &mut WatchedPull,
        now: Timestamp,
    ) -> Result<Result<PullSight, NoSight>, Error> {
        let mut next = pull.clone();
        match self.read(&mut next, now).await {
            Ok(sight) => {
                *pull = next;
                Ok(Ok(sight))
            }
            Err(error) => no_sight(&error).map(Err).ok_or(error),
        }
    }

    /// Where a part can't be read, the one of before is used: a merge is told while checks can't be seen.
    async fn read(&self, doc: &mut WatchedPull, now: Timestamp) -> Result<PullSight, Error> {
        let known = doc.sight.clone();
        let mut facts = self.facts(doc, known.as_ref()).await?;
        let before = known.as_ref();
        let is_moved = before.is_none_or(|sight| sight.pull.updated != facts.updated);
        let reviews = match before {
            Some(sight) if !is_moved && !self.github.has_token() => {
                Ok((sight.reviews.clone(), sight.bot_comments))
            }
            _ => self.reviews(doc, before).await,
        };
        let (reviews, bot_comments) = match (reviews, before) {
            (Err(error), Some(sight)) if is_partial(&error) => {
                tracing::info!(%error, "the reviews of a pull request could not be read");
                // They are read next time.
                facts.updated = sight.pull.updated;
                doc.etags.remove("pull");
                (sight.reviews.clone(), sight.bot_comments)
            }
            (read, _) => read?,
        };
        let checks = match before {
            // A merged one's checks are nobody's business any more.
            Some(sight) if !facts.state.is_open() => Ok(sight.checks.clone()),
            _ => self.checks(doc, &facts, before, now).await,
        };
        let checks = match (checks, before) {
            (Err(error), Some(sight)) if is_partial(&error) => {
                tracing::info!(%error, "the checks of a pull request could not be read");
                let is_of_head = sight.pull.head == facts.head;
                if is_of_head { sight.checks.clone() } else { Checks::default() }
            }
            (read, _) => read?,
        };
        let closed_by = self.closed_by(&facts, before).await?;
        Ok(PullSight { pull: facts, reviews, bot_comments, checks, closed_by })
    }

    async fn facts(
        &self,
        doc: &mut WatchedPull,
        known: Option<&PullSight>,
    ) -> Result<PullFacts, Error> {
        let etag = doc.etags.get("pull").filter(|_| known.is_some()).cloned();
        match (self.github.pull(&doc.at, etag.as_deref(), WATCH).await?, known) {
            (Fresh::New(facts, etag), _) => {
                note(&mut doc.etags, "pull", etag);
                Ok(facts)
            }
            (Fresh::Same, Some(known)) => Ok(known.pull.clone()),
            (Fresh::Same, None) => Err(Error::Unreadable),
        }
    }

    /// The reviews with how many comments each has, and how many comments apps have written. Both lists are read
    /// whole if either has changed.
    async fn reviews(
        &self,
        doc: &mut WatchedPull,
        known: Option<&PullSight>,
    ) -> Result<(Vec<Review>, u32), Error> {
        let github = &self.github;
        let etag = |name: &str| doc.etags.get(name).filter(|_| known.is_some()).cloned();
        let (one, two) = (etag("reviews"), etag("comments"));
        let reviews = github.reviews(&doc.at, one.as_deref(), WATCH).await?;
        let comments = github.review_comments(&doc.at, two.as_deref(), WATCH).await?;
        let (reviews, comments) = match (reviews, comments, known) {
            (Fresh::Same, Fresh::Same, Some(known)) => {
                return Ok((known.reviews.clone(), known.bot_comments));
            }
            (Fresh::Same, comments, _) => (github.reviews(&doc.at, None, WATCH).await?, comments),
            (reviews, Fresh::Same, _) => {
                (reviews, github.review_comments(&doc.at, None, WATCH).await?)
            }
            both => (both.0, both.1),
        };
        let (Fresh::New(mut reviews, one), Fresh::New(comments, two)) = (reviews, comments) else {
            return Err(Error::Unreadable);
        };
        note(&mut doc.etags, "reviews", one);
        note(&mut doc.etags, "comments", two);
        let surplus = reviews.len().saturating_sub(MOST_REVIEWS);
        reviews.drain(..surplus);
        for review in &mut reviews {
            let of_it = comments.iter().filter(|one| one.review == Some(review.id)).count();
            review.comments = u32::try_from(of_it).unwrap_or(u32::MAX);
        }
        doc.quotes = quotes(&reviews, &comments);
        let bots = comments.iter().filter(|comment| comment.by.is_bot).count();
        Ok((reviews, u32::try_from(bots).unwrap_or(u32::MAX)))
    }

    /// Both kinds of checks of the head. Asked for apart: a token that can't read the one may read the other.
    async fn checks(
        &self,
        doc: &mut WatchedPull,
        facts: &PullFacts,
        known: Option<&PullSight>,
        now: Timestamp,
    ) -> Result<Checks, Error> {
        let before = known.filter(|sight| sight.pull.head == facts.head).map(|one| &one.checks);
        // Each call counts, and these have all ended. Others may still begin, and some be run again.
        if let Some(checks) = before.filter(|checks| checks.pending == 0 && checks.total() > 0)
            && doc.checked.is_some_and(|at| is_younger(at, CHECKS_LIVE, now))
            && !self.github.has_token()
        {
            return Ok(checks.clone());
        }
        if before.is_none() {
            (doc.runs, doc.statuses) = (None, None);
            doc.etags.remove("runs");
            doc.etags.remove("statuses");
        }
        let etag = |name: &str| doc.etags.get(name).cloned();
        let (one, two) = (etag("runs"), etag("statuses"));
        let runs = self.github.check_runs(&doc.at, &facts.head, one.as_deref(), WATCH).await;
        let mut partly = false;
        match runs {
            Ok(Fresh::New(runs, etag)) => {
                doc.runs = Some(runs);
                note(&mut doc.etags, "runs", etag);
            }
            Ok(Fresh::Same) | Err(Error::NotFound) => {}
            Err(Error::Forbidden) => partly = true,
            Err(error) => return Err(error),
        }
        match self.github.statuses(&doc.at, &facts.head, two.as_deref(), WATCH).await {
            Ok(Fresh::New(statuses, etag)) => {
                doc.statuses = Some(statuses);
                note(&mut doc.etags, "statuses", etag);
            }
            Ok(Fresh::Same) | Err(Error::NotFound) => {}
            Err(Error::Forbidden) => partly = true,
            Err(error) => return Err(error),
        }
        doc.checked = Some(now);
        let mut checks = together(doc.runs.as_ref(), doc.statuses.as_ref());
        checks.partly = partly;
        let since = before.and_then(|checks| checks.red_since);
        checks.red_since = checks.is_red().then(|| since.unwrap_or(now));
        Ok(checks)
    }

    async fn closed_by(
        &self,
        facts: &PullFacts,
        known: Option<&PullSight>,
    ) -> Result<Option<Login>, Error> {
        if facts.state != PullState::Closed {
            return Ok(None);
        }
        match known.and_then(|sight| sight.closed_by.clone()) {
            Some(by) => Ok(Some(by)),
            None => match self.github.closed_by(&facts.at, WATCH).await {
                // Who it was isn't worth waiting for.
                Err(Error::NotFound | Error::Forbidden) => Ok(None),
                read => read,
            },
        }
    }
}

/// Whether it says something of one part only: GitHub could be asked for another.
fn is_partial(error: &Error) -> bool {
    match error {
        Error::Down(_) | Error::Unreadable => true,
        Error::NotFound | Error::Forbidden | Error::TokenRefused | Error::Limited { .. } => false,
    }
}

fn note(etags: &mut BTreeMap<String, String>, name: &str, etag: Option<String>) {
    /// GitHub's have 68 characters.
    const LONGEST: usize = 200;
    match etag.filter(|etag| etag.len() <= LONGEST) {
        Some(etag) => etags.insert(name.to_owned(), etag),
        None => etags.remove(name),
    };
}

fn together(runs: Option<&Checks>, statuses: Option<&Checks>) -> Checks {
    let mut all = Checks::default();
    for one in [runs, statuses].into_iter().flatten() {
        all.pending += one.pending;
        all.good += one.good;
        all.bad += one.bad;
        all.failed.extend(one.failed.iter().cloned());
    }
    all.failed.truncate(Checks::MOST_NAMES);
    all
}

/// What the newest reviews of people say, as Jules would get it.
fn quotes(reviews: &[Review], comments: &[ReviewComment]) -> BTreeMap<u64, String> {
    let is_asking = |review: &&Review| review.asks() && !review.by.is_bot;
    let newest = reviews.iter().rev().filter(is_asking).take(MOST_QUOTES);
    newest.map(|review| (review.id, quote(review, comments))).collect()
}

fn quote(review: &Review, comments: &[ReviewComment]) -> String {
    let by = &review.by.name;
    let mut parts = Vec::new();
    if !review.body.trim().is_empty() {
        parts.push(review.body.trim().to_owned());
    }
    // Newest first, as they are read; the first that was written comes first here.
    let of_it: Vec<&ReviewComment> =
        comments.iter().rev().filter(|comment| comment.review == Some(review.id)).collect();
    for comment in of_it.iter().take(MOST_COMMENTS) {
        let line = comment.line.map(|line| format!(":{line}")).unwrap_or_default();
        parts.push(format!("{}{line}\n{}", comment.path, comment.body.trim()));
    }
    let missing = of_it.len().saturating_sub(MOST_COMMENTS);
    let mut text = parts.join("\n\n");
    let is_cut = text.chars().count() > LONGEST_QUOTE;
    if is_cut {
        text = text.chars().take(LONGEST_QUOTE).collect();
    }
    let rest = match (is_cut, missing) {
        (true, _) => "\n\n(There is more than fits here.)".to_owned(),
        (false, 0) => String::new(),
        (false, missing) => format!("\n\n({missing} more comments aren't included.)"),
    };
    format!("Please address this review by {by}:\n\n{}{rest}", fenced(&text))
}

/// What Jules would be told of failed checks, while the newest look shows any.
pub(super) fn failed_checks(pull: &WatchedPull) -> Option<String> {
    let sight = pull.sight.as_ref()?;
    if !sight.checks.is_red() || !sight.pull.state.is_open() {
        return None;
    }
    let names: String =
        sight.checks.failed.iter().map(|name| format!("- {}\n", name.trim())).collect();
    let head: String = sight.pull.head.as_str().chars().take(7).collect();
    Some(format!("These checks failed on commit {head}. Please fix them.\n\n{}", fenced(&names)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::pull::Verdict;

    fn review(id: u64, body: &str) -> Review {
        let by = Login::new("ben", None);
        let verdict = Verdict::ChangesRequested;
        Review { id, by, verdict, commit: None, at: None, body: body.to_owned(), comments: 0 }
    }

    #[test]
    fn replies_to_comments_drive_no_review_out() {
        let reply = |id| Review { verdict: Verdict::Commented, comments: 1, ..review(id, "") };
        let mut reviews = vec![review(1, "Not yet.")];
        reviews.extend((2..20).map(reply));
        assert_eq!(quotes(&reviews, &[]).keys().collect::<Vec<_>>(), [&1]);
    }

    #[test]
    fn a_review_is_fenced_with_its_comments_in_order_and_cut_to_what_a_field_takes() {
        let comment = |n: usize| ReviewComment {
            review: Some(1),
            by: Login::new("ben", None),
            path: "src/a.rs".to_owned(),
            line: Some(3),
            body: format!("Number {n}. ```"),
        };
        let two = [comment(2), comment(1)];
        assert_eq!(
            quote(&review(1, "Not yet."), &two),
            "Please address this review by ben:\n\n````\nNot yet.\n\nsrc/a.rs:3\nNumber 1. ```\n\n\
             src/a.rs:3\nNumber 2. ```\n````"
        );
        let many: Vec<ReviewComment> = (0..300).map(comment).collect();
        let text = quote(&review(1, ""), &many);
        assert!(text.ends_with("(280 more comments aren't included.)"), "{text}");
        let long = quote(&review(1, &"x".repeat(10_000)), &many);
        assert!(long.chars().count() < 3_000 && long.contains("more than fits"), "{}", long.len());
    }
}
