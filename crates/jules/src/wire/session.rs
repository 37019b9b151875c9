//! Sessions on the wire (reference §2.1, §3.1 to §3.3).

use super::activity::WireChange;
use super::{Entries, ids, page_url, text, time};
use crate::fields::{Asked, Mask};
use crate::paging::Page;
use domain::activity::Change;
use domain::ids::SessionId;
use domain::repo::{Branch, SourceName};
use domain::same_session::FoundSession;
use domain::session::{NewSession, PullRequest, Session, SessionState};
use serde::{Deserialize, Serialize};

/// The `fields` of a list in which a session is looked for. Its prompt is asked for by itself: a page of
/// them may be large.
pub(crate) const LOOKUP: Mask = Mask {
    full: "nextPageToken,sessions(name,id,state,title,url,\
    archived,createTime,sourceContext(source,githubRepoContext(startingBranch)))",
    short: &["nextPageToken,sessions(name,id,title,createTime)"],
};

/// The `fields` of a session that is looked for.
pub(crate) const PROMPT: Mask = Mask { full: "name,id,prompt", short: &["prompt"] };

/// The `fields` of a session that someone wants to follow.
pub(crate) const DESCRIBED: Mask = Mask {
    full: "name,id,state,title,prompt,url,archived,createTime,updateTime,\
    sourceContext(source,githubRepoContext(startingBranch)),\
    outputs(pullRequest(url,title),changeSet(source,gitPatch(baseCommitId)))",
    short: &[
        "name,id,state,title,prompt,url,archived,sourceContext(source)",
        "name,id,state,title,prompt,url,sourceContext(source)",
    ],
};

/// The `fields` of a list that people pick from.
pub(crate) const PICK: Mask = Mask {
    full: "nextPageToken,sessions(name,id,state,title,url,archived,createTime,sourceContext(source))",
    short: &["nextPageToken,sessions(name,id,state,title)"],
};

/// The `fields` of a list that is looked at again and again: no titles, since Jules' own suggestions
/// carry a whole prompt there (reference §2.1).
pub(crate) const WATCH: Mask = Mask {
    full: "nextPageToken,sessions(name,id,state,url,archived,\
    createTime,updateTime,outputs(pullRequest(url,title)))",
    short: &[
        "nextPageToken,sessions(name,id,state,url,archived)",
        "nextPageToken,sessions(name,id,state,url)",
    ],
};

/// The `fields` of one session: as in a list, and whether its outputs have a change.
pub(crate) const GET: Mask = Mask {
    full: "name,id,state,title,url,\
    archived,createTime,updateTime,sourceContext(source),\
    outputs(pullRequest(url,title),changeSet(source,gitPatch(baseCommitId)))",
    short: &[
        "name,id,state,url,archived,outputs(pullRequest(url),changeSet(source))",
        "name,id,state,url,outputs(pullRequest(url))",
    ],
};

/// The `fields` of the changes that a session has among its outputs: with their patches.
pub(crate) const CHANGES: Mask = Mask {
    full: "outputs(changeSet(source,gitPatch(baseCommitId,suggestedCommitMessage,unidiffPatch)))",
    short: &["outputs(changeSet)"],
};

/// The filter without which archived sessions are left out (reference §1.4).
pub(crate) const WITH_ARCHIVED: &str = "archived = true OR archived = false";

/// A page of `sessions.list`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SessionPage {
    sessions: Entries<WireSession>,
    next_page_token: Option<String>,
}

/// A session.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireSession {
    name: Option<String>,
    id: Option<String>,
    prompt: Option<String>,
    title: Option<String>,
    state: Option<String>,
    url: Option<String>,
    source_context: Option<WireContext>,
    outputs: Entries<WireOutput>,
    create_time: Option<String>,
    update_time: Option<String>,
    archived: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireContext {
    source: Option<String>,
    github_repo_context: Option<WireBranch>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireBranch {
    starting_branch: Option<String>,
}

/// An output is a pull request, a change, or something new.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireOutput {
    pull_request: Option<WirePullRequest>,
    change_set: Option<WireChange>,
}

/// An output that we know.
enum Output {
    PullRequest(PullRequest),
    Change(Change),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WirePullRequest {
    url: Option<String>,
    title: Option<String>,
}

impl SessionPage {
    /// The sessions of the page.
    pub(crate) fn into_page(self, asked: &Asked) -> Page<Session> {
        self.sessions.into_page(self.next_page_token, |wire| wire.into_session(asked))
    }

    /// The same, each with what it is recognised by.
    pub(crate) fn into_found(self, asked: &Asked) -> Page<FoundSession> {
        self.sessions.into_page(self.next_page_token, |wire| wire.into_found(asked))
    }
}

impl WireSession {
    /// What Jules was told to do.
    pub(crate) fn into_prompt(self) -> Option<String> {
        text(self.prompt)
    }

    fn into_found(mut self, asked: &Asked) -> Option<FoundSession> {
        let branch = self.take_branch();
        Some(FoundSession { session: self.into_session(asked)?, branch })
    }

    /// The session, its branch and its prompt.
    pub(crate) fn into_described(
        mut self,
        asked: &Asked,
    ) -> Option<(Session, Option<Branch>, Option<String>)> {
        let (branch, prompt) = (self.take_branch(), text(self.prompt.take()));
        Some((self.into_session(asked)?, branch, prompt))
    }

    fn take_branch(&mut self) -> Option<Branch> {
        let context = self.source_context.as_mut()?.github_repo_context.take()?;
        text(context.starting_branch).map(Branch)
    }

    /// `None` if it has no id; everything else may be missing. What Jules leaves out is "no" where it was asked for, and
    /// unknown where it was not.
    pub(crate) fn into_session(self, asked: &Asked) -> Option<Session> {
        let id = ids(self.id, self.name).find_map(|id| SessionId::parse(&id).ok())?;
        let outputs = self.outputs.convert(WireOutput::into_output);
        let change_set = outputs.iter().any(|output| matches!(output, Output::Change(_)));
        let pull_request = |output| match output {
            Output::PullRequest(pull_request) => Some(pull_request),
            Output::Change(_) => None,
        };
        let url =
            page_url(self.url).unwrap_or_else(|| format!("https://jules.google.com/session/{id}"));
        Some(Session {
            url,
            title: text(self.title),
            state: text(self.state).map(|word| SessionState::from_word(&word)),
            source: self.source_context.and_then(|context| text(context.source)).map(SourceName),
            created: time(self.create_time),
            updated: time(self.update_time),
            archived: self.archived.or_else(|| asked.has("archived").then_some(false)),
            pull_requests: outputs.into_iter().filter_map(pull_request).collect(),
            change_set: asked.has("changeSet").then_some(change_set),
            id,
        })
    }
}

impl WireSession {
    /// The changes among its outputs.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        let outputs = self.outputs.convert(WireOutput::into_output).into_iter();
        let change = |output| match output {
            Output::PullRequest(_) => None,
            Output::Change(change) => Some(change),
        };
        outputs.filter_map(change).collect()
    }
}

impl WireOutput {
    fn into_output(self) -> Option<Output> {
        let change = self.change_set.map(|change| Output::Change(change.into_change()));
        let pull_request = |request: WirePullRequest| {
            let title = text(request.title);
            Some(Output::PullRequest(PullRequest { url: page_url(request.url)?, title }))
        };
        self.pull_request.and_then(pull_request).or(change)
    }
}

/// The body of `sessions.create`. A field that Jules does not know is refused with a 400, and so is an
/// `automationMode` of `NONE`: what is not wanted is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateBody<'a> {
    prompt: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    title: &'a str,
    source_context: CreateContext<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    automation_mode: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    require_plan_approval: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateContext<'a> {
    source: &'a str,
    github_repo_context: CreateBranch<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateBranch<'a> {
    starting_branch: &'a str,
}

impl<'a> From<&'a NewSession> for CreateBody<'a> {
    fn from(new: &'a NewSession) -> Self {
        Self {
            prompt: &new.prompt,
            title: &new.title,
            source_context: CreateContext {
                source: &new.source.0,
                github_repo_context: CreateBranch { starting_branch: &new.starting_branch.0 },
            },
            automation_mode: new.open_pull_request.then_some("AUTO_CREATE_PR"),
            require_plan_approval: new.ask_for_plan,
        }
    }
}

/// The body of `sessions.sendMessage`. The field is `prompt`; `message` is refused.
#[derive(Serialize)]
pub(crate) struct MessageBody<'a> {
    /// What Jules is told.
    pub(crate) prompt: &'a str,
}
