//! The grammar of `/jules …`: reading, printing, and what options may do to a prompt.

use domain::command::{
    BindArgs, Command, CommandError, ContextMode, Options, Ping, PlanMode, PrMode, Request, parse,
};
use domain::tenant::Whose;
use proptest::option::of;
use proptest::prelude::*;

/// Text made of what the grammar cares about, far denser than people type it.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "repo=",
            "branch=",
            "title=",
            "plan=",
            "pr=",
            "rep=",
            "repo:",
            "--",
            "—",
            "ask",
            "auto",
            "none",
            "a/b",
            "bind",
            "repos",
            "list",
            "help",
            "`",
            "``",
            "```",
            "\"",
            "“",
            "”",
            "„",
            "'",
            "’",
            "«",
            "\\",
            ",",
            ";",
            "=",
            ":",
            "/",
            " ",
            "  ",
            "\n",
            "\r\n",
            "\t",
            "\0",
            "\u{200b}",
            "\u{202e}",
            "\u{200d}",
            "\u{a0}",
            "\u{2028}",
            "é",
            "🚀",
            "x",
            "two words",
            "https://github.com/a/b?repo=x",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

fn options() -> impl Strategy<Value = Options> {
    let repo = prop_oneof!["[a-z0-9]{1,8}", "[a-z]{1,8}/[a-zA-Z0-9._-]{0,8}[a-z]"];
    let branch = "[a-z0-9]{1,8}(/[a-zA-Z0-9#_-]{1,8})?";
    // Anything that can be seen on one line, quotes and backslashes included.
    let title = "[a-zA-Zé🚀 \"“”'`\\\\=,;|-]{1,20}"
        .prop_map(|title| title.trim().to_owned())
        .prop_filter("a title is not empty", |title| !title.is_empty());
    let plan = prop::sample::select(vec![PlanMode::Ask, PlanMode::Auto]);
    let pr = prop::sample::select(vec![PrMode::Auto, PrMode::None]);
    let context = prop::sample::select(vec![ContextMode::Thread, ContextMode::None]);
    let ping = prop::sample::select(vec![Ping::Thread, Ping::Dm, Ping::Off]);
    (of(repo), of(branch), of(title), of(plan), of(pr), of(any::<bool>()), of(ping), of(context))
        .prop_map(|(repo, branch, title, plan, pr, quiet, ping, context)| Options {
            repo,
            branch,
            title,
            plan,
            pr,
            quiet,
            ping,
            context,
        })
}

/// Options that neither open nor close a code span.
fn options_without_code() -> impl Strategy<Value = Options> {
    options().prop_map(|options| Options {
        title: options.title.map(|title| title.replace('`', "ˋ")),
        ..options
    })
}

/// Options whose values have no quotation marks of their own.
fn options_without_quotes() -> impl Strategy<Value = Options> {
    options().prop_map(|options| Options { title: None, ..options })
}

fn prompt() -> impl Strategy<Value = String> {
    hostile().prop_map(|text| {
        let text: String =
            text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
        let blank = text.chars().all(|c| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{202e}'));
        if blank { "go".to_owned() } else { text.trim().to_owned() }
    })
}

fn command() -> impl Strategy<Value = Command> {
    let bind = (of("[a-z]{1,8}/[a-z]{1,8}"), options()).prop_map(|(repo, options)| {
        let options = Options { repo: None, title: None, ..options };
        Command::Bind(BindArgs { repo, options })
    });
    let filter = "[a-zé\"'`\\\\,]{1,8}( [a-z\"”\\\\]{1,8})?";
    prop_oneof![
        prop::sample::select(vec![
            Command::OpenForm,
            Command::Help,
            Command::Unbind,
            Command::Bindings,
            Command::Repos { filter: None },
            Command::List,
            Command::Status,
            Command::Settings,
            Command::Key(Whose::Mine),
            Command::Key(Whose::Workspace),
        ]),
        bind,
        filter.prop_map(|text| Command::Repos { filter: Some(text) }),
        (prompt(), options())
            .prop_map(|(prompt, options)| Command::Start(Request { prompt, options })),
    ]
}

/// Words that are neither options nor sub-commands, nor near them.
fn words() -> impl Strategy<Value = Vec<String>> {
    let word = prop_oneof![
        "[b-z]{5,9}",
        Just("x=1".to_owned()),
        Just("🚀".to_owned()),
        Just("\nline".to_owned()),
        Just("`code repo=no`".to_owned()),
        Just("```\n  plan=no\n```".to_owned()),
    ];
    let words = prop::collection::vec(word, 2..8);
    words.prop_filter("emoji alone are no task", |words| words.iter().any(|word| word != "🚀"))
}

fn squeezed(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

fn request(text: &str) -> Result<Request, TestCaseError> {
    match parse(text) {
        Ok(Command::Start(request)) => Ok(request),
        other => Err(TestCaseError::fail(format!("{text:?} is {other:?}"))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_is_printed_is_read_as_the_same(command in command()) {
        prop_assert_eq!(parse(&command.to_string()), Ok(command));
    }

    #[test]
    fn what_was_read_prints_as_what_reads_the_same(text in hostile()) {
        if let Ok(command) = parse(&text) {
            prop_assert_eq!(parse(&command.to_string()), Ok(command));
        }
    }

    #[test]
    fn no_text_panics(text in any::<String>()) {
        let _ = parse(&text);
    }

    #[test]
    fn a_correction_is_no_slip_again(text in hostile()) {
        if let Err(CommandError::Word { corrected, .. }) = parse(&text) {
            let again = parse(&corrected);
            prop_assert!(!matches!(again, Err(CommandError::Word { .. })), "{} → {:?}", corrected, again);
        }
        if let Err(CommandError::Superfluous { corrected, .. }) = parse(&text) {
            let again = parse(&corrected);
            prop_assert!(matches!(again, Ok(ref c) if !matches!(c, Command::Start(_))), "{corrected}");
        }
    }

    #[test]
    fn options_mean_the_same_wherever_they_stand(
        words in words(), options in options_without_code(), at in prop::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let plain = words.join(" ");
        let mut mixed = words;
        let single = [
            Options { repo: options.repo.clone(), ..Options::default() },
            Options { branch: options.branch.clone(), ..Options::default() },
            Options { title: options.title.clone(), ..Options::default() },
            Options { plan: options.plan, ..Options::default() },
            Options { pr: options.pr, ..Options::default() },
            Options { quiet: options.quiet, ..Options::default() },
            Options { ping: options.ping, ..Options::default() },
            Options { context: options.context, ..Options::default() },
        ];
        for (one, at) in single.iter().zip(at).filter(|(one, _)| !one.is_empty()) {
            mixed.insert(at.index(mixed.len() + 1), one.to_string());
        }
        let read = request(&mixed.join(" "))?;
        prop_assert_eq!(&read.options, &options);
        prop_assert_eq!(squeezed(&read.prompt), squeezed(&plain));
    }

    #[test]
    fn the_last_of_each_option_wins(first in options(), last in options()) {
        let text = format!("{first} go {last}");
        let read = request(text.trim())?.options;
        prop_assert_eq!(read.repo, last.repo.or(first.repo));
        prop_assert_eq!(read.branch, last.branch.or(first.branch));
        prop_assert_eq!(read.title, last.title.or(first.title));
        prop_assert_eq!(read.plan, last.plan.or(first.plan));
        prop_assert_eq!(read.pr, last.pr.or(first.pr));
    }

    #[test]
    fn code_is_never_read(options in options_without_code(), words in words()) {
        for code in [format!("`{options}`"), format!("```\n{options}\n```")] {
            let text = format!("{} {code} end", words.join(" "));
            let read = request(&text)?;
            prop_assert_eq!(read.options, Options::default());
            prop_assert!(read.prompt.contains(&code), "{}", read.prompt);
        }
    }

    #[test]
    fn what_is_quoted_is_never_read(options in options_without_quotes(), words in words()) {
        for (open, close) in [('"', '"'), ('“', '”'), ('„', '“'), ('\'', '\''), ('«', '»')] {
            let quoted = format!("{open}see {options}{close}");
            let text = format!("{} {quoted} end", words.join(" "));
            let read = request(&text)?;
            prop_assert_eq!(read.options, Options::default());
            prop_assert!(read.prompt.contains(&quoted), "{}", read.prompt);
        }
    }

    #[test]
    fn two_dashes_make_anything_a_prompt(prompt in prompt(), options in options()) {
        let read = request(format!("{options} -- {prompt}").trim())?;
        prop_assert_eq!(read, Request { prompt, options });
    }
}
