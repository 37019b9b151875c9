//! Which repository a typed name means, and what a select offers.

use domain::repo::{
    Branch, BranchFit, NEAREST, RepoQuery, RepoRef, Resolution, Source, SourceName, resolve,
    resolve_branch, search,
};
use proptest::prelude::*;

fn source() -> impl Strategy<Value = Source> {
    // Few letters, so that names collide and contain one another.
    ("[abAB]{1,3}", "[abAB][ab.-]{0,3}[abAB0]").prop_map(|(owner, repo)| Source {
        name: SourceName(format!("sources/github/{owner}/{repo}")),
        repo: RepoRef { owner, repo },
        default_branch: Some(Branch("main".to_owned())),
        branches: None,
    })
}

fn sources() -> impl Strategy<Value = Vec<Source>> {
    prop::collection::vec(source(), 1..20)
}

fn in_any_case() -> impl Strategy<Value = fn(&str) -> String> {
    prop::sample::select(vec![
        str::to_owned as fn(&str) -> String,
        str::to_uppercase as fn(&str) -> String,
        str::to_lowercase as fn(&str) -> String,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_listed_repository_is_found_by_every_full_name_of_it(
        sources in sources(), at in any::<prop::sample::Index>(), case in in_any_case(),
    ) {
        let meant = at.get(&sources);
        let path = meant.repo.to_string();
        for typed in [
            path.clone(),
            format!("github.com/{path}"),
            format!("https://www.github.com/{path}/pull/7?x=y#z"),
            format!("git@github.com:{path}.git"),
            format!("sources/github/{path}"),
        ] {
            let typed = RepoQuery::parse(&case(&typed));
            let found = typed.as_ref().map(|typed| resolve(typed, &sources));
            prop_assert!(
                matches!(found, Ok(Resolution::One(one)) if one.repo.same(&meant.repo)),
                "{typed:?} is {found:?}"
            );
        }
    }

    #[test]
    fn a_bare_name_fits_all_of_that_name_and_nothing_else(
        sources in sources(), at in any::<prop::sample::Index>(), case in in_any_case(),
    ) {
        let name = &at.get(&sources).repo.repo;
        let found = match resolve(&RepoQuery::Name(case(name)), &sources) {
            Resolution::One(one) => vec![one],
            Resolution::Several(all) => all,
            Resolution::None { .. } => vec![],
        };
        prop_assert!(!found.is_empty());
        for source in &sources {
            let fits = source.repo.repo.eq_ignore_ascii_case(name);
            prop_assert_eq!(found.iter().any(|one| one.repo.same(&source.repo)), fits);
        }
    }

    #[test]
    fn what_is_offered_is_listed(sources in sources(), typed in "[ab]{1,4}(/[ab0.]{1,4}[ab])?") {
        if let Ok(typed) = RepoQuery::parse(&typed)
            && let Resolution::None { nearest } = resolve(&typed, &sources)
        {
            prop_assert!(nearest.len() <= NEAREST);
            prop_assert!(nearest.iter().all(|near| sources.contains(near)));
        }
    }

    #[test]
    fn a_listed_branch_is_taken_and_no_other(
        listed in prop::collection::vec("[abAB/]{1,4}", 1..10), typed in "[abAB/]{1,4}",
    ) {
        let listed = listed.iter().filter_map(|name| Branch::parse(name));
        let listed: Vec<Branch> = listed.chain([Branch("ab".to_owned())]).collect();
        let source = Source {
            name: SourceName("sources/github/a/b".to_owned()),
            repo: RepoRef { owner: "a".to_owned(), repo: "b".to_owned() },
            default_branch: None,
            branches: Some(listed.clone()),
        };
        match resolve_branch(&typed, &source) {
            BranchFit::Listed(branch) => prop_assert!(branch.0 == typed && listed.contains(&branch)),
            BranchFit::Unlisted(branch) => prop_assert!(false, "{branch} was not refused"),
            BranchFit::Unknown { nearest } => {
                prop_assert!(!listed.contains(&Branch(typed)));
                prop_assert!(nearest.iter().all(|near| listed.contains(near)));
            }
        }
    }

    #[test]
    fn a_select_offers_listed_names_with_prefixes_first(
        sources in sources(), query in "[ab]{1,3}", limit in 0_usize..8,
    ) {
        let all = search(&query, &sources, sources.len());
        let begins = |source: &&Source| source.repo.repo.to_lowercase().starts_with(&query);
        prop_assert!(all.is_sorted_by_key(|source| !begins(source)), "{query}: {all:?}");
        prop_assert_eq!(all.iter().filter(|s| begins(s)).count(), sources.iter().filter(begins).count());
        prop_assert!(all.iter().all(|found| sources.contains(found)));
        prop_assert_eq!(&search(&query, &sources, limit)[..], &all[..limit.min(all.len())]);
    }

    #[test]
    fn what_was_typed_prints_as_what_is_read_the_same(typed in "[ -~“”]{0,30}") {
        if let Ok(typed) = RepoQuery::parse(&typed) {
            prop_assert_eq!(RepoQuery::parse(&typed.to_string()), Ok(typed));
        }
    }

    #[test]
    fn no_text_panics(typed in any::<String>()) {
        let _ = RepoQuery::parse(&typed);
        let _ = Branch::parse(&typed);
        let _ = search(&typed, &[], 5);
    }
}
