//! What a session is about: its plan, its work and its changes, so that they fit each other.
//!
//! Tests get one small change. The demo's sessions are chosen by words of the prompt: five that were
//! written for its samples, and one made of the prompt's own words for everything else.

use super::ids;
use super::script::{Step, Story};

/// What Jules plans, does and leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scenario {
    /// The plan's steps: a title and a description each.
    pub(super) plan: Vec<(String, String)>,
    /// What happens between the plan and the change.
    pub(super) work: Vec<Step>,
    /// What is asked where the session asks something.
    pub(super) question: String,
    /// Why it fails, where it does.
    pub(super) failure: String,
    pub(super) diff: String,
    /// The commit's message: a line, and the rest. The pull request has them, too; it doesn't have the
    /// session's title.
    pub(super) commit: (String, String),
    /// What changes when the session is woken after its end.
    follows_up: bool,
}

impl Scenario {
    /// The scenario and the story of a new session.
    pub(super) fn choose(story: Story, prompt: &str) -> (Self, Story) {
        if story != Story::ByPrompt {
            return (Self::plain(prompt), story);
        }
        let has = |words: &str| prompt.to_lowercase().contains(words);
        if has("fail") || has("upgrade react") {
            (Self::upgrade(), Story::Fails)
        } else if has("old api") {
            (Self::old_api(), Story::Asks)
        } else if has("ask me") {
            (Self::of_words(prompt), Story::Asks)
        } else if has("get stuck") {
            (Self::of_words(prompt), Story::Stuck)
        } else if has("only plan") {
            (Self::of_words(prompt), Story::PlanOnly)
        } else if has("dark mode") {
            (Self::dark_mode(), Story::Plain)
        } else if has("login page") {
            (Self::login(), Story::Plain)
        } else if has("rename frontend") {
            (Self::rename(), Story::Plain)
        } else {
            (Self::of_words(prompt), Story::Plain)
        }
    }

    /// What a message after the end sets off.
    pub(super) fn after(&self, message: &str) -> Self {
        if self.follows_up { Self::of_words(message) } else { self.clone() }
    }

    /// A change of two small files, whatever the prompt.
    pub(super) fn plain(prompt: &str) -> Self {
        let task: String = first_line(prompt).chars().take(80).collect();
        Self {
            plan: steps(&[
                (
                    "Explore the code",
                    "- Read the files that the task touches.\n- Note every place that must change.\n",
                ),
                (&format!("Make the change: {task}"), "- Edit `README.md` and `src/app.js`.\n"),
                ("Run the tests", "- Run the whole suite and fix what breaks.\n"),
                ("Submit", "- Commit with a message that says why.\n"),
            ]),
            work: vec![progress("I have looked through the repository.", "")],
            question: "Should the old name keep working for now, or may I remove it?".to_owned(),
            failure: "Unable to install dependencies".to_owned(),
            diff: PLAIN.to_owned(),
            commit: pair("feat: export the app's name", "The README says it, too."),
            follows_up: false,
        }
    }

    fn rename() -> Self {
        Self {
            plan: steps(&[
                (
                    "Find every mention of `frontend`",
                    "- Search code, configuration and docs.\n- Leave the word alone where it means the \
                     job, not the folder.\n",
                ),
                (
                    "Move `frontend/` to `website/`",
                    "- Use `git mv`, so that the history stays.\n- Rename the package to \
                     `@404less/website`.\n",
                ),
                (
                    "Update what points there",
                    "- The working directories in `.github/workflows/deploy.yml`.\n- The table of \
                     folders in `README.md`.\n",
                ),
                ("Build and test", "- `npm ci`, `npm run build`, `npm test` in `website/`.\n"),
            ]),
            work: vec![
                progress("I found 7 mentions of `frontend` in 4 files.", ""),
                ran(
                    "git grep -n frontend",
                    ".github/workflows/deploy.yml:15:        working-directory: \
                     frontend\nREADME.md:11:| `frontend` | the website |\nfrontend/package.json:2:  \
                     \"name\": \"@404less/frontend\",",
                    0,
                ),
                ran("npm test", "Test Files  6 passed (6)\n     Tests  41 passed (41)", 0),
            ],
            diff: include_str!("scenarios/rename.diff").to_owned(),
            commit: pair(
                "refactor: move frontend to website",
                "The folder, its package and the deployment have the new name. Nothing else changes.",
            ),
            ..Self::of_words("rename frontend to website")
        }
    }

    fn dark_mode() -> Self {
        Self {
            plan: steps(&[
                (
                    "Turn the colours into tokens",
                    "- `src/styles/tokens.css` gets a light and a dark value for each colour.\n- No \
                     component keeps a colour of its own.\n",
                ),
                (
                    "Follow the system",
                    "- `prefers-color-scheme` decides until someone chooses.\n- A choice is kept in \
                     `localStorage`.\n",
                ),
                (
                    "Add a switch to the header",
                    "- A `ThemeToggle` button with `aria-pressed`, reachable by keyboard.\n",
                ),
                (
                    "Verify",
                    "- Unit tests for the stored choice.\n- Screenshots of the start page in both \
                     themes, contrast at least 4.5:1.\n",
                ),
            ]),
            work: vec![
                progress(
                    "I have moved 3 colours into tokens.",
                    "`src/styles/tokens.css` has a light and a dark value for each.",
                ),
                ran("npx vitest run src/theme.test.ts", " ✓ a choice outlives a reload (1)", 0),
                Step::Picture {
                    title: "Frontend verification".to_owned(),
                    description: "The start page in the dark theme.".to_owned(),
                },
            ],
            question: "Should the switch have a third position for *system*?".to_owned(),
            diff: include_str!("scenarios/dark_mode.diff").to_owned(),
            commit: pair(
                "feat: add a dark theme",
                "The page follows the system until someone chooses with the switch in the header.",
            ),
            ..Self::of_words("add a dark mode")
        }
    }

    fn login() -> Self {
        Self {
            plan: steps(&[
                (
                    "Reproduce it in Safari 17",
                    "- Open `/login` with WebKit, and read the console.\n",
                ),
                (
                    "Read the session without `cookieStore`",
                    "- Safari 17 doesn't have it, so `session` is undefined there.\n- `src/cookie.ts` \
                     reads `document.cookie`, which every browser has.\n",
                ),
                ("Test", "- The page with and without a session, in WebKit and Chromium.\n"),
            ]),
            work: vec![
                progress("I can reproduce it: `cookieStore` is undefined in Safari 17.", ""),
                ran("npx playwright test login", "  4 passed (WebKit, Chromium)", 0),
            ],
            diff: include_str!("scenarios/login.diff").to_owned(),
            commit: pair(
                "fix: read the session in browsers without cookieStore",
                "The login page stayed blank in Safari 17, which doesn't have it.",
            ),
            ..Self::of_words("fix the login page")
        }
    }

    fn old_api() -> Self {
        Self {
            plan: steps(&[
                (
                    "List what the old API offers",
                    "- Routes under `src/api/v1`, and who calls them according to the access log.\n",
                ),
                (
                    "Remove the unused routes",
                    "- `GET /v1/drinks` and `POST /v1/order` have had no calls for 90 days.\n",
                ),
                ("Ask about the rest", "- `GET /v1/export` is still called every night.\n"),
                ("Update the docs and run the tests", "- `docs/api.md` lists what is left.\n"),
            ]),
            work: vec![
                progress("I have looked at 3 routes of the old API.", ""),
                ran(
                    "scripts/calls-by-route --days 90",
                    "GET  /v1/drinks        0\nPOST /v1/order         0\nGET  /v1/export       90",
                    0,
                ),
            ],
            question: "Two of the three old routes are unused, so I'll remove `GET /v1/drinks` and `POST \
                       /v1/order`.\n\n`GET /v1/export` is still called **once a night**, probably by the \
                       accounting job:\n\n1. Keep it as it is\n2. Redirect it to `/v2/orders.csv`\n3. \
                       Remove it as well\n\nWhich one do you want?"
                .to_owned(),
            diff: include_str!("scenarios/old_api.diff").to_owned(),
            commit: pair(
                "refactor!: remove the unused routes of API v1",
                "`/v1/drinks` and `/v1/order` had no calls in 90 days. `/v1/export` stays.",
            ),
            ..Self::of_words("remove the old API")
        }
    }

    fn upgrade() -> Self {
        Self {
            plan: steps(&[
                (
                    "Check for outdated packages",
                    "- `npm outdated`, then the changelogs of majors.\n",
                ),
                ("Upgrade one major version at a time", "- React 18 → 19, Vite 6 → 7.\n"),
                ("Run the tests", "- After each upgrade, not only at the end.\n"),
            ]),
            work: vec![ran(
                "npm install react@19 react-dom@19",
                "npm error code ERESOLVE\nnpm error ERESOLVE could not resolve\nnpm error peer \
                 react@\"^18.0.0\" from react-charts@3.2.0",
                1,
            )],
            failure: "Unable to install dependencies: react-charts@3.2.0 needs React 18".to_owned(),
            ..Self::of_words("upgrade all dependencies")
        }
    }

    /// Made of the prompt's own words: the file that it's about, how much changes, and what it's called.
    fn of_words(prompt: &str) -> Self {
        let prompt = first_line(prompt);
        let words: Vec<String> = prompt
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|word| word.len() > 2)
            .map(str::to_lowercase)
            .collect();
        let slug = words[words.len().saturating_sub(2)..].join("-");
        let slug = if slug.is_empty() { "page".to_owned() } else { slug };
        let size = 2 + usize::try_from(ids::mix(prompt.len() as u64) % 6).unwrap_or(0);
        let short: String = prompt.chars().take(60).collect();
        Self {
            plan: steps(&[
                (
                    &format!("Read `src/{slug}.ts` and what uses it"),
                    "- Find out what it does today, and what its tests expect.\n",
                ),
                (&format!("Change it: {short}"), "- Keep its interface as it is.\n"),
                ("Test", &format!("- Add `tests/{slug}.test.ts`, and run all tests.\n")),
            ]),
            work: vec![
                progress(&format!("I have read `src/{slug}.ts` and its callers."), ""),
                ran("npm test", &format!("Tests  {} passed ({0})", 20 + size), 0),
            ],
            question:
                "There are two ways to do this. Should I prefer the *smaller change*, or the one \
                       that also cleans up the code around it?"
                    .to_owned(),
            failure: "Unable to install dependencies".to_owned(),
            diff: diff_of(&slug, size),
            commit: pair(&format!("feat: {}", lowered(&short)), "Covered by a test."),
            follows_up: true,
        }
    }
}

/// Two files: one in which some lines change, and a new one.
fn diff_of(slug: &str, size: usize) -> String {
    let lines = |sign: char, count: usize, line: &dyn Fn(usize) -> String| -> String {
        (1..=count).map(|nth| format!("{sign}{}\n", line(nth))).collect()
    };
    let (removed, added, tests) = (size, size + 3, size * 2 + 3);
    let mut diff = format!(
        "diff --git a/src/{slug}.ts b/src/{slug}.ts\nindex 3b18e51..a042389 100644\n\
         --- a/src/{slug}.ts\n+++ b/src/{slug}.ts\n\
         @@ -10,{} +10,{} @@\n export function update(page: Page) {{\n",
        removed + 2,
        added + 2
    );
    diff += &lines('-', removed, &|nth| format!("  page.section({nth}).draw();"));
    diff +=
        &lines('+', added, &|nth| format!("  await page.section({nth}).draw({{ fresh: true }});"));
    diff += " }\n";
    diff += &format!(
        "diff --git a/tests/{slug}.test.ts b/tests/{slug}.test.ts\nnew file mode 100644\n\
         index 0000000..f0f2f76\n--- /dev/null\n+++ b/tests/{slug}.test.ts\n@@ -0,0 +1,{tests} @@\n"
    );
    diff += &lines('+', tests, &|nth| format!("test(\"section {nth}\", () => isFresh({nth}));"));
    diff
}

fn first_line(prompt: &str) -> &str {
    prompt.trim().lines().next().unwrap_or_default()
}

fn lowered(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn steps(steps: &[(&str, &str)]) -> Vec<(String, String)> {
    steps.iter().map(|(title, description)| pair(title, description)).collect()
}

fn pair(one: &str, other: &str) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

fn progress(title: &str, description: &str) -> Step {
    Step::Progress { title: title.to_owned(), description: description.to_owned() }
}

fn ran(command: &str, output: &str, exit_code: i32) -> Step {
    Step::Ran { command: command.to_owned(), output: output.to_owned(), exit_code }
}

const PLAIN: &str = "diff --git a/README.md b/README.md\n\
index 3b18e51..a042389 100644\n\
--- a/README.md\n\
+++ b/README.md\n\
@@ -1,2 +1,3 @@\n \
# Hello\n\
-An old line\n\
+A new line\n\
+And one more\n\
diff --git a/src/app.js b/src/app.js\n\
new file mode 100644\n\
index 0000000..f0f2f76\n\
--- /dev/null\n\
+++ b/src/app.js\n\
@@ -0,0 +1,2 @@\n\
+export const name = 'website';\n\
+export default name;\n";

#[cfg(test)]
mod tests {
    use super::*;

    /// The two counts of a hunk's header, `@@ -1,2 +3,4 @@`: 2 and 4.
    fn counts(header: &str) -> [usize; 2] {
        let mut sides = header.split(' ').skip(1).take(2);
        [(); 2].map(|()| {
            let side = sides.next().unwrap();
            side.split_once(',').map_or(1, |(_, count)| count.parse().unwrap())
        })
    }

    #[test]
    fn every_hunk_has_as_many_lines_as_its_header_says() {
        for prompt in [
            "rename frontend to website",
            "add a dark mode",
            "remove the old API",
            "fix the login page",
            "upgrade everything, even if it may fail",
            "日本語だけ",
            "fix the footer",
            "",
        ] {
            let (scenario, _) = Scenario::choose(Story::ByPrompt, prompt);
            let mut left = [0, 0];
            for line in scenario.diff.lines() {
                if line.starts_with("@@") {
                    assert_eq!(left, [0, 0], "{prompt}, before {line}");
                    left = counts(line);
                } else if left != [0, 0] {
                    left[0] -= usize::from(!line.starts_with('+'));
                    left[1] -= usize::from(!line.starts_with('-'));
                }
            }
            assert_eq!(left, [0, 0], "{prompt}");
        }
    }

    #[test]
    fn tasks_differ_in_what_they_change() {
        let diffs = ["fix the footer", "speed up the search page", "translate the menu"]
            .map(|prompt| Scenario::choose(Story::ByPrompt, prompt).0.diff);
        assert!(diffs[0].contains("src/the-footer.ts") && !diffs[1].contains("footer"));
        assert!(diffs[1] != diffs[2]);
    }
}
