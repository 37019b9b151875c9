//! Sessions on the wire (reference §2.1, §3.1 to §3.3).

use super::{Entries, ids, page_url, text, time};
use crate::domain::ids::SessionId;
use crate::domain::repo::SourceName;
use crate::domain::session::{NewSession, PullRequest, Session, SessionState};
use crate::jules::fields::Mask;
use crate::jules::paging::Page;
use serde::{Deserialize, Serialize};

/// The `fields` of a list: no prompts and no patches.
pub(in crate::jules) const LIST: Mask = Mask {
    full: "nextPageToken,sessions(name,id,state,title,url,\
    archived,createTime,updateTime,sourceContext(source),outputs(pullRequest(url,title)))",
    short: "nextPageToken,sessions(name,id,title,createTime)",
};

/// The `fields` of a list that is looked at again and again: no titles, since Jules' own suggestions
/// carry a whole prompt there (reference §2.1).
pub(in crate::jules) const WATCH: Mask = Mask {
    full: "nextPageToken,sessions(name,id,state,url,archived,\
    createTime,updateTime,outputs(pullRequest(url,title)))",
    short: "nextPageToken,sessions(name,id,state,url)",
};

/// The `fields` of one session: the same as in a list.
pub(in crate::jules) const GET: Mask = Mask {
    full: "name,id,state,title,url,\
    archived,createTime,updateTime,sourceContext(source),outputs(pullRequest(url,title))",
    short: "name,id,state,url,outputs(pullRequest(url))",
};

/// The filter without which archived sessions are left out (reference §1.4).
pub(in crate::jules) const WITH_ARCHIVED: &str = "archived = true OR archived = false";

/// A page of `sessions.list`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::jules) struct SessionPage {
    sessions: Entries<WireSession>,
    next_page_token: Option<String>,
}

/// A session.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(in crate::jules) struct WireSession {
    name: Option<String>,
    id: Option<String>,
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
#[serde(default)]
struct WireContext {
    source: Option<String>,
}

/// An output is a pull request, a patch (not read), or something new.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireOutput {
    pull_request: Option<WirePullRequest>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WirePullRequest {
    url: Option<String>,
    title: Option<String>,
}

impl SessionPage {
    /// The sessions of the page.
    pub(in crate::jules) fn into_page(self) -> Page<Session> {
        self.sessions.into_page(self.next_page_token, WireSession::into_session)
    }
}

impl WireSession {
    /// `None` if it has no id; everything else may be missing.
    pub(in crate::jules) fn into_session(self) -> Option<Session> {
        let id = ids(self.id, self.name).find_map(|id| SessionId::parse(&id).ok())?;
        let url =
            page_url(self.url).unwrap_or_else(|| format!("https://jules.google.com/session/{id}"));
        Some(Session {
            url,
            title: text(self.title),
            state: text(self.state).map(|word| SessionState::from_word(&word)),
            source: self.source_context.and_then(|context| text(context.source)).map(SourceName),
            created: time(self.create_time),
            updated: time(self.update_time),
            archived: self.archived.unwrap_or(false),
            pull_request: self.outputs.convert(WireOutput::into_pull_request).pop(),
            id,
        })
    }
}

impl WireOutput {
    fn into_pull_request(self) -> Option<PullRequest> {
        let request = self.pull_request?;
        Some(PullRequest { url: page_url(request.url)?, title: text(request.title) })
    }
}

/// The body of `sessions.create`. A field that Jules does not know is refused with a 400, and so is an
/// `automationMode` of `NONE`: what is not wanted is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::jules) struct CreateBody<'a> {
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
pub(in crate::jules) struct MessageBody<'a> {
    /// What Jules is told.
    pub(in crate::jules) prompt: &'a str,
}
