//! What is read, and what is said of what cannot be.

use super::*;

fn vars(pairs: &[(&str, &str)]) -> HashMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

const WHOLE: [(&str, &str); 3] = [
    ("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5"),
    ("SLACK_BOT_TOKEN", "xoxb-1"),
    ("JULES_API_KEY", "key"),
];

#[test]
fn three_settings_are_enough() {
    let config = Config::read(&vars(&WHOLE).into()).unwrap();
    assert_eq!(config.listen.port(), 3000);
    assert_eq!(config.slack.api_url.as_str(), "https://slack.com/api");
    assert!(config.store.key_file.is_some());
    assert!(config.slack.app_token.is_none());
}

#[test]
fn an_app_token_stands_in_for_the_signing_secret() {
    let mut all = vars(&WHOLE);
    all.insert("SLACK_APP_TOKEN".to_owned(), "xapp-1-A1-2-3".to_owned());
    let both = Config::read(&all.clone().into()).unwrap();
    assert_eq!((both.slack.signing_secrets.len(), both.slack.app_token.is_some()), (1, true));
    all.remove("SLACK_SIGNING_SECRET");
    let socket = Config::read(&all.into()).unwrap();
    assert!(socket.slack.signing_secrets.is_empty() && socket.slack.app_token.is_some());
}

#[test]
fn another_kind_of_token_is_told_apart() {
    for (token, told) in [
        ("xoxb-1", "another kind of token (xoxb-)"),
        ("xoxp-1", "another kind of token (xoxp-)"),
        ("8f742231b10e8888abcd99yyyzzz85a5", "is not an app-level token"),
        ("xapp-1 A1", "is not an app-level token"),
    ] {
        let mut all = vars(&WHOLE);
        all.insert("SLACK_APP_TOKEN".to_owned(), token.to_owned());
        let Mistakes(mistakes) = Config::read(&all.into()).unwrap_err();
        let [mistake] = mistakes.as_slice() else { panic!("{mistakes:#?}") };
        assert!(mistake.starts_with("SLACK_APP_TOKEN ") && mistake.contains(told), "{mistake}");
        assert!(mistake.contains("connections:write"), "{mistake}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_setting() {
    let Err(Mistakes(mistakes)) = Config::read(
        &vars(&[
            ("SLACK_BOT_TOKEN", "xapp-1"),
            ("STORE", "redis://localhost"),
            ("LISTEN", "here"),
            ("PUBLIC_URL", "http://plain"),
            ("SLACK_API_URL", "slack"),
            ("LOG_FORMAT", "xml"),
        ])
        .into(),
    ) else {
        panic!("accepted");
    };
    for name in [
        "SLACK_APP_TOKEN",
        "SLACK_BOT_TOKEN",
        "JULES_API_KEY",
        "ENCRYPTION_KEY",
        "LISTEN",
        "PUBLIC_URL",
        "SLACK_API_URL",
        "LOG_FORMAT",
    ] {
        let told = mistakes.iter().filter(|mistake| mistake.starts_with(name)).count();
        assert_eq!(told, 1, "{name}: {mistakes:#?}");
    }
    assert_eq!(mistakes.len(), 8);
}

#[test]
fn what_stands_in_the_wrong_place_is_named() {
    for (pairs, told) in [
        (&[("SLACK_BOT_TOKEN", "xapp-1"), ("SLACK_APP_TOKEN", "xoxb-1")][..], "Swap the two"),
        (&[("SLACK_BOT_TOKEN", "xoxe.xoxb-1-a")], "token rotation"),
        (&[("SLACK_BOT_TOKEN", "xoxb-1 2")], "SLACK_BOT_TOKEN has spaces inside"),
        (&[("SLACK_BOT_TOKEN", "'xoxb-1'")], "SLACK_BOT_TOKEN is in quotes"),
        (&[("SLACK_BOT_TOKEN", "12345")], "is not a bot token"),
        (&[("SLACK_SIGNING_SECRET", "8f74 2231")], "SLACK_SIGNING_SECRET has spaces inside"),
        (&[("SLACK_SIGNING_SECRET", "xoxb-1")], "SLACK_SIGNING_SECRET holds a token"),
        (&[("SLACK_SIGNING_SECRET", "1234567.7654321")], "holds the client ID"),
        (&[("SLACK_SIGNING_SECRET", "c1"), ("SLACK_CLIENT_SECRET", "c1")], "the client secret"),
        (&[("JULES_API_KEY", "xoxb-1")], "JULES_API_KEY holds a Slack token"),
    ] {
        let mut all = vars(&WHOLE);
        all.extend(vars(pairs));
        let Err(Mistakes(mistakes)) = Config::read(&all.into()) else {
            panic!("{pairs:?} was taken")
        };
        assert!(mistakes[0].contains(told) || mistakes[1].contains(told), "{mistakes:#?}");
    }
}

#[test]
fn one_wrong_setting_leaves_the_others_readable() {
    let mut all = vars(&WHOLE);
    all.insert("SLACK_BOT_TOKEN".to_owned(), "xapp-1".to_owned());
    let (parts, mistakes) = Parts::read(&all.into());
    assert_eq!(mistakes.len(), 1);
    assert!(parts.bot_token.is_none() && parts.jules_key.is_some() && parts.store.is_some());
}

#[test]
fn a_plain_address_will_do_on_this_machine_only() {
    for (url, taken) in [
        ("http://127.0.0.1:3000", true),
        ("http://localhost", true),
        ("http://jules.example.com", false),
        ("https://jules.example.com", true),
        ("ftp://localhost", false),
    ] {
        let mut all = vars(&WHOLE);
        all.insert("PUBLIC_URL".to_owned(), url.to_owned());
        assert_eq!(Config::read(&all.into()).is_ok(), taken, "{url}");
    }
}

#[test]
fn no_mistake_repeats_a_secret() {
    let mut all = vars(&WHOLE);
    all.insert("SLACK_BOT_TOKEN".to_owned(), "xoxp-very-secret".to_owned());
    all.insert("SLACK_SIGNING_SECRET".to_owned(), "xoxb-very-secret".to_owned());
    all.insert("ENCRYPTION_KEY".to_owned(), "very-secret".to_owned());
    let mistakes = Config::read(&all.into()).unwrap_err().to_string();
    assert!(!mistakes.contains("very-secret"), "{mistakes}");
}

fn file(pairs: &[(&str, &str)], mistakes: &[&str]) -> Option<Dotenv> {
    let mistakes = mistakes.iter().map(ToString::to_string).collect();
    Some(Dotenv { path: "/srv/.env".into(), values: vars(pairs), mistakes })
}

#[test]
fn the_environment_wins_and_the_file_names_what_it_decides() {
    let pairs = [("OTHER", "1"), ("STORE", " "), ("LISTEN", "file"), ("JULES_API_KEY", "file")];
    let both = Variables::over(file(&pairs, &[]), vars(&[("LISTEN", ""), ("LOG", "debug")]));
    assert_eq!((&*both.vars["LISTEN"], &*both.vars["JULES_API_KEY"]), ("", "file"));
    assert_eq!(both.vars["LOG"], "debug");
    let found = both.file.unwrap();
    assert_eq!(found.path, Path::new("/srv/.env"));
    assert_eq!(found.names, ["JULES_API_KEY"]);
    assert!(Variables::over(None, vars(&WHOLE)).file.is_none());
}

#[test]
fn what_the_file_decides_may_be_where_a_secret_is() {
    let names = ["SLACK_BOT_TOKEN_FILE", "JULES_API_KEY_FILE", "LISTEN_FILE"];
    let pairs = names.map(|name| (name, "/nowhere"));
    let both = Variables::over(file(&pairs, &[]), vars(&[("JULES_API_KEY_FILE", "/elsewhere")]));
    assert_eq!(both.file.unwrap().names, ["SLACK_BOT_TOKEN_FILE"]);
}

#[test]
fn a_wrong_file_is_a_mistake_of_whatever_is_read() {
    let wrong = Variables::over(file(&WHOLE, &["/srv/.env is wrong"]), vars(&[("LISTEN", "x")]));
    assert!(wrong.file.is_none());
    let Mistakes(mistakes) = Config::read(&wrong).unwrap_err();
    assert_eq!((mistakes.len(), &*mistakes[0]), (2, "/srv/.env is wrong"), "{mistakes:#?}");
    assert!(mistakes[1].starts_with("LISTEN "), "{mistakes:#?}");
    assert!(Parts::read(&wrong).0.jules_key.is_some(), "the rest can be read");
    for Mistakes(mistakes) in [
        wrong.file_is_right().unwrap_err(),
        store_address(&wrong).unwrap_err(),
        listen(&Variables::over(file(&[], &["/srv/.env is wrong"]), HashMap::new())).unwrap_err(),
    ] {
        assert_eq!(mistakes, ["/srv/.env is wrong"]);
    }
}

#[test]
fn with_socket_mode_alone_only_this_machine_gets_in() {
    for (pairs, listens) in [
        (&[("SLACK_APP_TOKEN", "xapp-1")][..], "127.0.0.1:3000"),
        (&[("SLACK_APP_TOKEN", "xapp-1"), ("SLACK_SIGNING_SECRET", " ")], "127.0.0.1:3000"),
        (&[("SLACK_APP_TOKEN", "xapp-1"), ("SLACK_SIGNING_SECRET", "8f7")], "0.0.0.0:3000"),
        (&[("SLACK_SIGNING_SECRET", "8f7")], "0.0.0.0:3000"),
        (&[("SLACK_APP_TOKEN", "xapp-1"), ("LISTEN", "0.0.0.0:80")], "0.0.0.0:80"),
        (&[], "0.0.0.0:3000"),
    ] {
        assert_eq!(listen(&vars(pairs).into()).unwrap().to_string(), listens, "{pairs:?}");
    }
}

#[test]
fn tokens_in_the_clear_to_another_machine_are_warned_of() {
    for (url, warned) in [
        ("https://proxy.example/api", false),
        ("http://127.0.0.1:9/api", false),
        ("http://127.1.2.3/api", false),
        ("http://[::1]:9/api", false),
        ("http://localhost:9/api", false),
        ("http://slack.localhost/api", false),
        ("http://proxy.example/api", true),
        ("http://localhost.example/api", true),
        ("http://10.0.0.1/api", true),
        ("http://[fd00::1]/api", true),
    ] {
        for name in ["SLACK_API_URL", "JULES_API_URL"] {
            let mut all = vars(&WHOLE);
            all.insert(name.to_owned(), url.to_owned());
            let parts: Vec<_> = Parts::read(&all.clone().into()).0.warnings().collect();
            assert_eq!(parts.len(), usize::from(warned), "{url}: {parts:?}");
            assert!(parts.iter().all(|warning| warning.words.starts_with(name)), "{parts:?}");
            all.insert(
                "ENCRYPTION_KEY".to_owned(),
                "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=".to_owned(),
            );
            assert_eq!(Config::read(&all.into()).unwrap().warnings(), parts);
        }
    }
}

#[test]
fn a_setting_whose_name_is_written_wrongly_is_named() {
    let mut all = vars(&WHOLE);
    all.remove("SLACK_BOT_TOKEN");
    all.insert("SLACK_BOT_TOKN".to_owned(), "xoxb-hush".to_owned());
    let Mistakes(told) = Config::read(&all.into()).unwrap_err();
    assert_eq!(
        told,
        ["SLACK_BOT_TOKEN is not set. SLACK_BOT_TOKN is set, but isn't a setting. Rename it to \
          SLACK_BOT_TOKEN."]
    );
    // Where it could do without, it is warned of, and where the name is right too, it is not.
    let mut all = vars(&WHOLE);
    all.insert("ENCRYPTION_KEYS".to_owned(), "hush".to_owned());
    assert!(Config::read(&all.clone().into()).is_ok());
    let [warning] = &Variables::from(all).warnings()[..] else { panic!("one warning") };
    assert!(warning.words.starts_with("ENCRYPTION_KEYS is set"), "{warning:?}");
    let all: HashMap<_, _> =
        vars(&WHOLE).into_iter().chain(vars(&[("JULES_API_KEY_2", "x")])).collect();
    assert_eq!(Variables::from(all).warnings(), []);
}

#[test]
fn a_word_that_is_no_level_is_a_mistake() {
    for (filter, taken) in [
        ("info", true),
        ("INFO", true),
        ("off", true),
        ("", true),
        ("info,jules_slack=debug", true),
        ("warn,hyper=off", true),
        ("jules_slack::engine", true),
        ("inof", false),
        ("verbose", false),
        ("warning", false),
        ("info,debgu", false),
        ("jules_slack", false),
        ("info,jules_slack=debgu", false),
    ] {
        let mut all = vars(&WHOLE);
        all.insert("LOG".to_owned(), filter.to_owned());
        let read = Config::read(&all.into());
        assert_eq!(read.is_ok(), taken, "{filter}: {:?}", read.err());
    }
}

#[test]
fn a_store_is_told_without_its_password() {
    for (url, told) in [
        ("file:jules.redb", "file:jules.redb"),
        ("redis://:hush@cache:6380?namespace=a", "redis://cache:6380"),
        ("redis://:hush@[::1]:6380/2", "redis://[::1]:6380"),
        ("redis-sentinel://:hush@a:1,b:2", "redis-sentinel"),
        ("rediss-cluster://user:hush@a", "rediss-cluster://a"),
    ] {
        let mut all = vars(&WHOLE);
        all.extend(vars(&[
            ("STORE", url),
            ("ENCRYPTION_KEY", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="),
        ]));
        assert_eq!(Config::read(&all.into()).unwrap().store.kind(), told);
    }
}

const OAUTH: [(&str, &str); 4] = [
    ("SLACK_SIGNING_SECRET", "8f742231b10e8888abcd99yyyzzz85a5"),
    ("SLACK_CLIENT_ID", "1234567890.9876543210"),
    ("SLACK_CLIENT_SECRET", "c11e0000"),
    ("PUBLIC_URL", "https://jules.example.com"),
];

#[test]
fn the_app_may_be_installed_by_oauth_alone_or_besides() {
    let mut all = vars(&OAUTH);
    all.insert("INSTALL_TEAMS".to_owned(), "T0ACME, E0ORG,".to_owned());
    let config = Config::read(&all.clone().into()).unwrap();
    assert!(config.slack.bot_token.is_none() && config.jules.api_key.is_none());
    let oauth = config.slack.oauth.unwrap();
    let teams: Vec<&str> = oauth.teams.iter().map(TeamId::as_str).collect();
    assert_eq!(
        (oauth.client_id.as_str(), teams),
        ("1234567890.9876543210", vec!["T0ACME", "E0ORG"])
    );
    all.extend(vars(&WHOLE));
    let both = Config::read(&all.into()).unwrap();
    assert!(both.slack.bot_token.is_some() && both.jules.api_key.is_some());
    assert!(both.slack.oauth.is_some());
}

#[test]
fn what_is_wrong_with_oauth_is_told_with_the_setting() {
    for (name, value, told) in [
        ("SLACK_CLIENT_SECRET", "", "SLACK_CLIENT_SECRET is not set"),
        ("SLACK_CLIENT_SECRET", "xoxb-1", "SLACK_CLIENT_SECRET holds a token"),
        ("SLACK_CLIENT_ID", "A0JULES", "SLACK_CLIENT_ID is not a client ID"),
        ("PUBLIC_URL", "", "PUBLIC_URL is not set"),
        ("INSTALL_TEAMS", "acme", "INSTALL_TEAMS has `acme`"),
        ("JULES_API_KEY", "key", "JULES_API_KEY is the key of the workspace of SLACK_BOT_TOKEN"),
    ] {
        let mut all = vars(&OAUTH);
        all.insert(name.to_owned(), value.to_owned());
        let Mistakes(mistakes) = Config::read(&all.into()).unwrap_err();
        let [mistake] = mistakes.as_slice() else { panic!("{name}: {mistakes:#?}") };
        assert!(mistake.starts_with(told), "{mistake}");
    }
    let mut all = vars(&WHOLE);
    all.insert("SLACK_CLIENT_SECRET".to_owned(), "c11e0000".to_owned());
    let Mistakes(mistakes) = Config::read(&all.into()).unwrap_err();
    assert!(mistakes[0].starts_with("SLACK_CLIENT_ID is not set"), "{mistakes:#?}");
}

/// The settings of a whole bot, but for the bot token, which is in a file that says this.
fn in_a_file(text: Option<&str>, mode: u32) -> (tempfile::TempDir, HashMap<String, String>) {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("token");
    if let Some(text) = text {
        std::fs::write(&file, text).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode))
            .unwrap();
    }
    let mut all = vars(&WHOLE);
    all.remove("SLACK_BOT_TOKEN");
    all.insert("SLACK_BOT_TOKEN_FILE".to_owned(), file.display().to_string());
    (place, all)
}

#[test]
fn a_secret_may_be_in_a_file() {
    let (_place, all) = in_a_file(Some("xoxb-from-a-file\n"), 0o600);
    let read = Variables::from(all);
    let config = Config::read(&read).unwrap();
    let token = config.slack.bot_token.unwrap();
    assert_eq!(token.expose(), "xoxb-from-a-file");
    assert_eq!(read.warnings(), []);
}

#[test]
fn a_file_that_is_missing_empty_or_one_too_many_is_the_only_mistake() {
    for (text, wrong) in [(None, "doesn't exist"), (Some(" \n"), "is empty")] {
        let (_place, all) = in_a_file(text, 0o600);
        let Mistakes(mistakes) = Config::read(&all.into()).unwrap_err();
        let [mistake] = mistakes.as_slice() else { panic!("{mistakes:#?}") };
        assert!(mistake.starts_with("SLACK_BOT_TOKEN_FILE names `"), "{mistake}");
        assert!(mistake.contains(wrong), "{mistake}");
    }
    let (_place, mut all) = in_a_file(Some("xoxb-1"), 0o600);
    all.insert("SLACK_BOT_TOKEN".to_owned(), "xoxb-2".to_owned());
    let Mistakes(mistakes) = Config::read(&all.into()).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
    assert!(mistakes[0].contains("are both set"), "{mistakes:#?}");
    let mut all = vars(&WHOLE);
    all.remove("SLACK_SIGNING_SECRET");
    all.insert("SLACK_SIGNING_SECRET_FILE".to_owned(), "/nowhere".to_owned());
    let Mistakes(mistakes) = Config::read(&all.into()).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:#?}");
}

#[cfg(unix)]
#[test]
fn a_file_that_everyone_may_read_is_warned_of_and_used() {
    let (_place, all) = in_a_file(Some("xoxb-1"), 0o644);
    let read = Variables::from(all);
    assert!(Config::read(&read).is_ok());
    let warnings = read.warnings();
    assert_eq!(warnings.len(), 1, "{warnings:#?}");
    assert!(warnings[0].words.contains("SLACK_BOT_TOKEN_FILE"), "{warnings:#?}");
    let (_place, all) = in_a_file(Some("xoxb-1"), 0o440);
    assert_eq!(Variables::from(all).warnings(), [], "a group is how a pod hands it over");
}
