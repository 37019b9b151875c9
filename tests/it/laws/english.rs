//! What people really ask for is never refused, however much it looks like an option or a sub-command;
//! and an option that is written wrongly never passes for words.

use domain::ids::{AccountId, ChannelId, DeliveryId, TeamId, UserId};
use domain::inbound::{
    Access, Answer, Facts, Inbound, Origin, Place, Reply, ReplyRoute, UsableAccount, Write, handle,
};
use domain::message::Notice;
use domain::repo::{Branch, RepoRef, Source, SourceName};
use domain::tenant::{Actor, Role};
use domain::words::{Names, Words};
use jiff::Timestamp;
use proptest::prelude::*;

/// Tasks as people write them, many with words that mean something to the bot.
const TASKS: &[&str] = &[
    "fix the login page",
    "rename frontend to website",
    "add a dark mode",
    "add dark mode to the settings page",
    "explain why repo is slow",
    "explain how the repo is structured",
    "make the repo build on Windows",
    "the repo has two lockfiles, remove one",
    "this repo needs a licence, add MIT",
    "repo is missing a README, write one",
    "repo cleanup: delete files that nobody imports",
    "repo hygiene: remove dead code",
    "move the shared code into its own repo folder",
    "find out which repo files are larger than 1 MB",
    "document our branch names in CONTRIBUTING.md",
    "branch coverage is too low in parser.rs, write tests",
    "branch out the payment logic into a strategy",
    "the branch predictor simulation gives wrong counts",
    "explain what happens on the main branch when CI fails",
    "protect the main branch in our workflow file",
    "merge conflicts in package-lock.json break the branch build",
    "remove the branch that handles legacy cookies",
    "delete branch protection from the docs",
    "title case all headings",
    "the title of the page is wrong on mobile",
    "title tags are missing on the blog",
    "set the page title to the product's name",
    "change title and description of the landing page",
    "plan the migration to Postgres 16",
    "plan a refactoring of the billing module",
    "plan: migrate the db",
    "plan: first write tests, then refactor the parser",
    "planned downtime banner is shown twice",
    "plan names are cut off in the pricing table",
    "our plan to drop Node 18 needs a changelog entry",
    "pr template is outdated, rewrite it",
    "pr checks take 20 minutes, make them faster",
    "write a pr description generator",
    "the PR labeler labels nothing since March",
    "quiet the noisy logger in the worker",
    "quiet mode does not silence warnings",
    "make the build quiet",
    "add a quiet flag to the CLI",
    "list the endpoints in README",
    "list all users who never logged in",
    "list every place where we swallow errors",
    "lists are not announced by screen readers",
    "stop the flaky test",
    "stop using moment.js",
    "stop retrying on 401",
    "stop logging request bodies",
    "cancel stale requests early",
    "cancel buttons look disabled",
    "abort uploads when the tab closes",
    "kill zombie workers on deploy",
    "halt the rollout when error rates rise",
    "approve buttons are cut off on small screens",
    "approve flow sends two mails",
    "reject expired tokens with 401",
    "retry failed uploads with backoff",
    "retry logic ignores the Retry-After header",
    "resume interrupted downloads",
    "pause the video when the tab is hidden",
    "delete the old migrations",
    "delete unused CSS",
    "delete dead feature flags from config.yml",
    "version the public API",
    "version number is missing in the about dialog",
    "bump version to 2.4.0 and tag it",
    "help me with the build",
    "help text of the export command is wrong",
    "help users recover deleted projects",
    "status page is blank in Safari",
    "status codes are inconsistent, use 422 for validation",
    "settings: dark mode",
    "settings are lost after an update",
    "key rotation is broken",
    "key bindings for vim users",
    "key frames are skipped in the encoder",
    "bind the socket to port 3000",
    "bind the escape key to close the modal",
    "unbind the listener when the socket closes",
    "bindings for Python are missing type hints",
    "repos need a licence, add one to ours",
    "configure eslint for the monorepo",
    "config is read twice at startup, fix that",
    "login fails with a plus sign in the email",
    "login page: show an error when the password is wrong",
    "logout does not clear the session cookie",
    "new landing page copy for the spring campaign",
    "new users see an empty dashboard, add a hint",
    "ping the health endpoint before switching traffic",
    "continue the work on the importer, see docs/importer.md",
    "rerun failed jobs only",
    "set timeout = 30",
    "set timeout=30 in the http client",
    "set max_connections = 200 for postgres",
    "set NODE_ENV=production in the Dockerfile",
    "export FOO=bar before the tests run",
    "use a = b instead of a == b in the docs example",
    "replace x => y with function declarations",
    "change `port: 8080` to `port: 3000` in the compose file",
    "in the yaml, rename name: to title: everywhere",
    "add a column: created_at",
    "bug: the cart is empty after login",
    "feature: export as CSV",
    "todo: replace the deprecated crypto calls",
    "note: keep the old endpoint working while you move to v2",
    "question: why do we load the config twice?",
    "refactor: extract the mailer",
    "docs: describe the release process",
    "chore: bump dependencies",
    "feat: add pagination to /users",
    "fix: off by one in the pager",
    "ci: cache the cargo registry",
    "test: cover the error paths of the uploader",
    "perf: avoid N+1 queries in the feed",
    "security: escape user names in mails",
    "style: run prettier on everything",
    "build: switch to esbuild",
    "add tests for the date parser",
    "write unit tests for src/utils/date.ts",
    "increase test coverage of the auth module to 80%",
    "the test test_user_login fails about once a day, find out why",
    "why does `cargo test` hang on CI?",
    "why is the bundle 4 MB?",
    "what would it take to support Postgres?",
    "how do we handle time zones? write it down in docs/time.md",
    "can you make the search case-insensitive?",
    "could you please upgrade React to 19",
    "please fix the typo in the README",
    "please add a .gitignore for Python",
    "we need a script that seeds the database",
    "I want the sidebar to collapse on mobile",
    "the sidebar should collapse on mobile",
    "users can't upload files larger than 2 MB",
    "uploading a file over 2 MB returns 413, raise the limit to 20 MB",
    "when I click Save twice, two records are created",
    "after the last deploy the emails have no subject",
    "since v1.8.2 the app crashes on Android 9",
    "the app crashes when the network is slow",
    "it takes 12 seconds to load /reports, make it fast",
    "images are blurry on retina screens",
    "the footer overlaps the content on iOS",
    "center the logo",
    "make the buttons rounder",
    "make it faster",
    "clean up",
    "tidy up the imports",
    "remove console.log everywhere",
    "remove unused dependencies",
    "remove jQuery",
    "drop support for IE11",
    "drop the users_old table in a migration",
    "upgrade to Node 22",
    "upgrade sk-learn to 1.5",
    "update all dependencies and fix what breaks",
    "update the copyright year to 2026",
    "downgrade webpack to 5.88 because of the memory leak",
    "migrate from Jest to Vitest",
    "migrate the database to UUID primary keys",
    "port the CLI from Python to Rust",
    "port the build scripts to bash",
    "port 8080 is hard-coded, read it from the environment",
    "convert the class components to hooks",
    "convert README.rst to Markdown",
    "translate the error messages to German",
    "translate the UI to Japanese",
    "extract the email templates into their own module",
    "split utils.py, it has 3,000 lines",
    "merge the two config loaders",
    "move constants.ts to shared/",
    "rename getUser to fetchUser",
    "rename the column usr_nm to user_name",
    "replace lodash with native functions",
    "replace all tabs by spaces",
    "revert the last change to the header",
    "revert commit 3f9c0d1",
    "undo the layout change from Tuesday",
    "implement the endpoint from docs/spec.md",
    "implement RFC 9457 problem details for all errors",
    "implement OAuth login with GitHub",
    "add a rate limiter: 100 requests a minute per key",
    "add caching with Redis",
    "add a health check endpoint",
    "add logging to the payment webhook",
    "add an index on orders.customer_id",
    "add a --verbose option to the CLI",
    "add --dry-run to the deploy script",
    "support --json in all commands",
    "parse --since and --until in the log viewer",
    "run the linter and fix all warnings",
    "run `npm audit fix`",
    "run the benchmarks and put the numbers in docs/bench.md",
    "install and configure Storybook",
    "install pre-commit hooks for ruff and mypy",
    "set up a GitHub workflow that runs the tests on push",
    "set up Docker for local development",
    "setup.py is outdated, move to pyproject.toml",
    "start the server on a random port in tests",
    "restart the worker after 1000 jobs",
    "show the number of open issues on the dashboard",
    "show a spinner while the list loads",
    "hide the banner for paying users",
    "disable the submit button while saving",
    "enable strict mode in TypeScript and fix the errors",
    "validate emails on the server too",
    "sanitize the HTML that users paste",
    "encrypt backups at rest",
    "hash passwords with argon2",
    "log in as admin does not work on staging",
    "log levels should be configurable",
    "logs contain passwords, redact them",
    "session cookies should be SameSite=Lax",
    "session handling leaks memory",
    "task queue stalls after a restart",
    "tasks are sorted by name, sort them by date",
    "model the order states as an enum",
    "models/user.py has circular imports",
    "init scripts fail on Alpine",
    "info boxes need an icon",
    "invite mails land in spam, set the SPF header",
    "subscribe to the right topic in the MQTT client",
    "feedback form posts to the wrong URL",
    "archive posts older than two years",
    "about page: add the team's photos",
    "options in the select are not sorted",
    "show options only when there are any",
    "reset the counter at midnight UTC",
    "remove the reset button",
    "me and Ben see different totals, find out why",
    "ok to drop the legacy API now, remove it",
    "yes/no prompts hang without a TTY",
    "no results page looks broken",
    "thanks page after checkout is blank",
    "hello world example does not compile",
    "again the import fails with a 500, look at the logs in docs/",
    "see docs/plan.md and do the first two points",
    "do what TODO.md says",
    "read the failing test in tests/auth_test.go and fix the code",
    "look at issue 214 and fix it",
    "fix #123",
    "fix ENG-4521",
    "fix https://github.com/acme/api/issues/77",
    "see https://example.com/?repo=shop&branch=main and do the same",
    "open https://example.com/a?plan=pro and reproduce the layout bug",
    "the link https://example.com/docs: 404, fix it",
    "port this gist: https://gist.github.com/ann/3f9c0d1e",
    "use the branch name in the docker tag",
    "use the repo name in the page title",
    "print repo and branch in the footer",
    "put the repo, the branch and the commit in the version string",
    "support repo: and user: filters in the search",
    "search for `repo: x` finds nothing",
    "document the options `repo=` and `branch=` of our bot",
    "the docs say \"repo=shop\", but it should say \"repo=store\"",
    "write that 'plan=ask' is the default",
    "the API returns `quiet=false` although I set `quiet=true`",
    "make `?pr=none` work in the dashboard's address",
    "for each repo in repos.txt, print its default branch",
    "if branch == main then deploy",
    "fail when repo == null",
    "const repo = getRepo() is called twice in index.ts",
    "let branch = null crashes the badge",
    "def plan(self): is missing a docstring",
    "the repl prints the prompt twice",
    "repro: open the app, click twice, it crashes",
    "reproduce the crash from issue 12",
    "the reporter prints wrong totals",
    "report: weekly numbers are off by one",
    "print(title) raises a UnicodeError",
    "tile the background image",
    "play sounds when a build fails",
    "play/pause buttons overlap",
    "lint",
    "lint the Python files",
    "find dead links in the docs",
    "check for SQL injections in the reports module",
    "check that all routes need a login",
    "audit the permissions of the admin routes",
    "profile the startup and make it twice as fast",
    "benchmark the parser against the old one",
    "summarize what changed since v1.0 in CHANGELOG.md",
    "write release notes for 3.2",
    "write a blog post about the new editor in docs/blog",
    "write an ADR on why we chose SQLite",
    "draw the architecture as a mermaid diagram in README",
    "comment the tricky parts of scheduler.go",
    "add type annotations to api/views.py",
    "fix all mypy errors",
    "fix clippy warnings",
    "fix the build",
    "fix typo",
    "fix it",
    "try again with a smaller batch size in train.py",
    "the accept header is ignored",
    "accepting an invite twice fails",
    "usage numbers are wrong in the billing mail",
    "commands are not completed in fish",
    "- first fix the test\n- then bump the version",
    "1. add a test\n2. fix the bug\n3. update the docs",
    "the build fails:\n```\nerror: repo = x\n  plan: none\n```\nfind out why",
    "in the table\nName: ann\nTitle: engineer\nthe second line is cut off",
    "make the badge say “build: passing”",
    "use 'single quotes' everywhere",
    "don't show the users' emails to other users",
    "what's the '90s theme for? remove it",
    "set the width to 15\" in the print style",
    "größe der Schrift im Menü anpassen",
    "corrige la faute dans le titre",
    "ログイン画面のバグを直して",
    "修复登录页面的错误",
    "añade pruebas para el módulo de pagos",
    "🚀 make the landing page pop",
    "ship it to staging when the tests pass",
];

const REPOSITORIES: &[&str] = &[
    "AshikNesin/404less",
    "zeta/shop",
    "acme/api",
    "acme/web-frontend",
    "acme/data.pipeline",
    "beta/landing-page",
];

fn sources() -> Vec<Source> {
    let source = |path: &&str| {
        let (owner, repo) = path.split_once('/').unwrap();
        Source {
            name: SourceName(format!("sources/github/{path}")),
            repo: RepoRef { owner: owner.to_owned(), repo: repo.to_owned() },
            default_branch: Some(Branch("main".to_owned())),
            branches: Some(["main", "develop", "release/2"].map(|b| Branch(b.to_owned())).to_vec()),
        }
    };
    REPOSITORIES.iter().map(source).collect()
}

fn actor() -> Actor {
    Actor {
        team: TeamId::parse("T1").unwrap(),
        user: UserId::parse("U1").unwrap(),
        role: Role::Member,
    }
}

fn origin() -> Origin {
    Origin {
        delivery: DeliveryId::of(&["one"]),
        place: Some(Place { channel: ChannelId::parse("C1").unwrap(), root: None }),
        reply: ReplyRoute::Command(None),
        trigger: None,
    }
}

/// What a command gets from a team with these repositories.
fn answer(text: &str) -> Answer {
    let (sources, account, names) = (sources(), AccountId::of_settings(), Names::new());
    let accounts = [UsableAccount { id: &account, owner: None, sources: Some(&sources) }];
    let facts = Facts {
        applied: None,
        accounts: &accounts,
        binding: None,
        is_binding_damaged: false,
        person: None,
        settings: None,
        access: Access::unruled(),
        names: &names,
        seen: false,
        bot: None,
        sources: Some(&sources),
        task: None,
        successor: None,
        workspace: None,
    };
    let inbound = Inbound::Command(Words::plain(text));
    handle(&inbound, &actor(), &origin(), &facts, Timestamp::UNIX_EPOCH)
}

/// The words that a task of it would have.
fn task_of(text: &str) -> Option<String> {
    match answer(text).write? {
        Write::Task(task) => Some(task.ask.prompt),
        Write::Input(..)
        | Write::Bind(..)
        | Write::Unbind(_)
        | Write::Settings(_)
        | Write::Once(_) => None,
    }
}

fn corrected(text: &str) -> Option<String> {
    match answer(text).reply {
        Reply::Notice(notice) => match *notice {
            Notice::CommandError { error, .. } => error.corrected().map(str::to_owned),
            _ => None,
        },
        _ => None,
    }
}

/// How people write the same thing.
fn written(task: &str, way: usize) -> String {
    match way {
        0 => task.to_owned(),
        1 => {
            let mut chars = task.chars();
            let first = chars.next().map(char::to_uppercase);
            first.into_iter().flatten().chain(chars).collect()
        }
        2 => format!("{task}."),
        3 => format!("hey, {task}"),
        4 => format!("{task}, please"),
        5 => format!("{task}\nand write a test for it"),
        6 => format!("we had this before:\n{task}"),
        _ => format!("{task}!\n\nThanks"),
    }
}

#[test]
fn no_task_in_plain_words_is_refused() {
    let mut refused = Vec::new();
    for task in TASKS {
        for way in 0..8 {
            let text = written(task, way);
            // A word or two may be a sub-command on their own.
            if way == 2 && task.split_whitespace().count() < 2 {
                continue;
            }
            if task_of(&text).as_deref() != Some(text.trim()) {
                refused.push(text.clone());
            }
            let option = format!("repo=404less {text}");
            if task_of(&option).as_deref() != Some(text.trim()) {
                refused.push(option);
            }
        }
    }
    assert!(TASKS.len() > 250, "{} tasks", TASKS.len());
    assert!(refused.is_empty(), "{} refused: {refused:#?}", refused.len());
}

/// An option that its key accepts.
fn option() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("repo", "404less"),
        ("repo", "zeta/shop"),
        ("repo", "https://github.com/acme/api"),
        ("repo", "data.pipeline"),
        ("branch", "develop"),
        ("branch", "release/2"),
        ("plan", "ask"),
        ("plan", "auto"),
        ("pr", "none"),
        ("quiet", "yes"),
    ])
}

/// How an option is written wrongly: the sign, what is around it, a letter.
fn slip() -> impl Strategy<Value = (String, bool)> {
    let sign = prop::sample::select(vec![
        " = ",
        "= ",
        " =",
        " : ",
        ": ",
        "：",
        "＝",
        " ＝ ",
        " := ",
        ":=",
        " -> ",
        " => ",
        " == ",
        "==",
        " - ",
        " — ",
        " – ",
        "\u{a0}=\u{a0}",
        "\u{3000}＝\u{3000}",
        "=\u{a0}",
        " → ",
        "|",
    ]);
    let dashes = prop::sample::select(vec!["--", "-", "—", "–", "−−", "―", "－－"]);
    let marks =
        prop::sample::select(vec![("*", "*"), ("_", "_"), ("**", "**"), ("~", "~"), ("(", ")")]);
    let case = any::<bool>();
    let mutation = prop_oneof![
        4 => sign.prop_map(|sign| format!("KEY{sign}VALUE")),
        2 => (dashes, prop::sample::select(vec![" ", "=", " = ", ": "]))
            .prop_map(|(dashes, sign)| format!("{dashes}KEY{sign}VALUE")),
        2 => marks.prop_map(|(open, close)| format!("{open}KEY=VALUE{close}")),
        1 => prop::sample::select(vec![("*", "*"), ("_", "_"), ("**", "**")])
            .prop_map(|(open, close)| format!("{open}KEY:{close} VALUE")),
    ];
    (mutation, case)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn an_option_that_is_written_wrongly_is_always_noticed(
        (key, value) in option(), (slip, upper) in slip(), place in 0..5_usize, task in 0..TASKS.len(),
    ) {
        let key_text = if upper { key.to_uppercase() } else { key.to_owned() };
        let slip = slip.replace("KEY", &key_text).replace("VALUE", value);
        // Whole sentences that name no option themselves.
        let task = TASKS[task].lines().next().unwrap_or_default();
        prop_assume!(!task.contains(['`', '"', '\'', '“']) && !task.ends_with(':'));
        // Only a repository is compared with nothing: `deploy if branch == main` is a condition.
        prop_assume!(key == "repo" || !slip.contains("==") || !matches!(place, 1 | 2));
        let text = match place {
            0 => format!("{slip} {task}"),
            1 => format!("{task} {slip}"),
            2 => format!("{task}\n{slip}"),
            3 => format!("{slip}\n{task}"),
            _ => format!("title=x {slip} {task}"),
        };
        let found = answer(&text);
        let is_noticed = matches!(&found.reply, Reply::Notice(notice)
            if matches!(**notice, Notice::CommandError { .. }));
        prop_assert!(is_noticed && found.write.is_none(), "{text:?} is {found:?}");
        if let Some(corrected) = corrected(&text) {
            // One click from here to a task with that option.
            let again = answer(&corrected);
            prop_assert!(again.write.is_some(), "{text:?} became {corrected:?}: {again:?}");
            let plain = format!("{key}={value}");
            prop_assert!(corrected.contains(&plain), "{text:?} became {corrected:?}");
        }
    }

    #[test]
    fn a_key_with_a_wrong_letter_is_noticed(
        (key, value) in option(), kind in 0..4_usize, at in any::<prop::sample::Index>(),
        letter in "[a-z]", at_the_end in any::<bool>(),
    ) {
        // `pr` has too many honest neighbours.
        prop_assume!(key.len() >= 4);
        let mut letters: Vec<char> = key.chars().collect();
        let at = at.index(letters.len());
        match kind {
            0 => drop(letters.remove(at)),
            1 => letters.insert(at, letter.chars().next().unwrap()),
            2 => letters[at] = letter.chars().next().unwrap(),
            _ if at > 0 => letters.swap(at - 1, at),
            _ => {}
        }
        let typed: String = letters.into_iter().collect();
        let honest = [
            "brunch", "lan", "pan", "play", "ranch", "redo", "rego", "repl", "repr", "repro", "reps",
        ];
        prop_assume!(typed != key && !honest.contains(&typed.as_str()));
        let text = if at_the_end {
            format!("fix the login page {typed}={value}")
        } else {
            format!("{typed}={value} fix the login page")
        };
        let corrected = corrected(&text);
        let plain = format!("{key}={value}");
        prop_assert!(corrected.is_some_and(|text| text.contains(&plain)), "{text}");
    }
}
