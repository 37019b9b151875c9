//! The grammar as tables: what is typed, and what it means.

use super::*;
use crate::tenant::Whose;

fn options(text: &str) -> Options {
    let Ok(Command::Start(request)) = parse(text) else { panic!("{text:?} is no task") };
    request.options
}

fn prompt(text: &str) -> String {
    match parse(text) {
        Ok(Command::Start(request)) => request.prompt,
        other => panic!("{text:?} is {other:?}"),
    }
}

fn bind(repo: Option<&str>, options: &str) -> Command {
    let options = if options.is_empty() { Options::default() } else { self::options(options) };
    Command::Bind(BindArgs { repo: repo.map(str::to_owned), options })
}

fn repos(filter: Option<&str>) -> Command {
    Command::Repos { filter: filter.map(str::to_owned) }
}

#[test]
fn sub_commands_when_the_whole_text_is_one() {
    for (text, command) in [
        ("", Command::OpenForm),
        (" \n\u{200b} ", Command::OpenForm),
        ("--", Command::OpenForm),
        ("help", Command::Help),
        ("  Help ", Command::Help),
        ("UNBIND", Command::Unbind),
        ("bindings", Command::Bindings),
        ("list", Command::List),
        ("Status", Command::Status),
        ("settings", Command::Settings),
        ("access", Command::Access),
        ("key", Command::Key(Whose::Mine)),
        ("key workspace", Command::Key(Whose::Workspace)),
        ("repos", repos(None)),
        ("repos api", repos(Some("api"))),
        ("repos \"web api\"", repos(Some("web api"))),
        ("repos “web api”", repos(Some("web api"))),
        ("repos \"\"", repos(None)),
        ("list.", Command::List),
        ("--list", Command::List),
        ("tasks", Command::List),
        ("--help", Command::Help),
        ("-h", Command::Help),
        ("?", Command::Help),
        ("help me", Command::Help),
        ("Stop!", Command::Stop),
        ("cancel", Command::Stop),
        ("abort it", Command::Stop),
        ("/stop", Command::Stop),
        ("approve", Command::Approve),
        ("LGTM", Command::Approve),
        ("approve plan", Command::Approve),
        ("please stop", Command::Stop),
        ("Stop it, please!", Command::Stop),
        ("stop？", Command::Stop),
        ("stop。", Command::Stop),
        ("*stop*", Command::Stop),
        ("🛑 stop :pray:", Command::Stop),
        ("hey jules, cancel the last task", Command::Stop),
        ("stop task 3f9c", Command::Stop),
        ("ok approve the plan", Command::Approve),
        ("please help me", Command::Help),
        ("？", Command::Help),
        ("my tasks", Command::List),
        ("show all my tasks", Command::List),
        ("which version", Command::Version),
        ("version", Command::Version),
        ("--version", Command::Version),
        ("bind", bind(None, "")),
        ("Bind 404less", bind(Some("404less"), "")),
        ("bind “owner/repo”", bind(Some("owner/repo"), "")),
        ("bind https://github.com/a/b/tree/x", bind(Some("https://github.com/a/b/tree/x"), "")),
        ("bind owner/repo branch=dev plan=ask", bind(Some("owner/repo"), "branch=dev plan=ask")),
        ("pr=none bind owner/repo", bind(Some("owner/repo"), "pr=none")),
        ("bind repo=owner/repo", bind(Some("owner/repo"), "")),
        ("bind branch=dev", bind(None, "branch=dev")),
    ] {
        assert_eq!(parse(text), Ok(command), "{text:?}");
    }
}

#[test]
fn prompts_that_begin_like_a_sub_command() {
    for text in [
        "list the endpoints in README",
        "help me with the build",
        "status page is blank",
        "bind the socket to port 3000",
        "stop the flaky test",
        "cancel stale requests early",
        "approve buttons are cut off",
        "version the public API",
        "delete the old migrations",
        "new landing page copy",
        "unbind the listener when the socket closes",
        "bind the click handler to this channel of events",
        "repos need a licence",
        "key rotation is broken",
        "settings: dark mode",
        "please stop the flaky test",
        "stop all the timers",
        "hey, cancel stale requests",
        "show help text in the footer",
        "my tasks page is blank",
        "delete the old session table",
        "bind mounts fail on macOS",
        "bind the key to this channel",
        "`list`",
    ] {
        assert_eq!(prompt(text), text);
    }
}

#[test]
fn two_dashes_force_a_prompt() {
    for (text, prompt, options) in [
        ("-- list", "list", ""),
        ("— list", "list", ""),
        ("-- rep=404less fix", "rep=404less fix", ""),
        ("-- plan=maybe repo=", "plan=maybe repo=", ""),
        ("repo=a/b -- repo=c/d list", "repo=c/d list", "repo=a/b"),
        ("repo=a/b plan=ask\n--\nlist\n", "list", "repo=a/b plan=ask"),
        ("-- -- list", "-- list", ""),
        ("repo=a --", "", "repo=a"),
        // Elsewhere they are two dashes.
        ("run a -- b repo=c", "run a -- b", "repo=c"),
        ("--list all endpoints", "--list all endpoints", ""),
        ("-- stop", "stop", ""),
        ("-- delete it", "delete it", ""),
    ] {
        assert_eq!(self::prompt(text), prompt, "{text:?}");
        assert_eq!(self::options(text).to_string(), options, "{text:?}");
    }
}

#[test]
fn options_stand_anywhere() {
    for (text, prompt, options) in [
        ("repo=404less rename frontend", "rename frontend", "repo=404less"),
        ("rename frontend repo=404less", "rename frontend", "repo=404less"),
        ("rename repo=404less frontend", "rename frontend", "repo=404less"),
        ("Repo=404less PLAN=Ask go", "go", "repo=404less plan=ask"),
        ("repo=a, branch=b; go", "go", "repo=a branch=b"),
        ("repo=a go repo=b", "go", "repo=b"),
        ("title=\"two words\" go", "go", "title=\"two words\""),
        ("title=“two words” go", "go", "title=\"two words\""),
        ("title='Ann’s \"way\"' go", "go", r#"title="Ann’s \"way\"""#),
        ("branch=`dev` go", "go", "branch=dev"),
        ("pr=none plan=auto pr=auto go", "go", "plan=auto pr=auto"),
        ("quiet=Yes go", "go", "quiet=yes"),
        ("\u{200b}repo=a go", "\u{200b}go", "repo=a"),
        ("repo=4\u{200b}04\u{202e}less go", "go", "repo=404less"),
        ("repo=https://github.com/a/b?repo=c go", "go", "repo=https://github.com/a/b?repo=c"),
        ("repo=404less", "", "repo=404less"),
        ("🚀 repo=404less", "🚀", "repo=404less"),
        ("repo=404less 🚀🚀", "🚀🚀", "repo=404less"),
        ("title=“👩\u{200d}💻 work” go", "go", "title=\"👩\u{200d}💻 work\""),
    ] {
        assert_eq!(self::prompt(text), prompt, "{text:?}");
        assert_eq!(self::options(text).to_string(), options, "{text:?}");
    }
}

#[test]
fn what_only_looks_like_an_option_is_part_of_the_prompt() {
    for text in [
        "set timeout=30",
        "timeout=30 is too short",
        "open https://x.test/?repo=x&plan=maybe please",
        "set a.repo=b and xrepo=c and (repo=d)",
        "if repo==x then stop",
        "use `repo=x` here",
        "use ``a ` repo=x`` here",
        "use\n```\nrepo=x  plan=maybe\n```\nhere",
        "use ```repo=x``` here",
        "say repo = x",
        "repo is x",
    ] {
        assert_eq!(prompt(text), text);
        assert_eq!(options(text), Options::default(), "{text:?}");
    }
}

#[test]
fn what_is_quoted_is_part_of_the_prompt() {
    for (text, prompt, options) in [
        ("repo=zeta/shop \"see repo=acme/api\"", "\"see repo=acme/api\"", "repo=zeta/shop"),
        ("\"see repo=acme/api\" repo=zeta/shop", "\"see repo=acme/api\"", "repo=zeta/shop"),
        ("say “set branch=dev first” in the docs", "say “set branch=dev first” in the docs", ""),
        ("say 'use plan=maybe' (\"or pr=x\").", "say 'use plan=maybe' (\"or pr=x\").", ""),
        ("say „nimm repo=a/b“, bitte repo=c/d", "say „nimm repo=a/b“, bitte", "repo=c/d"),
        (
            "sag »nimm repo=a/b« und «prends repo=a/b»",
            "sag »nimm repo=a/b« und «prends repo=a/b»",
            "",
        ),
        ("explain \"repo=acme/api\" to me", "explain \"repo=acme/api\" to me", ""),
        ("explain what \"repo = 404less\" means", "explain what \"repo = 404less\" means", ""),
        ("set NAME=\"a repo=b\" in .env", "set NAME=\"a repo=b\" in .env", ""),
        ("quote \"two lines\nrepo=a/b\" in it", "quote \"two lines\nrepo=a/b\" in it", ""),
        ("say \"don't use repo=a/b\" repo=c/d", "say \"don't use repo=a/b\"", "repo=c/d"),
        (
            "repo=zeta/shop \"repo=acme/api\" is wrong",
            "\"repo=acme/api\" is wrong",
            "repo=zeta/shop",
        ),
        // Quotes around a value are the option's.
        ("go title=\"see repo=a/b\" repo=c/d", "go", "repo=c/d title=\"see repo=a/b\""),
        // A mark without its partner, an apostrophe and an inch are no quotes.
        ("fix the \"foo repo=a/b", "fix the \"foo", "repo=a/b"),
        ("fix \"foo repo=a/b and \"bar\"", "fix \"foo and \"bar\"", "repo=a/b"),
        ("don't repo=a/b break the users' page", "don't break the users' page", "repo=a/b"),
        (
            "the '90s look repo=a/b of the users' page",
            "the '90s look of the users' page",
            "repo=a/b",
        ),
        ("tell 'em repo=a/b the users' names", "tell 'em the users' names", "repo=a/b"),
        ("make it 15\" repo=a/b or 20\" wide", "make it 15\" or 20\" wide", "repo=a/b"),
        ("a \"b\n\nrepo=x c\" d", "a \"b\n\nc\" d", "repo=x"),
    ] {
        match read(text).settle(accepts) {
            Ok(Command::Start(request)) => {
                assert_eq!(request.prompt, prompt, "{text:?}");
                assert_eq!(request.options.to_string(), options, "{text:?}");
            }
            other => panic!("{text:?} is {other:?}"),
        }
    }
}

#[test]
fn what_is_not_closed_is_text() {
    for (text, prompt, options) in [
        ("a ` repo=x", "a `", "repo=x"),
        ("a ` repo=x\nb ` c", "a `\nb ` c", "repo=x"),
        ("a ``` repo=x `` b", "a ``` `` b", "repo=x"),
        ("title=\"new name for it", "name for it", "title=\"\\\"new\""),
        ("title=\"a\nb\" go", "b\" go", "title=\"\\\"a\""),
    ] {
        assert_eq!(self::prompt(text), prompt, "{text:?}");
        assert_eq!(self::options(text).to_string(), options, "{text:?}");
    }
}

#[test]
fn taking_an_option_out_leaves_lines_and_code_alone() {
    for (text, prompt) in [
        ("a repo=x b", "a b"),
        ("a  repo=x   b", "a  b"),
        ("a repo=x\nb", "a\nb"),
        ("a\nrepo=x b", "a\nb"),
        ("a repo=x plan=ask\nb", "a\nb"),
        ("a\nrepo=x plan=ask\nb", "a\nb"),
        ("a\n\n  repo=x\n\nb", "a\n\n\nb"),
        ("repo=x\n\na\n", "a"),
        ("a\n  - b\n  - c repo=x", "a\n  - b\n  - c"),
        ("a repo=x\n```\n  if  x:\n\ty\n```", "a\n```\n  if  x:\n\ty\n```"),
        ("a\r\nb\rc\u{b}d\0e\u{7}\tf repo=x", "a\nb\nc\nde\tf"),
    ] {
        assert_eq!(self::prompt(text), prompt, "{text:?}");
    }
}

#[test]
fn slips_are_named_and_corrected() {
    for (text, typed, meant, corrected) in [
        ("rep=404less rename it", "rep=", "repo=", "repo=404less rename it"),
        ("rename it rep=404less", "rep=", "repo=", "rename it repo=404less"),
        ("Reop=a/b go", "Reop=", "repo=", "repo=a/b go"),
        ("repository=a/b go", "repository=", "repo=", "repo=a/b go"),
        ("--repo=a/b go", "--repo=", "repo=", "repo=a/b go"),
        ("—branch=dev go", "—branch=", "branch=", "branch=dev go"),
        ("repo:a/b go", "repo:", "repo=", "repo=a/b go"),
        ("brnch=dev go", "brnch=", "branch=", "branch=dev go"),
        ("branhc=dev go", "branhc=", "branch=", "branch=dev go"),
        ("go titel=\"two words\"", "titel=", "title=", "go title=\"two words\""),
        ("pln=ask go", "pln=", "plan=", "plan=ask go"),
        ("prs=none go", "prs=", "pr=", "pr=none go"),
        ("plan=ask rep=x go brach=y", "rep=", "repo=", "plan=ask repo=x go branch=y"),
        ("bind rep=404less", "rep=", "repo=", "bind repo=404less"),
        ("rep=x -- go", "rep=", "repo=", "repo=x -- go"),
        ("lsit", "lsit", "list", "list"),
        ("Stats", "Stats", "status", "status"),
        ("cancle", "cancle", "stop", "stop"),
        ("aprove!", "aprove!", "approve", "approve"),
    ] {
        let (typed, meant, corrected) = (typed.into(), meant.into(), corrected.into());
        assert_eq!(parse(text), Err(CommandError::Word { typed, meant, corrected }), "{text:?}");
    }
}

/// A plural or another form of a sub-command, alone, is that sub-command and no task.
#[test]
fn forms_of_a_sub_command_start_nothing() {
    for (text, meant) in [
        ("statuses", "status"),
        ("Statuses?", "status"),
        ("approves", "approve"),
        ("approving", "approve"),
        ("accepting", "approve"),
        ("follows", "follow"),
        ("following", "follow"),
        ("followed", "follow"),
        ("lists", "list"),
        ("listing", "list"),
        ("setting", "settings"),
        ("binds", "bind"),
        ("binding", "bindings"),
        ("unbinding", "unbind"),
        ("stops", "stop"),
        ("stopping", "stop"),
        ("stopped", "stop"),
        ("kills", "stop"),
        ("cancelled", "stop"),
        ("helps", "help"),
        ("accesses", "access"),
        ("versions", "version"),
        ("usages", "help"),
        ("keying", "key"),
    ] {
        let (typed, corrected) = (text.to_owned(), meant.to_owned());
        let word = CommandError::Word { typed, meant: meant.to_owned(), corrected };
        assert_eq!(parse(text), Err(word), "{text:?}");
        let forced = format!("-- {text}");
        assert_eq!(prompt(&forced), text, "{forced:?}");
    }
    for text in ["keys", "Keys!", "my keys", "show keys"] {
        assert_eq!(parse(text), Ok(Command::Key(Whose::Mine)), "{text:?}");
    }
    for text in ["retries", "retried", "pings", "configs", "pausing", "plans", "updates"] {
        assert_eq!(parse(text), Err(CommandError::NoTask { typed: text.to_owned() }), "{text:?}");
    }
}

#[test]
fn one_word_that_is_no_form_of_a_sub_command_is_a_task() {
    for text in [
        "refactor",
        "modernise",
        "docs",
        "tests",
        "dependencies",
        "accessibility",
        "keyboard",
        "bindgen",
        "listeners",
        "stopwatch",
        "logging",
        "modeling",
        "redesign",
        "his",
        "typos",
        "translations",
    ] {
        assert_eq!(prompt(text), text);
    }
    for text in ["keys are rotated too late", "following the style guide, rename it"] {
        assert_eq!(prompt(text), text);
    }
}

#[test]
fn honest_words_are_no_slips() {
    for text in [
        "timeout=30 is wrong",
        "set timeout=30",
        "pre=1",
        "p=auto",
        "port=3000",
        "tile=grass is missing",
        "repr=compact breaks",
        "reps=3",
        "rep=3",
        "redo=yes",
        "demo=on zero=x hero=y",
        "batch=large brand=acme bench=fast",
        "branches:a note",
        "play=auto lan=auto pan=ask",
        "pan=fry",
        "plan9=x",
        "time=now file=a.txt type=x",
        "the rep=404less in the middle",
        "a `rep=404less`",
        "repo: the word",
        "title: Foo",
        "repo://a",
        "repo::a",
        "lint",
        "find",
        "fix",
        "test",
        "lists all",
        "user=ann env=prod key=abc ref=main",
    ] {
        assert_eq!(prompt(text), text);
    }
}

#[test]
fn values_that_a_key_does_not_take() {
    let long = format!("title={} go", "x".repeat(VALUE_MAX + 1));
    for (text, key, typed) in [
        ("plan=maybe go", "plan", "maybe"),
        ("go plan=yes now", "plan", "yes"),
        ("pr=true go", "pr", "true"),
        ("repo= go", "repo", ""),
        ("repo=\"\" go", "repo", ""),
        ("go repo=", "repo", ""),
        ("repo=\"two words\" go", "repo", "two words"),
        ("repo=https://gitlab.com/a/b go", "repo", "https://gitlab.com/a/b"),
        ("branch=\"my branch\" go", "branch", "my branch"),
        ("branch=\u{200b} go", "branch", "\u{200b}"),
        ("title=, go", "title", ""),
        ("plan=maybe plan=ask go", "plan", "maybe"),
        (long.as_str(), "title", &long[6..6 + VALUE_MAX]),
    ] {
        match parse(text) {
            Err(CommandError::Value { key: named, typed: value, allowed, binds }) => {
                assert_eq!((named.as_str(), value.as_str()), (key, typed), "{text:?}");
                assert!(!allowed.is_empty() && !binds, "{text:?}");
            }
            other => panic!("{text:?} is {other:?}"),
        }
    }
}

#[test]
fn a_value_that_a_key_does_not_take_is_for_a_task_or_for_a_binding() {
    for (text, is_binding) in [
        ("bind acme/api ping=both", true),
        ("ping=both bind", true),
        ("BIND this channel to acme/api plan=", true),
        ("unbind ping=both", true),
        ("ping=both go", false),
        ("list ping=both", false),
        ("ping=both -- bind acme/api", false),
        ("bind the socket to port 3000 plan=maybe", false),
    ] {
        match parse(text) {
            Err(CommandError::Value { binds, .. }) => assert_eq!(binds, is_binding, "{text:?}"),
            other => panic!("{text:?} is {other:?}"),
        }
    }
}

#[test]
fn sub_commands_with_too_much() {
    for (text, command, words, corrected) in [
        ("bind acme/api please", "bind", "please", "bind acme/api"),
        (
            "bind acme/api to this channel pr=none",
            "bind",
            "to this channel",
            "bind acme/api pr=none",
        ),
        ("bind acme/api repo=b", "bind", "repo=b", "bind acme/api"),
        ("bind acme/api title=x", "bind", "title=x", "bind acme/api"),
        ("list repo=404less", "list", "repo=404less", "list"),
        ("repos api plan=ask", "repos", "plan=ask", "repos api"),
        ("stop repo=404less", "stop", "repo=404less", "stop"),
        ("list mine", "list", "mine", "list"),
        ("status page", "status", "page", "status"),
        ("unbind acme/api", "unbind", "acme/api", "unbind"),
        ("unbind this channel from acme/api", "unbind", "this channel from acme/api", "unbind"),
        ("bind this channel to acme/api", "bind", "this channel to", "bind acme/api"),
        ("bind to github.com/acme/api please", "bind", "to please", "bind github.com/acme/api"),
        ("bind acme/api#dev", "bind", "acme/api#dev", "bind acme/api branch=dev"),
        ("bind acme/api@dev pr=none", "bind", "acme/api@dev", "bind acme/api branch=dev pr=none"),
        ("bind ???", "bind", "???", "bind"),
        ("unbind this channel", "unbind", "this channel", "unbind"),
        ("list all of mine", "list", "all of mine", "list"),
        ("show repos", "repos", "show repos", "repos"),
        ("bind this channel to shop", "bind", "this channel to", "bind shop"),
        ("bind shop here, please", "bind", "here, please", "bind shop"),
        ("bind \"acme/api\" please", "bind", "please", "bind acme/api"),
        ("bind acme/api:dev", "bind", "acme/api:dev", "bind acme/api branch=dev"),
        ("bind acme/api dev", "bind", "dev", "bind acme/api branch=dev"),
        ("bind acme/api on branch dev", "bind", "on branch dev", "bind acme/api branch=dev"),
    ] {
        let (words, corrected) = (words.to_owned(), corrected.to_owned());
        assert_eq!(
            parse(text),
            Err(CommandError::Superfluous { command: command.to_owned(), words, corrected }),
            "{text:?}"
        );
    }
}

#[test]
fn a_word_or_two_that_are_no_task() {
    for text in [
        "reject",
        "retry",
        "Resume",
        "pause",
        "delete",
        "delete it",
        "config",
        "config show",
        "login",
        "whoami",
        "ping",
        "new",
        "new task",
        "retry repo=404less",
        "hi",
        "--init",
        "hello!",
        "undo",
        "delete it please",
        "please retry the last task",
        "retyr",
        "Log in",
        "try again",
        "thank you!",
        "what can you do?",
        "🚀",
        "!",
        "ok please",
    ] {
        assert_eq!(parse(text), Err(CommandError::NoTask { typed: prompt_of(text) }), "{text:?}");
    }
}

fn prompt_of(text: &str) -> String {
    text.replace(" repo=404less", "")
}

#[test]
fn a_key_is_refused_wherever_it_is_typed() {
    let key = "AQ.a1B2c3D4e5F6g7H8i9_-x";
    for text in [
        format!("key {key}"),
        format!("repo=404less use {key} to log in"),
        format!("-- {key}"),
        format!("title={key} go"),
        format!("repos {key}"),
        format!("rep=404less {key}"),
        "key abc".to_owned(),
        "key rotation".to_owned(),
    ] {
        assert_eq!(parse(&text), Err(CommandError::Credential), "{text:?}");
    }
}

/// The repositories and branches of a team, as its keys accept them.
fn accepts(doubt: Doubt<'_>, _: &Reading) -> bool {
    match doubt.key {
        "repo" => ["404less", "zeta/shop", "shop", "website"].contains(&doubt.value),
        "branch" => ["main", "release/2", "y"].contains(&doubt.value),
        _ => true,
    }
}

#[test]
fn an_option_that_is_written_wrongly_is_corrected_if_its_key_accepts_the_value() {
    for (text, corrected) in [
        ("repo = 404less fix it", "repo=404less fix it"),
        ("repo= 404less fix it", ""),
        ("repo =404less fix it", "repo=404less fix it"),
        ("repo: 404less fix it", "repo=404less fix it"),
        ("Repo : 404less fix it", "repo=404less fix it"),
        ("repo:: 404less fix it", "repo=404less fix it"),
        ("repo＝404less fix it", "repo=404less fix it"),
        ("repo：404less fix it", "repo=404less fix it"),
        ("repo := 404less fix it", "repo=404less fix it"),
        ("repo==404less fix it", "repo=404less fix it"),
        ("repo -> 404less fix it", "repo=404less fix it"),
        ("repo=>404less fix it", ""),
        ("repo => 404less fix it", "repo=404less fix it"),
        ("repo - 404less fix it", "repo=404less fix it"),
        ("--repo 404less fix it", "repo=404less fix it"),
        ("-repo 404less fix it", "repo=404less fix it"),
        ("—repo 404less fix it", "repo=404less fix it"),
        ("/repo 404less fix it", "repo=404less fix it"),
        ("--repository 404less fix it", "repo=404less fix it"),
        ("*repo=404less* fix it", "repo=404less fix it"),
        ("*repo:* 404less fix it", "repo=404less fix it"),
        ("**repo** = 404less fix it", "repo=404less fix it"),
        ("_repo=404less_ fix it", "repo=404less fix it"),
        ("~repo=404less~ fix it", "repo=404less fix it"),
        ("(repo=404less) fix it", "repo=404less fix it"),
        ("\"repo=404less\" fix it", "repo=404less fix it"),
        ("\"repo = 404less\", fix it", "repo=404less fix it"),
        ("\"repo=404less fix it\"", "repo=404less fix it"),
        ("“repo: 404less fix it”", "repo=404less fix it"),
        ("repository: 404less fix it", "repo=404less fix it"),
        ("rep = 404less fix it", "repo=404less fix it"),
        ("rep: 404less fix it", "repo=404less fix it"),
        ("fix it repo = 404less", "fix it repo=404less"),
        ("fix it, repo: 404less.", "fix it, repo=404less"),
        ("fix it --repo 404less", "fix it repo=404less"),
        ("fix it\nrepo = 404less", "fix it\nrepo=404less"),
        ("fix it\nrepo: 404less\nand test it", "fix it\nrepo=404less\nand test it"),
        ("fix it repo: zeta/shop and test it", "fix it repo=zeta/shop and test it"),
        ("repo \"404less\" fix it", "repo=\"404less\" fix it"),
        ("repo 404less fix it", "repo=404less fix it"),
        ("fix the typo repo zeta/shop", "fix the typo repo=zeta/shop"),
        ("repo=404less branch = y fix it", "repo=404less branch=y fix it"),
        ("repo=404less branch = nope fix it", "repo=404less branch=nope fix it"),
        ("repo=404less branch: y fix it", "repo=404less branch=y fix it"),
        ("fix it branch : release/2", "fix it branch=release/2"),
        ("--branch y fix it", "branch=y fix it"),
        ("plan: ask fix it", "plan=ask fix it"),
        ("plan = ask fix it", "plan=ask fix it"),
        ("fix it plan ask", "fix it plan=ask"),
        ("--plan ask fix it", "plan=ask fix it"),
        ("*plan*: ask fix it", "plan=ask fix it"),
        ("fix it pr : none", "fix it pr=none"),
        ("fix it quiet: yes", "fix it quiet=yes"),
        ("title: \"Two words\" fix it", "title=\"Two words\" fix it"),
        ("--title \"Two words\" fix it", "title=\"Two words\" fix it"),
        ("repo: 404less branch: y fix it", "repo=404less branch=y fix it"),
        ("bind repo: zeta/shop", "bind repo=zeta/shop"),
        // Whatever replaces the sign.
        ("repo—404less fix it", "repo=404less fix it"),
        ("repo-404less fix it", "repo=404less fix it"),
        ("repo -404less fix it", "repo=404less fix it"),
        ("repo_404less fix it", "repo=404less fix it"),
        ("repo/404less fix it", "repo=404less fix it"),
        ("repo, 404less fix it", "repo=404less fix it"),
        ("fix it repo;404less", "fix it repo=404less"),
        ("repo (404less) fix it", "repo=404less fix it"),
        ("repo[404less] fix it", "repo=404less fix it"),
        ("repo<404less> fix it", "repo=404less fix it"),
        ("repo\"404less\" fix it", "repo=\"404less\" fix it"),
        ("repo\u{a0}=\u{a0}404less fix it", "repo=404less fix it"),
        ("repo\u{a0}404less fix it", "repo=404less fix it"),
        ("repo\u{3000}＝\u{3000}404less fix it", "repo=404less fix it"),
        ("ｒｅｐｏ＝４０４ｌｅｓｓ fix it", "repo=404less fix it"),
        ("plan＝ａｓｋ fix it", "plan=ask fix it"),
        ("plan—ask fix it", "plan=ask fix it"),
        ("branch/release/2 fix it", "branch=release/2 fix it"),
        // Whatever stands before the key, or around the option.
        ("−−repo=404less fix it", "repo=404less fix it"),
        ("－－repo 404less fix it", "repo=404less fix it"),
        ("$repo=404less fix it", "repo=404less fix it"),
        ("@repo: 404less fix it", "repo=404less fix it"),
        ("\\repo=404less fix it", "repo=404less fix it"),
        ("`repo=404less` fix it", "repo=404less fix it"),
        ("```repo=404less``` fix it", "repo=404less fix it"),
        ("`repo`=404less fix it", "repo=404less fix it"),
        ("`repo=`404less fix it", "repo=404less fix it"),
        ("`repo=404less fix it`", "repo=404less fix it"),
        ("fix it\n`branch = y`", "fix it\nbranch=y"),
        ("(repo=404less fix it)", "repo=404less fix it"),
        ("「repo=404less」 fix it", "repo=404less fix it"),
        ("【repo：404less】fix it", "repo=404less fix it"),
        ("{\"repo\": \"404less\"} fix it", "repo=404less fix it"),
        // Whatever follows the value.
        ("repo：404less，fix it", "repo=404less fix it"),
        ("repo:404less,branch:y fix it", "repo=404less branch=y fix it"),
        // On lines of its own.
        ("repo\n404less\nfix it", "repo=404less\nfix it"),
        ("repo =\n404less\n\nfix it", "repo=404less\n\nfix it"),
        ("Repo: 404less\nBranch: y\n\nfix it", "repo=404less\nbranch=y\n\nfix it"),
        // Without any sign, where a sentence does not begin like this.
        ("repo=404less branch y fix it", "repo=404less branch=y fix it"),
        ("branch y fix it", "branch=y fix it"),
        ("plan ask fix it", "plan=ask fix it"),
        ("plan auto repo=404less fix it", "plan=auto repo=404less fix it"),
        ("quiet yes fix it", "quiet=yes fix it"),
        ("--rep 404less fix it", "repo=404less fix it"),
        ("--pln ask fix it", "plan=ask fix it"),
    ] {
        match read(text).settle(accepts) {
            Err(CommandError::Word { corrected: found, .. }) => {
                assert_eq!(found, corrected, "{text:?}");
                assert!(read(&found).settle(accepts).is_ok(), "{found:?} is not right yet");
            }
            Err(CommandError::Value { .. }) => assert_eq!(corrected, "", "{text:?}"),
            other => panic!("{text:?} is {other:?}"),
        }
    }
}

#[test]
fn honest_sentences_are_no_options() {
    for text in [
        "explain why repo is slow",
        "explain why the repo is slow",
        "set timeout = 30",
        "plan the migration",
        "plan: migrate the db",
        "repo: the word is used twice in the docs",
        "the repo website is slow, profile it",
        "repo website is slow, profile it",
        "fix the typo in repo website",
        "clone the repo shop and list what it lacks",
        "branch main is broken since yesterday, find out why",
        "delete the stale branch main",
        "branch: document how we name them",
        "title: Foo",
        "title should be bold",
        "pr: describe how to open one",
        "the pr none of us reviewed breaks the build",
        "quiet: the logger prints too much",
        "document the option `repo = 404less`",
        "document it:\n```\nrepo: 404less\n```",
        "port the report: weekly to the new API",
        "rename repo::shop to repo::store",
        "why does https://x.test/?repo=shop fail",
        "plan9: port it",
        "make the planner quieter",
        "deploy only if branch == main",
        "deploy only if branch==main",
        "if branch == main then deploy",
        "repo/shop is where the templates are",
        "rename repo/shop/src/main.rs to lib.rs",
        "update the docs in repo/shop",
        "the link to the repo. website and shop need it too",
        "clean up the repo, website and shop",
        "set $branch=main in the script",
        "`repo=404less` is not parsed, fix that",
        "use this as the example:\n`repo=404less`",
        "document `repo=404less`",
        "the options `plan=` ask and `quiet=` yes are missing in the docs",
        "`title=` should be optional",
        "branch main is red",
        "branch main lags behind",
        "plan auto scaling for the cluster",
        "pr none of us wrote breaks the build",
        "quiet no longer works",
        "repos\n404less\nare listed twice",
    ] {
        match read(text).settle(accepts) {
            Ok(Command::Start(request)) => assert_eq!(request.prompt, text),
            other => panic!("{text:?} is {other:?}"),
        }
    }
}

#[test]
fn help_names_everything_that_works_and_nothing_else() {
    let Help { commands, options } = help();
    let usages: Vec<&str> = commands.iter().map(|row| row.usage.as_str()).collect();
    assert_eq!(
        usages,
        [
            "",
            "[options] PROMPT",
            "[options] -- PROMPT",
            "help",
            "bind [REPO] [options]",
            "unbind",
            "bindings",
            "repos [TEXT]",
            "list",
            "status",
            "stop",
            "approve",
            "follow [LINK]",
            "version",
            "settings",
            "access",
            "key",
        ]
    );
    for usage in usages.into_iter().skip(3) {
        // The shortest form of each sub-command is its first word, and prints as it is read.
        let word = usage.split(' ').next().unwrap();
        let command = parse(word).unwrap();
        assert!(!matches!(command, Command::Start(_)), "{word} is a prompt");
        assert_eq!(command.to_string(), word);
    }
    let keys: Vec<&str> = options.iter().map(|row| row.usage.as_str()).collect();
    assert_eq!(
        keys,
        [
            "repo=REPO",
            "branch=BRANCH",
            "title=\"WORDS\"",
            "plan=ask|auto",
            "pr=auto|none",
            "quiet=yes|no",
            "ping=thread|dm|off",
            "context=thread|none"
        ]
    );
}

#[test]
fn printed_with_two_dashes_only_where_needed() {
    for (text, printed) in [
        ("go repo=a", "repo=a go"),
        ("repo=a -- go", "repo=a go"),
        ("-- list", "-- list"),
        ("-- rep=x go", "-- rep=x go"),
        ("repo=a -- plan=ask", "repo=a -- plan=ask"),
        ("repo=a --", "repo=a"),
        ("bind repo=a pr=none", "bind a pr=none"),
    ] {
        assert_eq!(parse(text).unwrap().to_string(), printed, "{text:?}");
    }
}

#[test]
fn long_and_hostile_text_passes_in_linear_time() {
    for part in
        ["`", "a` ", "title=\"", "title=“ ", "rep=", "repo=", "``` ", "\\\"", "-", "é\u{301}"]
    {
        // Not the time is asserted but that it ends: quadratic would take minutes here.
        let _ = parse(&part.repeat(400_000 / part.len()));
    }
}
