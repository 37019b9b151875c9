//! Short names of emoji, `:eyes:`.

use maud::{Markup, html};

/// Slack's names that differ from those of GitHub, which the table of the crate has.
const OWN_NAMES: &[(&str, &str)] = &[("double_vertical_bar", "⏸️"), ("large_orange_circle", "🟠")];

/// The sign of a name without its colons; `None` for a name that Slack shows as it stands.
pub(super) fn of(name: &str) -> Option<&'static str> {
    let own = OWN_NAMES.iter().find(|(known, _)| *known == name).map(|(_, sign)| *sign);
    own.or_else(|| Some(emojis::get_by_shortcode(name)?.as_str()))
}

/// The sign, with its name for those who do not see it.
pub(super) fn drawn(name: &str, sign: &str) -> Markup {
    html! { span.emoji role="img" aria-label=(name.replace('_', " ")) { (sign) } }
}

#[cfg(test)]
mod tests {
    use super::of;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
    }

    #[test]
    fn every_emoji_that_the_bot_says_has_a_sign() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/slack/src");
        let mut names = Vec::new();
        for file in sources(&folder) {
            let text = fs::read_to_string(file).unwrap();
            for word in text.split(|c: char| !(c.is_ascii_lowercase() || "_:".contains(c))) {
                let name = word.strip_prefix(':').and_then(|word| word.strip_suffix(':'));
                names.extend(
                    name.filter(|name| !name.contains(':') && !name.is_empty()).map(str::to_owned),
                );
            }
        }
        assert!(names.iter().any(|name| name == "white_check_mark"), "found: {names:?}");
        for name in names {
            assert!(of(&name).is_some(), ":{name}: has no sign");
        }
    }
}
