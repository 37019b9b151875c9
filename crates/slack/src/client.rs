//! The calls that this program makes to Slack: few, and each as safe as Slack lets it be.
//!
//! Requests are slack-morphism's types. Answers are not: the crate reads back whole messages, and a
//! message that was posted but does not fit its model would look like a failure, and be posted
//! again. So only the fields that are needed are read.

use super::connector::Connector;
use super::error::CallError;
use super::form;
use super::rich_text::plain_blocks;
use crate::mrkdwn::unescape;
use domain::form::Form;
use domain::ids::{ChannelId, GroupId, InstallationId, MessageTs, TeamId, UserId};
use domain::invisible::visible;
use domain::policy::Standing;
use domain::secret::Secret;
use domain::tenant::Installation;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use jiff::Timestamp;
use platform::credential::Credential;
use platform::walk::Walk;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slack_morphism::api::{
    SlackApiChatDeleteRequest, SlackApiChatPostEphemeralRequest, SlackApiChatPostMessageRequest,
    SlackApiChatUpdateRequest, SlackApiReactionsAddRequest, SlackApiReactionsRemoveRequest,
    SlackApiViewsOpenRequest, SlackApiViewsPublishRequest, SlackApiViewsUpdateRequest,
};
use slack_morphism::blocks::{SlackBlock, SlackHomeView, SlackView};
use slack_morphism::{
    SlackChannelId, SlackMessageContent, SlackMessageMetadata, SlackReactionName, SlackTriggerId,
    SlackTs, SlackUserId, SlackViewId,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::OnceCell;

/// The `event_type` of the metadata that marks our messages. Everybody can read it.
pub(crate) const METADATA_TYPE: &str = "jules_slack";

/// The Web API, with one installation's token. Clones are cheap.
#[derive(Clone)]
pub struct SlackClient {
    connector: Connector,
    token: Secret,
    me: Arc<OnceCell<Installation>>,
    /// Where it is told whether Slack accepts the token.
    credential: Option<Credential>,
    /// The workspace refuses our blocks: it gets plain ones.
    plain: Arc<AtomicBool>,
}

/// What a message shows. Its limits (Slack: 50 blocks; `text` of 4,000 characters for an update) are
/// kept by the code that makes it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// The text; with blocks it is what notifications and screen readers say.
    pub text: String,
    /// The message itself; without any it is the text.
    pub blocks: Vec<SlackBlock>,
}

/// What Slack knows of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInfo {
    /// The organisation they belong to, where it is ours or Slack tells it.
    pub enterprise: Option<TeamId>,
    /// What they are in the workspace.
    pub standing: Standing,
    /// What they are called in Slack.
    pub name: Option<String>,
    /// How many seconds their clock is ahead of UTC, right now.
    pub ahead: Option<i32>,
    /// They are an owner or admin of the workspace.
    pub manages: bool,
}

/// A message that was posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// Where; for a message to a person, the direct conversation with them.
    pub channel: ChannelId,
    /// Its id there.
    pub ts: MessageTs,
    /// It was for a thread whose root is gone, and stands in the channel itself.
    pub is_outside: bool,
}

/// A form that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenView {
    /// Slack's name of it, for [`SlackClient::update_form`].
    pub id: String,
    /// Its state, so that an update does not overwrite a newer one.
    pub hash: Option<String>,
}

#[derive(Deserialize)]
struct PostedAnswer {
    channel: String,
    ts: String,
    /// Stays JSON: only its thread is of interest.
    #[serde(default)]
    message: Value,
}

#[derive(Deserialize)]
struct ViewAnswer {
    view: ViewPart,
}

#[derive(Deserialize)]
struct ViewPart {
    id: String,
    #[serde(default)]
    hash: Option<String>,
}

#[derive(Deserialize)]
struct UserAnswer {
    user: UserPart,
}

#[derive(Deserialize)]
struct UserPart {
    #[serde(default)]
    enterprise_user: Option<EnterpriseUser>,
    #[serde(default)]
    is_stranger: bool,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    real_name: Option<String>,
    #[serde(default)]
    tz_offset: Option<i32>,
    #[serde(default)]
    is_admin: bool,
    #[serde(default)]
    is_owner: bool,
    #[serde(default)]
    is_restricted: bool,
    #[serde(default)]
    is_ultra_restricted: bool,
    #[serde(default)]
    deleted: bool,
    #[serde(default)]
    profile: Value,
}

#[derive(Deserialize)]
struct TeamsAnswer {
    teams: Vec<TeamPart>,
    #[serde(default)]
    response_metadata: NextPage,
}

#[derive(Deserialize)]
struct TeamPart {
    id: String,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct GroupAnswer {
    users: Vec<String>,
}

#[derive(Deserialize)]
struct ConversationsAnswer {
    channels: Vec<ConversationPart>,
    #[serde(default)]
    response_metadata: NextPage,
}

#[derive(Deserialize)]
struct ConversationPart {
    id: String,
}

#[derive(Default, Deserialize)]
struct NextPage {
    #[serde(default)]
    next_cursor: Option<String>,
}

impl NextPage {
    /// Where it begins. Slack says with an empty cursor that there is none.
    fn cursor(self) -> Option<String> {
        self.next_cursor.filter(|next| !next.is_empty())
    }
}

/// How many pages of someone's private channels are read: 1,000 channels.
const MOST_CHANNEL_PAGES: usize = 5;

/// How many pages of an organisation's workspaces are read: 500 workspaces.
const MOST_TEAM_PAGES: usize = 5;

impl UserPart {
    fn standing(&self) -> Standing {
        if self.is_stranger {
            Standing::Stranger
        } else if self.deleted {
            Standing::Deactivated
        } else if self.is_restricted || self.is_ultra_restricted {
            Standing::Guest
        } else {
            Standing::Member
        }
    }

    /// The name that people see in Slack, else another of theirs.
    fn shown_name(&self) -> Option<String> {
        let of_profile = self.profile["display_name"].as_str();
        let names = [of_profile, self.real_name.as_deref(), self.name.as_deref()];
        let shown = |name: &str| visible(&unescape(name));
        names.into_iter().flatten().map(shown).find(|name| !name.is_empty())
    }
}

#[derive(Deserialize)]
struct ChannelAnswer {
    channel: ChannelPart,
}

#[derive(Deserialize)]
struct ChannelPart {
    #[serde(default)]
    name: Option<String>,
    /// Slack leaves it out of direct conversations.
    #[serde(default)]
    is_member: Option<bool>,
    #[serde(default)]
    is_private: Option<bool>,
    #[serde(default)]
    is_ext_shared: bool,
}

#[derive(Deserialize)]
struct EnterpriseUser {
    #[serde(default)]
    enterprise_id: Option<String>,
}

/// An answer that says nothing but yes.
#[derive(Deserialize)]
struct Done {}

impl SlackClient {
    /// A client that speaks with `token`, over a connector that all of them share.
    #[must_use]
    pub fn new(connector: Connector, token: &Secret) -> Self {
        Self {
            connector,
            token: token.clone(),
            me: Arc::default(),
            credential: None,
            plain: Arc::default(),
        }
    }

    /// The same, telling this credential whether Slack accepts it.
    #[must_use]
    pub fn reporting_to(self, credential: Credential) -> Self {
        Self { credential: Some(credential), ..self }
    }

    /// Which installation it speaks for.
    #[must_use]
    pub fn installation(&self) -> InstallationId {
        InstallationId::of_token(self.token.expose())
    }

    /// What Slack's clock shows when ours shows this; `None` before Slack has answered.
    #[must_use]
    pub fn time_there(&self, ours: Timestamp) -> Option<Timestamp> {
        self.connector().slacks_clock().at(ours)
    }

    /// Why Slack refuses the token, if the last call that says so was refused.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        self.credential.as_ref()?.refusal()
    }

    /// Asks whom the token belongs to. [Slack: auth.test]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::DeadInstallation`] says that the token is of no use.
    pub async fn auth_test(&self) -> Result<Installation, CallError> {
        let answer = self.connector.ask("auth.test", &self.token, &[]).await;
        let answer = self.heard(answer)?;
        let text = |name: &str| answer.body[name].as_str().filter(|text| !text.is_empty());
        let scopes = answer.scopes.as_deref().unwrap_or_default();
        let team = |name: &str| text(name).and_then(|id| TeamId::parse(id).ok());
        let named = team("team_id");
        // Slack needn't say that a token is an organisation's; an organisation's id does.
        let organisation = named.clone().filter(|id| id.as_str().starts_with('E'));
        let org_wide = answer.body["is_enterprise_install"] == true || organisation.is_some();
        let enterprise = team("enterprise_id").or(organisation);
        // Of one for the whole organisation, the organisation is the workspace.
        let team = named.filter(|_| !org_wide).or_else(|| enterprise.clone());
        Ok(Installation {
            team: team.ok_or_else(CallError::unreadable)?,
            enterprise,
            org_wide,
            bot: text("user_id")
                .and_then(|id| UserId::parse(id).ok())
                .ok_or_else(CallError::unreadable)?,
            bot_id: text("bot_id").map(str::to_owned),
            url: text("url").map(str::to_owned),
            scopes: scopes
                .split(',')
                .map(str::trim)
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }

    /// Gives the token up: Slack removes the bot from the workspace. [Slack: auth.revoke]
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn revoke(&self) -> Result<(), CallError> {
        self.read("auth.revoke", &[]).await.map(|Done {}| ())
    }

    /// The workspaces of the organisation that the app was added to, and what they are called, if Slack says
    /// so. [Slack: auth.teams.list]
    ///
    /// # Errors
    /// [`CallError`]; the token has to be an organisation's.
    pub async fn workspaces(&self) -> Result<HashMap<TeamId, Option<String>>, CallError> {
        let (mut found, mut walk) = (HashMap::new(), Walk::<String>::of(MOST_TEAM_PAGES));
        while walk.goes_on() {
            let query = [("limit", Some("100")), ("cursor", walk.at().map(String::as_str))];
            let answer: TeamsAnswer = self.read("auth.teams.list", &query).await?;
            let named = |team: TeamPart| Some((TeamId::parse(&team.id).ok()?, team.name));
            found.extend(answer.teams.into_iter().filter_map(named));
            walk.turn(answer.response_metadata.cursor());
        }
        Ok(found)
    }

    /// The workspaces to ask about, one by one: an organisation's token must name one (`team_id`); a workspace's token
    /// needn't (`None`).
    async fn teams_to_ask(&self) -> Result<Vec<Option<TeamId>>, CallError> {
        if !self.me().await?.org_wide {
            return Ok(vec![None]);
        }
        Ok(self.workspaces().await?.into_keys().map(Some).collect())
    }

    /// Asks what Slack knows of a person. [Slack: users.info]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::MissingRights`] without the optional scope `users:read`.
    pub async fn user_info(&self, user: &UserId) -> Result<UserInfo, CallError> {
        let answer: UserAnswer = self.read("users.info", &[("user", Some(user.as_str()))]).await?;
        let name = answer.user.shown_name();
        let standing = answer.user.standing();
        let UserPart { enterprise_user, tz_offset, is_admin, is_owner, .. } = answer.user;
        let id = |id: String| TeamId::parse(&id).ok();
        Ok(UserInfo {
            enterprise: enterprise_user.and_then(|known| known.enterprise_id).and_then(id),
            standing,
            name,
            ahead: tz_offset,
            manages: (is_admin || is_owner) && standing == Standing::Member,
        })
    }

    /// Asks who is in a user group. [Slack: usergroups.users.list]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::MissingRights`] without the optional scope `usergroups:read`.
    pub async fn group_members(&self, group: &GroupId) -> Result<HashSet<UserId>, CallError> {
        let mut refused = CallError::unreadable();
        let teams = self.teams_to_ask().await?;
        let asked = teams.iter().map(async |team| {
            let query = [
                ("usergroup", Some(group.as_str())),
                ("team_id", team.as_ref().map(TeamId::as_str)),
            ];
            self.read::<GroupAnswer>("usergroups.users.list", &query).await
        });
        for answer in join_all(asked).await {
            match answer {
                Ok(answer) => {
                    let users = answer.users.iter();
                    return Ok(users.filter_map(|user| UserId::parse(user).ok()).collect());
                }
                // The group is of one workspace, and the others don't know it.
                Err(error @ CallError::State(_)) => refused = error,
                Err(error) => return Err(error),
            }
        }
        Err(refused)
    }

    /// Asks what a channel is called; a direct conversation has no name. [Slack: conversations.info]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Place`] for a channel that the bot cannot see.
    pub async fn channel_name(&self, channel: &ChannelId) -> Result<Option<String>, CallError> {
        let name = self.channel_info(channel).await?.name;
        Ok(name.map(|name| unescape(&name)).filter(|name| !name.is_empty()))
    }

    /// Whether the bot is in a channel. [Slack: conversations.info]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Place`] for a private channel that it is not in.
    pub async fn is_member(&self, channel: &ChannelId) -> Result<bool, CallError> {
        Ok(self.channel_info(channel).await?.is_member.unwrap_or(true))
    }

    /// The private channels that a person and the bot are both in. [Slack: users.conversations]
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn private_channels_of(
        &self,
        user: &UserId,
    ) -> Result<HashSet<ChannelId>, CallError> {
        let mut found = HashSet::new();
        for team in self.teams_to_ask().await? {
            found.extend(self.private_channels_in(team.as_ref(), user).await?);
        }
        Ok(found)
    }

    async fn private_channels_in(
        &self,
        team: Option<&TeamId>,
        user: &UserId,
    ) -> Result<HashSet<ChannelId>, CallError> {
        let (mut found, mut walk) = (HashSet::new(), Walk::<String>::of(MOST_CHANNEL_PAGES));
        while walk.goes_on() {
            let query = [
                ("user", Some(user.as_str())),
                ("team_id", team.map(TeamId::as_str)),
                ("types", Some("private_channel")),
                ("exclude_archived", Some("true")),
                ("limit", Some("200")),
                ("cursor", walk.at().map(String::as_str)),
            ];
            let answer: ConversationsAnswer = self.read("users.conversations", &query).await?;
            found.extend(answer.channels.iter().filter_map(|one| ChannelId::parse(&one.id).ok()));
            walk.turn(answer.response_metadata.cursor());
        }
        Ok(found)
    }

    /// Whether everyone in the workspace can read a channel. [Slack: conversations.info]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Place`] for a private channel that the bot is not in.
    pub async fn is_public(&self, channel: &ChannelId) -> Result<bool, CallError> {
        Ok(self.channel_info(channel).await?.is_private == Some(false))
    }

    /// Whether other organisations are in a channel. [Slack: conversations.info, Slack Connect]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::Place`] for a private channel that the bot is not in.
    pub async fn is_shared(&self, channel: &ChannelId) -> Result<bool, CallError> {
        Ok(self.channel_info(channel).await?.is_ext_shared)
    }

    async fn channel_info(&self, channel: &ChannelId) -> Result<ChannelPart, CallError> {
        let query = [("channel", Some(channel.as_str()))];
        let answer: ChannelAnswer = self.read("conversations.info", &query).await?;
        Ok(answer.channel)
    }

    /// Posts a message, into a thread when one is given. Links are not unfurled. With a `mark` it
    /// can be found again by [`find`](Self::find). [Slack: chat.postMessage]
    ///
    /// # Errors
    /// [`CallError`]; some of them say that it may be there all the same.
    pub async fn post(
        &self,
        channel: &ChannelId,
        thread: Option<&MessageTs>,
        content: &Content,
        mark: Option<&str>,
    ) -> Result<Posted, CallError> {
        self.post_to(channel.as_str(), thread, content, mark).await
    }

    /// Writes to a person, in the app's own conversation with them, which opens when there is none.
    /// [Slack: chat.postMessage, "Post to a DM"]
    ///
    /// # Errors
    /// [`CallError`]; `messages_tab_disabled` is a [`CallError::Place`].
    pub async fn dm(&self, user: &UserId, content: &Content) -> Result<Posted, CallError> {
        self.post_to(user.as_str(), None, content, None).await
    }

    /// The app's own conversation with a person, which opens when there is none. [Slack: conversations.open]
    ///
    /// # Errors
    /// [`CallError`]; [`CallError::MissingRights`] without the optional scope `im:write`.
    pub async fn open_dm(&self, user: &UserId) -> Result<ChannelId, CallError> {
        let request = serde_json::json!({ "users": user.as_str() });
        let opened: Value = self.write("conversations.open", &request).await?;
        let id = opened["channel"]["id"].as_str().ok_or_else(CallError::unreadable)?;
        ChannelId::parse(id).map_err(|_| CallError::unreadable())
    }

    /// Gives a message of ours other content. Its metadata, and so its mark, stays.
    /// [Slack: chat.update]
    ///
    /// # Errors
    /// [`CallError`]; repeating it is harmless.
    pub async fn update(
        &self,
        channel: &ChannelId,
        ts: &MessageTs,
        content: &Content,
    ) -> Result<(), CallError> {
        let update = |blocks| {
            let content = wire(&content.text, blocks);
            let request =
                SlackApiChatUpdateRequest::new(wire_channel(channel), content, wire_ts(ts));
            async move { self.write("chat.update", &request).await.map(|Done {}| ()) }.boxed()
        };
        self.in_blocks(&content.blocks, update).await
    }

    /// Removes a message of ours. [Slack: chat.delete]
    ///
    /// # Errors
    /// [`CallError`]; repeating it is harmless.
    pub async fn delete(&self, channel: &ChannelId, ts: &MessageTs) -> Result<(), CallError> {
        let request = SlackApiChatDeleteRequest::new(wire_channel(channel), wire_ts(ts));
        self.write("chat.delete", &request).await.map(|Done {}| ())
    }

    /// Shows something to one person only, until they reload; nobody can tell whether they saw it.
    /// [Slack: chat.postEphemeral]
    ///
    /// # Errors
    /// [`CallError`]; `user_not_in_channel` is a [`CallError::Place`].
    pub async fn post_ephemeral(
        &self,
        channel: &ChannelId,
        user: &UserId,
        thread: Option<&MessageTs>,
        content: &Content,
    ) -> Result<(), CallError> {
        let post = |blocks| {
            let user = SlackUserId(user.to_string());
            let content = wire(&content.text, blocks);
            let request =
                SlackApiChatPostEphemeralRequest::new(wire_channel(channel), user, content)
                    .opt_thread_ts(thread.map(wire_ts));
            async move { self.write("chat.postEphemeral", &request).await.map(|Done {}| ()) }
                .boxed()
        };
        self.in_blocks(&content.blocks, post).await
    }

    /// Adds the bot's reaction, such as `eyes`, to a message. That it is there already is a success.
    /// [Slack: reactions.add]
    ///
    /// # Errors
    /// [`CallError`]; repeating it is harmless.
    pub async fn react(
        &self,
        channel: &ChannelId,
        ts: &MessageTs,
        name: &str,
    ) -> Result<(), CallError> {
        let request = SlackApiReactionsAddRequest::new(
            wire_channel(channel),
            SlackReactionName(name.to_owned()),
            wire_ts(ts),
        );
        match self.write("reactions.add", &request).await {
            Ok(Done {}) => Ok(()),
            Err(CallError::State(code)) if code == "already_reacted" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Takes the bot's reaction off a message. That it isn't there is a success. [Slack: reactions.remove]
    ///
    /// # Errors
    /// [`CallError`]; repeating it is harmless.
    pub async fn unreact(
        &self,
        channel: &ChannelId,
        ts: &MessageTs,
        name: &str,
    ) -> Result<(), CallError> {
        let mut request = SlackApiReactionsRemoveRequest::new(SlackReactionName(name.to_owned()));
        (request.channel, request.timestamp) = (Some(wire_channel(channel)), Some(wire_ts(ts)));
        match self.write("reactions.remove", &request).await {
            Ok(Done {}) => Ok(()),
            Err(CallError::State(code)) if code == "no_reaction" => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Opens a form; the trigger works once, within three seconds of what it came with.
    /// [Slack: views.open]
    ///
    /// # Errors
    /// [`CallError`]; `expired_trigger_id` is a [`CallError::State`].
    pub async fn open_form(&self, trigger: &Secret, form: &Form) -> Result<OpenView, CallError> {
        let view = form::view(form);
        let trigger = SlackTriggerId(trigger.expose().to_owned());
        let answer: ViewAnswer =
            self.write("views.open", &SlackApiViewsOpenRequest::new(trigger, view)).await?;
        Ok(OpenView { id: answer.view.id, hash: answer.view.hash })
    }

    /// Gives an open form other content; with a `hash` only if it is still as it was then.
    /// [Slack: views.update]
    ///
    /// # Errors
    /// [`CallError`]; `hash_conflict` and `not_found` (closed by now) are [`CallError::State`].
    pub async fn update_form(
        &self,
        view_id: &str,
        hash: Option<&str>,
        form: &Form,
    ) -> Result<OpenView, CallError> {
        let request = SlackApiViewsUpdateRequest::new(form::view(form))
            .with_view_id(SlackViewId(view_id.to_owned()))
            .opt_hash(hash.map(str::to_owned));
        let answer: ViewAnswer = self.write("views.update", &request).await?;
        Ok(OpenView { id: answer.view.id, hash: answer.view.hash })
    }

    /// Shows a person this as their App Home; with a `hash` only if it is still as it was then.
    /// [Slack: views.publish]
    ///
    /// # Errors
    /// [`CallError`]; `not_enabled` (the app has no home tab) and `hash_conflict` are [`CallError::State`].
    pub async fn publish_home(
        &self,
        user: &UserId,
        blocks: &[SlackBlock],
        hash: Option<&str>,
    ) -> Result<OpenView, CallError> {
        let publish = |blocks| {
            let view = SlackView::Home(SlackHomeView::new(blocks));
            let request = SlackApiViewsPublishRequest::new(SlackUserId(user.to_string()), view)
                .opt_hash(hash.map(str::to_owned));
            async move { self.write("views.publish", &request).await }.boxed()
        };
        let answer: ViewAnswer = self.in_blocks(blocks, publish).await?;
        Ok(OpenView { id: answer.view.id, hash: answer.view.hash })
    }

    async fn post_to(
        &self,
        place: &str,
        thread: Option<&MessageTs>,
        content: &Content,
        mark: Option<&str>,
    ) -> Result<Posted, CallError> {
        let post = |blocks| {
            let marked = wire(&content.text, blocks).opt_metadata(mark.map(metadata));
            let place = SlackChannelId(place.to_owned());
            let request = SlackApiChatPostMessageRequest::new(place, marked)
                .opt_thread_ts(thread.map(wire_ts))
                .with_unfurl_links(false)
                .with_unfurl_media(false);
            async move { self.write("chat.postMessage", &request).await }.boxed()
        };
        let PostedAnswer { channel, ts, message } = self.in_blocks(&content.blocks, post).await?;
        let channel = ChannelId::parse(&channel).map_err(|_| CallError::unreadable())?;
        let ts = MessageTs::parse(&ts).map_err(|_| CallError::unreadable())?;
        // Slack takes a reply to a deleted message without a word, and posts it in the channel. An answer that names
        // no thread may only be a short one.
        let is_suspect = message.is_object() && message["thread_ts"].is_null();
        let is_outside = match thread.filter(|_| is_suspect) {
            Some(root) => {
                // It's posted, and a lookup finds out where.
                let is_gone = self.is_gone(&channel, root, root).await;
                is_gone.map_err(|error| CallError::Unclear(error.to_string()))?
            }
            None => false,
        };
        Ok(Posted { is_outside, channel, ts })
    }

    /// The blocks as this workspace takes them, where Slack doesn't say whether it does.
    #[must_use]
    pub fn accepted_blocks(&self, blocks: Vec<SlackBlock>) -> Vec<SlackBlock> {
        if self.plain.load(Ordering::Relaxed) { plain_blocks(&blocks) } else { blocks }
    }

    /// Sends a message in these blocks; in plain ones where Slack refuses them, and from then on always.
    pub(super) async fn in_blocks<'a, T>(
        &'a self,
        blocks: &[SlackBlock],
        send: impl Fn(Vec<SlackBlock>) -> BoxFuture<'a, Result<T, CallError>> + Send,
    ) -> Result<T, CallError> {
        let plain = plain_blocks(blocks);
        if !self.plain.load(Ordering::Relaxed) {
            let refused = match send(blocks.to_vec()).await {
                Err(refused) if refused.is_about_blocks() && plain != blocks => refused,
                ended => return ended,
            };
            let places = refused.places();
            tracing::warn!(?places, "Slack refuses the blocks of a message, so I send plain text");
        }
        let ended = send(plain).await;
        if ended.is_ok() {
            self.plain.store(true, Ordering::Relaxed);
        }
        ended
    }

    /// Whose messages are ours; asked once.
    pub(super) async fn me(&self) -> Result<&Installation, CallError> {
        self.me.get_or_try_init(|| self.auth_test()).await
    }

    pub(super) fn token(&self) -> &Secret {
        &self.token
    }

    pub(super) fn connector(&self) -> &Connector {
        &self.connector
    }

    /// A method that changes something takes JSON. [Slack: Web API]
    pub(super) async fn write<RQ, RS>(&self, method: &str, request: &RQ) -> Result<RS, CallError>
    where
        RQ: Serialize,
        RS: DeserializeOwned,
    {
        self.heard(self.connector.post(method, &self.token, request).await)
    }

    /// A method that reads takes a form. [Slack: Web API]
    pub(super) async fn read<RS: DeserializeOwned>(
        &self,
        method: &str,
        fields: &[(&str, Option<&str>)],
    ) -> Result<RS, CallError> {
        self.heard(self.connector.post_form(method, &self.token, fields).await)
    }

    /// An answer, and what it says about the token.
    fn heard<T>(&self, answer: Result<T, CallError>) -> Result<T, CallError> {
        let Some(credential) = &self.credential else { return answer };
        match &answer {
            Ok(_) => credential.accepted(),
            Err(CallError::DeadInstallation(code)) => credential.refused(code),
            Err(CallError::MissingRights { code, needed }) => {
                credential.falls_short(needed.as_ref().unwrap_or(code));
            }
            // These say nothing for certain.
            Err(
                CallError::RateLimited { .. }
                | CallError::Place(_)
                | CallError::Content { .. }
                | CallError::State(_)
                | CallError::Unreachable(_)
                | CallError::Unknown(_)
                | CallError::Unclear(_)
                | CallError::TooLarge
                | CallError::UntrustedUrl,
            ) => {}
        }
        answer
    }
}

fn wire(text: &str, blocks: Vec<SlackBlock>) -> SlackMessageContent {
    let blocks = Some(blocks).filter(|blocks| !blocks.is_empty());
    SlackMessageContent::new().with_text(text.to_owned()).opt_blocks(blocks)
}

fn wire_channel(channel: &ChannelId) -> SlackChannelId {
    SlackChannelId(channel.to_string())
}

fn wire_ts(ts: &MessageTs) -> SlackTs {
    SlackTs(ts.to_string())
}

fn metadata(mark: &str) -> SlackMessageMetadata {
    SlackMessageMetadata::new(METADATA_TYPE.to_owned())
        .with_event_payload(HashMap::from([("mark".to_owned(), mark.to_owned())]))
}
