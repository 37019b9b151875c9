//! Activities on the wire (reference §2.2, §3.8).
//!
//! The kind of an activity is a key at its top. Whatever key is neither a kind nor one of the common
//! fields, and has an object behind it, is taken for a kind that we do not know.

use super::{Entries, ids, text, time};
use crate::fields::{Asked, Mask};
use crate::paging::Page;
use domain::activity::{Activity, ActivityId, Artifact, Change, Event, Originator, Plan, PlanStep};
use domain::ids::PlanId;
use domain::repo::SourceName;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The `fields` of a list. Never patches or pictures, which have made pages of 874 MB; an unknown kind
/// cannot be asked for, so in a list it is an activity of no kind.
pub(crate) const LIST: Mask = Mask {
    full: "nextPageToken,activities(name,id,createTime,\
    originator,description,agentMessaged,userMessaged,planGenerated,planApproved,progressUpdated,\
    sessionCompleted,sessionFailed,\
    artifacts(changeSet(source,gitPatch(baseCommitId,suggestedCommitMessage))))",
    short: &["nextPageToken,activities(name,id,createTime,originator,\
        agentMessaged,userMessaged,planGenerated,sessionCompleted,sessionFailed)"],
};

/// The `fields` of one activity: with the patch, without the bytes of pictures.
pub(crate) const GET: Mask = Mask {
    full: "name,id,createTime,\
    originator,description,agentMessaged,userMessaged,planGenerated,planApproved,progressUpdated,\
    sessionCompleted,sessionFailed,\
    artifacts(changeSet(source,gitPatch(baseCommitId,suggestedCommitMessage,unidiffPatch)),\
    media(mimeType),bashOutput(command,output,exitCode))",
    short: &["name,id,createTime,artifacts(changeSet(gitPatch(unidiffPatch)))"],
};

/// A page of `sessions.activities.list`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct ActivityPage {
    activities: Entries<WireActivity>,
    next_page_token: Option<String>,
}

/// An activity.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireActivity {
    name: Option<String>,
    id: Option<String>,
    create_time: Option<String>,
    originator: Option<String>,
    description: Option<String>,
    artifacts: Entries<WireArtifact>,
    plan_generated: Option<PlanGenerated>,
    plan_approved: Option<PlanApproved>,
    agent_messaged: Option<AgentMessaged>,
    user_messaged: Option<UserMessaged>,
    progress_updated: Option<ProgressUpdated>,
    session_completed: Option<Value>,
    session_failed: Option<SessionFailed>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct PlanGenerated {
    plan: Option<WirePlan>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WirePlan {
    id: Option<String>,
    steps: Entries<WireStep>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireStep {
    title: Option<String>,
    description: Option<String>,
    index: Option<i64>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PlanApproved {
    plan_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct AgentMessaged {
    agent_message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct UserMessaged {
    user_message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProgressUpdated {
    title: Option<String>,
    description: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct SessionFailed {
    reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireArtifact {
    change_set: Option<WireChange>,
    media: Option<WireMedia>,
    bash_output: Option<WireBash>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct WireChange {
    source: Option<String>,
    git_patch: Option<WirePatch>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WirePatch {
    base_commit_id: Option<String>,
    unidiff_patch: Option<String>,
    suggested_commit_message: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireMedia {
    mime_type: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireBash {
    command: Option<String>,
    output: Option<String>,
    exit_code: Option<i64>,
}

impl ActivityPage {
    /// The activities of the page.
    pub(crate) fn into_page(self, asked: &Asked) -> Page<Activity> {
        self.activities.into_page(self.next_page_token, |wire| wire.into_activity(asked))
    }
}

impl WireActivity {
    /// `None` if it has no id: then it could not be told from one already seen.
    pub(crate) fn into_activity(self, asked: &Asked) -> Option<Activity> {
        let completed = self.session_completed.map(|_| Event::SessionCompleted);
        let known = [
            self.plan_generated.and_then(|kind| kind.plan).map(WirePlan::into_event),
            self.plan_approved.map(|kind| Event::PlanApproved(plan_id(kind.plan_id))),
            self.agent_messaged.and_then(|kind| text(kind.agent_message)).map(Event::AgentMessaged),
            self.user_messaged.and_then(|kind| text(kind.user_message)).map(Event::UserMessaged),
            self.progress_updated.map(ProgressUpdated::into_event),
            completed,
            self.session_failed.map(|kind| Event::SessionFailed { reason: text(kind.reason) }),
        ];
        let others = keys_of_objects(self.others).into_iter().map(Event::Other);
        Some(Activity {
            id: ids(self.id, self.name).next().map(ActivityId)?,
            created: time(self.create_time),
            originator: originator(text(self.originator).as_deref()),
            description: text(self.description),
            events: known.into_iter().flatten().chain(others).collect(),
            artifacts: self.artifacts.convert(WireArtifact::into_artifact),
            without_artifacts: !asked.has("artifacts"),
        })
    }
}

impl ProgressUpdated {
    fn into_event(self) -> Event {
        Event::Progress { title: text(self.title), description: text(self.description) }
    }
}

impl WirePlan {
    fn into_event(self) -> Event {
        let mut steps = self.steps.convert(Some);
        // The first step has no index: zero is left out.
        steps.sort_by_key(|step| step.index.unwrap_or(0));
        let steps = steps.into_iter().map(|step| PlanStep {
            title: step.title.unwrap_or_default(),
            description: text(step.description),
        });
        Event::PlanGenerated(Plan { id: plan_id(self.id), steps: steps.collect() })
    }
}

impl WireArtifact {
    fn into_artifact(self) -> Option<Artifact> {
        let change = self.change_set.map(|change| Artifact::Change(change.into_change()));
        let media = self.media.map(|media| Artifact::Media { mime_type: text(media.mime_type) });
        let bash = self.bash_output.map(WireBash::into_artifact);
        let other = || keys_of_objects(self.others).pop().map(Artifact::Other);
        change.or(media).or(bash).or_else(other)
    }
}

impl WireChange {
    pub(super) fn into_change(self) -> Change {
        let patch = self.git_patch.unwrap_or_default();
        Change {
            source: text(self.source).map(SourceName),
            base_commit: text(patch.base_commit_id),
            patch: text(patch.unidiff_patch),
            commit_message: text(patch.suggested_commit_message),
        }
    }
}

impl WireBash {
    fn into_artifact(self) -> Artifact {
        Artifact::Bash {
            command: text(self.command),
            output: text(self.output),
            exit_code: self.exit_code.unwrap_or(0),
        }
    }
}

fn originator(word: Option<&str>) -> Originator {
    match word {
        Some("user") => Originator::User,
        Some("agent") => Originator::Agent,
        Some("system") | None => Originator::System,
        Some(other) => Originator::Unknown(other.to_owned()),
    }
}

fn plan_id(id: Option<String>) -> Option<PlanId> {
    PlanId::parse(&id?).ok()
}

fn keys_of_objects(map: Map<String, Value>) -> Vec<String> {
    map.into_iter().filter(|(_, value)| value.is_object()).map(|(key, _)| key).collect()
}
