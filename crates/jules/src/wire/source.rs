//! Sources on the wire (reference §2.3, §3.9).

use super::{Entries, text};
use crate::fields::Mask;
use crate::paging::Page;
use domain::repo::{Branch, RepoRef, Source, SourceName};
use serde::Deserialize;

/// The `fields` of a list: without branches, which are three quarters of it.
pub(crate) const LIST: Mask = Mask {
    full: "nextPageToken,\
    sources(name,id,githubRepo(owner,repo,isPrivate,defaultBranch(displayName)))",
    short: &["nextPageToken,sources(name,githubRepo(owner,repo,defaultBranch(displayName)))"],
};

/// The `fields` of one source, with its branches.
pub(crate) const GET: Mask = Mask {
    full: "name,id,\
    githubRepo(owner,repo,isPrivate,defaultBranch(displayName),branches(displayName))",
    short: &["name,githubRepo(owner,repo,defaultBranch(displayName),branches(displayName))"],
};

/// A page of `sources.list`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct SourcePage {
    sources: Entries<WireSource>,
    next_page_token: Option<String>,
}

/// A source. `githubRepo` is the only kind known; one without it is of another kind.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WireSource {
    name: Option<String>,
    id: Option<String>,
    github_repo: Option<WireRepo>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireRepo {
    owner: Option<String>,
    repo: Option<String>,
    default_branch: Option<WireBranch>,
    branches: Option<Vec<WireBranch>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireBranch {
    display_name: Option<String>,
}

impl SourcePage {
    /// The GitHub repositories of the page; other kinds are passed over.
    pub(crate) fn into_page(self) -> Page<Source> {
        self.sources.into_page(self.next_page_token, WireSource::into_source)
    }
}

impl WireSource {
    /// `None` if it is no GitHub repository or has no name.
    pub(crate) fn into_source(self) -> Option<Source> {
        let from_id = text(self.id).map(|id| format!("sources/{id}"));
        let name = text(self.name).or(from_id)?;
        let repo = self.github_repo?;
        Some(Source {
            name: SourceName(name),
            repo: RepoRef { owner: text(repo.owner)?, repo: text(repo.repo)? },
            default_branch: repo.default_branch.and_then(WireBranch::into_branch),
            branches: repo
                .branches
                .map(|all| all.into_iter().filter_map(WireBranch::into_branch).collect()),
        })
    }
}

impl WireBranch {
    fn into_branch(self) -> Option<Branch> {
        text(self.display_name).map(Branch)
    }
}
