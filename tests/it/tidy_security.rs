//! SECURITY.md says what is met by what: each row of its table is a test that would fail if it were not
//! true, in a file that the row names.

use std::fs;
use std::path::{Path, PathBuf};

/// The tests of each row, which begins with these words. The last row is about files that are no tests.
const SHOWN: &[(&str, &[&str])] = &[
    (
        "a forged webhook",
        &["a_webhook_means_look_now_and_nothing_else", "any_flipped_bit_is_refused"],
    ),
    (
        "the bot writing to GitHub",
        &["the_crate_github_only_reads", "a_test_in_which_something_is_written_fails"],
    ),
    (
        "Jules overwriting people's commits",
        &[
            "nothing_reaches_a_session_behind_a_foreign_head_without_a_persons_yes",
            "people_are_asked_before_jules_overwrites_their_commits",
        ],
    ),
    (
        "a forged request",
        &[
            "what_is_not_signed_is_refused_everywhere",
            "a_body_that_was_changed_is_refused",
            "no_other_signature_passes",
            "unsigned_bodies_are_refused_before_they_come",
        ],
    ),
    (
        "a replayed request",
        &[
            "five_minutes_either_way_are_allowed_and_no_second_more",
            "a_signature_counts_for_five_minutes",
            "the_same_command_delivered_again_is_one_task",
            "many_tasks_delivered_to_all_are_started_once_each",
        ],
    ),
    (
        "another workspace",
        &[
            "a_workspace_that_is_not_ours_is_refused",
            "strangers_of_a_shared_channel_see_everything_and_steer_nothing",
            "in_an_organisation_strangers_are_strangers_and_colleagues_are_not",
            "a_colleague_whom_slack_does_not_vouch_for_is_a_stranger",
        ],
    ),
    (
        "an installation finished",
        &[
            "a_way_back_that_is_not_ones_own_stores_nothing",
            "it_is_installed_where_the_settings_say",
            "without_a_list_it_is_installed_in_the_first_workspace_alone",
            "only_ones_own_state_is_believed_for_ten_minutes",
        ],
    ),
    (
        "something of one workspace",
        &[
            "each_task_is_in_its_workspace_and_on_its_account",
            "a_button_of_another_workspace_does_nothing",
            "each_workspace_that_installs_it_has_its_own_account_and_managers",
        ],
    ),
    (
        "a key or a token typed",
        &[
            "a_key_is_refused_in_private_wherever_it_is_typed",
            "a_key_in_a_form_is_an_error_at_its_field",
            "a_key_in_a_threads_reply_does_not_reach_jules",
        ],
    ),
    (
        "a `.env`",
        &[
            "the_file_of_a_parent_folder_is_not_read",
            "a_file_of_another_user_is_refused_wherever_a_link_to_it_is",
            "a_file_that_others_may_write_is_refused_with_the_command_that_helps",
            "serve_reads_the_file_as_it_is_written_and_logs_which_settings_came_from_it",
            "the_doctor_names_the_file_and_what_came_from_it",
            "only_we_and_root_may_write_it",
        ],
    ),
    (
        "a stolen database",
        &[
            "what_is_put_is_what_is_got_and_secrets_are_not_in_the_store",
            "a_sealed_secret_is_of_no_use_in_another_document",
            "what_is_sealed_is_opened_and_hidden",
            "no_setting_is_in_the_store",
        ],
    ),
    (
        "a stolen log",
        &[
            "nothing_of_a_refused_body_is_logged",
            "nothing_that_is_private_is_logged_of_a_task",
            "nobodys_words_are_in_the_log_of_a_whole_story",
            "what_looks_like_a_secret_is_taken_out_and_nothing_else",
            "no_filter_shows_frames",
        ],
    ),
    (
        "a prompt, a plan or a reply that pings",
        &[
            "whatever_is_told_fits_and_harms_nobody",
            "a_plan_fits_and_harms_nobody",
            "markdown_is_safe_whatever_is_in_it",
            "links_lead_where_they_say",
            "notifications_ping_nobody_and_are_short",
        ],
    ),
    (
        "words in a thread as orders",
        &[
            "what_is_said_elsewhere_in_the_channel_is_nobodys_business",
            "an_aside_stays_among_people",
            "other_bots_are_not_passed_on",
            "strangers_of_a_shared_channel_see_everything_and_steer_nothing",
            "what_an_app_writes_in_a_persons_name_is_not_theirs",
        ],
    ),
    (
        "a thread that gives Jules orders",
        &[
            "what_people_wrote_stays_material",
            "a_stranger_is_told_once_for_each_thread",
            "no_text_ends_its_string_or_the_list",
        ],
    ),
    ("what people wrote in a thread", &["what_went_along_is_forgotten_a_week_after_the_end"]),
    (
        "a click or a form with other values",
        &[
            "a_click_counts_in_the_channel_of_its_task",
            "nobody_retries_a_task_from_elsewhere",
            "a_draft_belongs_to_its_author",
            "a_form_is_sent_by_whoever_it_was_opened_for",
            "a_channel_counts_only_where_the_form_asked_for_one",
            "nobody_acts_on_anothers_task_from_their_home",
        ],
    ),
    (
        "a member who changes what holds",
        &[
            "only_owners_and_admins_change_the_workspaces_defaults",
            "where_slack_does_not_say_who_manages_nobody_does",
            "without_the_scope_nobody_manages",
        ],
    ),
    (
        "a button pressed late",
        &[
            "approving_twice_is_one_short_private_line",
            "two_people_at_once_are_decided_by_who_comes_first",
            "an_old_plan_cannot_be_approved",
            "a_stop_on_an_old_card_never_hits_a_newer_session",
            "two_people_who_press_the_same_button_press_it_once",
        ],
    ),
    (
        "a `response_url`",
        &[
            "slacks_own_urls_are_trusted_and_no_others",
            "a_response_url_that_leads_elsewhere_is_not_called",
            "a_redirect_is_not_followed",
        ],
    ),
    (
        "a file's address",
        &[
            "a_file_elsewhere_is_refused_and_no_token_goes_there",
            "a_file_that_leads_elsewhere_is_not_followed",
            "a_stand_in_is_trusted_on_its_host_only",
        ],
    ),
    (
        "a token in an error",
        &["nothing_that_is_printed_holds_the_token", "no_error_shows_a_key_a_prompt_or_a_body"],
    ),
    (
        "a key that has to be changed",
        &[
            "while_a_secret_is_rolled_both_count_and_no_other",
            "what_is_sealed_is_opened_and_hidden",
        ],
    ),
    (
        "slow, idle and greedy clients",
        &[
            "a_head_that_does_not_come_ends_the_connection",
            "the_first_head_has_less_time_than_the_next",
            "a_body_that_does_not_come_is_given_up",
            "a_head_that_does_not_end_is_refused",
            "what_is_too_large_is_refused_before_anything_else",
            "many_forged_bodies_share_a_limit",
            "of_too_many_connections_the_one_that_waits_longest_gives_way",
            "however_many_large_bodies_there_are_small_ones_are_read",
            "the_one_that_waits_longest_gives_way",
        ],
    ),
    (
        "secrets in a core dump",
        &[
            "nobody_looks_into_a_protected_process",
            "as_many_files_are_taken_as_the_system_allows_and_nothing_is_dumped",
        ],
    ),
    (
        "a name of a file",
        &[
            "a_name_is_one_plain_line",
            "no_text_ends_its_fence",
            "small_texts_go_along_and_pictures_are_named",
        ],
    ),
    (
        "a web page that leads",
        &[
            "only_an_address_or_localhost_is_this_machine",
            "a_page_of_another_site_gets_nothing",
            "what_comes_from_another_page_is_refused",
        ],
    ),
    (
        "bodies, answers and documents",
        &[
            "every_target_is_fed",
            "what_is_nested_ten_thousand_deep_is_refused",
            "a_nest_in_a_field_that_nobody_reads_costs_nothing",
            "a_body_that_never_ends_ends",
            "odd_and_huge_texts_cost_little",
        ],
    ),
    ("a dependency", &[]),
];

/// Everything that a path in the table may mean.
fn meant(path: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_a_crate = match path.split_once('/') {
        Some((name, rest)) => format!("crates/{name}/src/{rest}"),
        None => format!("crates/slack/src/{path}"),
    };
    let folders = ["", "tests/it", "src"].map(|folder| root.join(folder).join(path));
    let places: Vec<PathBuf> = folders.into_iter().chain([root.join(in_a_crate)]).collect();
    let file = places.iter().find(|place| place.is_file());
    let mut files: Vec<PathBuf> = file.cloned().into_iter().collect();
    for folder in places.iter().filter(|place| place.is_dir()) {
        files.extend(fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
        files.push(folder.with_extension("rs"));
    }
    assert!(!files.is_empty(), "SECURITY.md names {path}, which does not exist");
    files
}

#[test]
fn each_row_of_the_table_has_its_tests_where_it_says() {
    let text = include_str!("../../SECURITY.md");
    let table = text.split("## Threats").nth(1).unwrap().split("## See").next().unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| threat"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), SHOWN.len(), "each row has its tests here");
    for (row, (words, tests)) in rows.iter().zip(SHOWN) {
        let [threat, _, shown] = row[..] else { panic!("{row:?}") };
        assert!(threat.starts_with(words), "{threat:?} does not begin with {words:?}");
        let paths = shown.split('`').skip(1).step_by(2);
        let files: Vec<(PathBuf, String)> = paths
            .flat_map(meant)
            .filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?)))
            .collect();
        for test in *tests {
            let is_there = files.iter().any(|(_, code)| code.contains(&format!("fn {test}(")));
            assert!(is_there, "{threat:?}: no test {test} in {shown}");
        }
        for (path, code) in &files {
            // A folder stands for the tests in it.
            let is_named = shown.contains(&*path.file_name().unwrap().to_string_lossy());
            let used = tests.iter().any(|test| code.contains(&format!("fn {test}(")));
            assert!(
                used || !is_named || tests.is_empty(),
                "{threat:?}: no test in {path:?} is named here"
            );
        }
    }
}
