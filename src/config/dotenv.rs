//! The file `.env` in the working directory: whether it can be trusted, and what it says.
//!
//! Values are read as written: secrets may contain `$`, `#` and `\`, so nothing is substituted.
//! Comments, `export` and quotes work as in other programs that read such files.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// In bytes. Settings take a few hundred; the limit keeps a file that isn't one out of memory.
const MOST: u64 = 1024 * 1024;

/// A file that exists, whether or not it could be read.
pub(super) struct Dotenv {
    /// Absolute, so that people know which file is meant.
    pub(super) path: PathBuf,
    pub(super) values: HashMap<String, String>,
    /// Each names the file and the fix, and none repeats what the file says.
    pub(super) mistakes: Vec<String>,
}

/// `None` when there is no such file.
pub(super) fn read(path: &Path) -> Option<Dotenv> {
    let opened = File::open(path);
    let is_missing = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    // A link to nothing is a mistake, not a missing file.
    if opened.as_ref().is_err_and(is_missing) && path.symlink_metadata().is_err() {
        return None;
    }
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let (values, mistakes) = match text(opened, &path) {
        Ok(text) => parse(&text, &path),
        Err(mistakes) => (HashMap::new(), mistakes),
    };
    Some(Dotenv { path, values, mistakes })
}

/// Judges the file that was opened: by now its path may lead to another one.
fn text(opened: io::Result<File>, path: &Path) -> Result<String, Vec<String>> {
    let shown = path.display();
    let unreadable = |error| {
        vec![format!(
            "{shown} can't be read: {error}. Make it readable for this user, or remove it."
        )]
    };
    let file = opened.map_err(unreadable)?;
    let facts = file.metadata().map_err(unreadable)?;
    if facts.is_dir() {
        return Err(vec![format!("{shown} is a directory. Rename or remove it.")]);
    }
    let dangers = dangers(&facts, path);
    if !dangers.is_empty() {
        return Err(dangers);
    }
    let mut bytes = Vec::new();
    let length = file.take(MOST + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if length as u64 > MOST {
        return Err(vec![format!("{shown} is larger than 1 MiB. Put only settings there.")]);
    }
    decoded(&bytes).map_err(|wrong| vec![format!("{shown} {wrong}. Save it as UTF-8.")])
}

#[cfg(unix)]
fn dangers(facts: &Metadata, path: &Path) -> Vec<String> {
    use std::os::unix::fs::MetadataExt;
    let us = rustix::process::geteuid().as_raw();
    written_by_others(facts.mode(), facts.uid(), us, path)
}

/// Other systems have no such owner and mode.
#[cfg(not(unix))]
fn dangers(_: &Metadata, _: &Path) -> Vec<String> {
    Vec::new()
}

/// Anyone who can write the file can have our tokens sent to their own address. Root can read them
/// anyway.
#[cfg(unix)]
fn written_by_others(mode: u32, owner: u32, us: u32, path: &Path) -> Vec<String> {
    const ROOT: u32 = 0;
    const GROUP_OR_OTHERS_WRITE: u32 = 0o022;
    let shown = path.display();
    let mut mistakes = Vec::new();
    if owner != us && owner != ROOT {
        mistakes.push(format!(
            "{shown} belongs to another user (uid {owner}), so it wasn't read. Remove it, or if you \
             trust what it says, run: chown {us} {shown}"
        ));
    }
    if mode & GROUP_OR_OTHERS_WRITE != 0 {
        mistakes.push(format!(
            "{shown} can be changed by other users (mode {:03o}), so it wasn't read. Run: chmod go-w \
             {shown}",
            mode & 0o777
        ));
    }
    mistakes
}

/// UTF-8 with or without a byte order mark, or UTF-16 with one, as PowerShell writes it.
fn decoded(bytes: &[u8]) -> Result<String, String> {
    let text = match bytes {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        [0xEF, 0xBB, 0xBF, rest @ ..] | rest => utf8(rest)?,
    };
    // UTF-16 without a byte order mark has them.
    if text.contains('\0') {
        return Err("isn't a text file".to_owned());
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<String, String> {
    let text = str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        format!("isn't UTF-8 text on line {line}")
    })?;
    Ok(text.to_owned())
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, odd) = bytes.as_chunks();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    let text = String::from_utf16(&units).ok().filter(|_| odd.is_empty());
    text.ok_or_else(|| "isn't valid UTF-16".to_owned())
}

/// What is wrong with a line, and the fix.
type Wrong = (&'static str, &'static str);

/// Of several lines with the same name the last one counts.
fn parse(text: &str, path: &Path) -> (HashMap<String, String>, Vec<String>) {
    let (mut values, mut mistakes) = (HashMap::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        match pair(line.trim()) {
            Ok(pair) => values.extend(pair),
            Err((wrong, fix)) => {
                mistakes.push(format!("{} {wrong} on line {number}. {fix}", path.display()));
            }
        }
    }
    (values, mistakes)
}

/// `None` for a line that is empty or a comment.
fn pair(line: &str) -> Result<Option<(String, String)>, Wrong> {
    const NO_PAIR: Wrong = (
        "has something other than NAME=value",
        "Write each setting on one line, and # before a comment.",
    );
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let exported = line.strip_prefix("export").filter(|rest| rest.starts_with(char::is_whitespace));
    let (name, text) = exported.unwrap_or(line).split_once('=').ok_or(NO_PAIR)?;
    let name = name.trim();
    if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '#') {
        return Err(NO_PAIR);
    }
    Ok(Some((name.to_owned(), value(text)?)))
}

fn value(text: &str) -> Result<String, Wrong> {
    let start = text.trim_start();
    let Some(quote) = start.chars().next().filter(|first| matches!(first, '\'' | '"')) else {
        return Ok(before_comment(text).trim().to_owned());
    };
    let (value, rest) = quoted(&start[1..], quote)?;
    if !before_comment(rest).trim().is_empty() {
        return Err((
            "has text after the closing quote",
            "Remove that text, or write \\\" for a quote inside double quotes.",
        ));
    }
    Ok(value)
}

/// `text` up to a `#` that follows a space. A `#` inside a word belongs to it, as in a shell.
fn before_comment(text: &str) -> &str {
    let mut marks = text.match_indices('#');
    let comment = marks.find(|(at, _)| text[..*at].ends_with(char::is_whitespace));
    comment.map_or(text, |(at, _)| &text[..at])
}

/// The value up to the closing quote, and the rest of the line. No setting contains a line break, so
/// a quote that is still open at the end of the line is a mistake.
fn quoted(text: &str, quote: char) -> Result<(String, &str), Wrong> {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Ok((value, chars.as_str())),
            // What a shell wants escaped inside double quotes. Any other backslash stays.
            '\\' if quote == '"' && chars.as_str().starts_with(['"', '\\', '$']) => {
                value.extend(chars.next());
            }
            c => value.push(c),
        }
    }
    Err(("has a quote that isn't closed", "Close it on the same line, or leave the quote out."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/srv/.env";

    /// The value that this one line gives to `A`.
    fn a(line: &str) -> String {
        let (mut values, mistakes) = parse(line, Path::new(PATH));
        assert!(mistakes.is_empty(), "{line}: {mistakes:?}");
        values.remove("A").unwrap_or_else(|| panic!("{line}: no A in {values:?}"))
    }

    #[test]
    fn values_are_read_as_written() {
        for (line, value) in [
            ("A=b", "b"),
            ("A=", ""),
            ("  export\tA = b  ", "b"),
            ("A=b c", "b c"),
            ("A=a$x${HOME}$(id)`id`", "a$x${HOME}$(id)`id`"),
            (r"A=a\$b\n\", r"a\$b\n\"),
            ("A=a#b", "a#b"),
            ("A=#b", "#b"),
            ("A=b # c", "b"),
            ("A= # c", ""),
            ("A=a'b\"c", "a'b\"c"),
            ("A=b=c==", "b=c=="),
            ("A='b'", "b"),
            ("A=\"b\"\t# it's a comment", "b"),
            ("A=''", ""),
            (r#"A='$b \n "c" # d\'"#, r#"$b \n "c" # d\"#),
            (r#"A="$b 'c' # d""#, "$b 'c' # d"),
            (r#"A="\$b \"c\" \\d C:\new""#, r#"$b "c" \d C:\new"#),
            ("A=\"xöy\"", "xöy"),
            ("A=1\nA=2", "2"),
            ("A=1\r\nB=2\r\n", "1"),
            ("\n# c\n\t\n  #A=0\nA=1", "1"),
        ] {
            assert_eq!(a(line), value, "{line}");
        }
        let (values, _) = parse("export=1\nexported=2", Path::new(PATH));
        assert_eq!((values["export"].as_str(), values["exported"].as_str()), ("1", "2"));
    }

    #[test]
    fn a_mistake_is_told_with_its_line_and_costs_no_other_line() {
        for (line, told) in [
            ("A='hush", "has a quote that isn't closed"),
            ("A=\"hush\\\"", "has a quote that isn't closed"),
            ("A=\"hush'", "has a quote that isn't closed"),
            ("A='hush'hush", "has text after the closing quote"),
            ("A='hush'#hush", "has text after the closing quote"),
            ("hush", "has something other than NAME=value"),
            ("A: hush", "has something other than NAME=value"),
            ("A hush=hush", "has something other than NAME=value"),
            ("=hush", "has something other than NAME=value"),
            ("export", "has something other than NAME=value"),
        ] {
            let text = format!("B=1\r\n\r\n{line}\r\nC=3");
            let (values, mistakes) = parse(&text, Path::new(PATH));
            let [mistake] = mistakes.as_slice() else { panic!("{line}: {mistakes:?}") };
            assert!(mistake.starts_with(&format!("{PATH} {told} on line 3. ")), "{mistake}");
            assert!(!mistake.contains("hush"), "{mistake}");
            assert_eq!((values.len(), &*values["B"], &*values["C"]), (2, "1", "3"), "{line}");
        }
    }

    #[test]
    fn what_windows_saves_as_text_is_text() {
        let text = "A=b\r\nC=ö😀";
        let marked = format!("\u{feff}{text}");
        let le: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [text.as_bytes(), marked.as_bytes(), &le, &be] {
            assert_eq!(decoded(bytes).as_deref(), Ok(text), "{bytes:?}");
        }
        assert_eq!(decoded(b"").as_deref(), Ok(""));
        for (bytes, told) in [
            (&b"A=b\r\nC=\xF6"[..], "isn't UTF-8 text on line 2"),
            (&le[..le.len() - 1], "isn't valid UTF-16"),
            (&le[..le.len() - 2], "isn't valid UTF-16"),
            (&le[2..8], "isn't a text file"),
        ] {
            assert_eq!(decoded(bytes), Err(told.to_owned()), "{bytes:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn only_we_and_root_may_write_it() {
        const US: u32 = 1000;
        let wrong = |mode, owner| written_by_others(mode, owner, US, Path::new(PATH));
        for (mode, owner) in [(0o100_600, US), (0o100_644, US), (0o100_400, 0), (0o010_600, US)] {
            assert_eq!(wrong(mode, owner), Vec::<String>::new(), "{mode:o} of {owner}");
        }
        for mode in [0o100_660, 0o100_620, 0o100_602, 0o100_777] {
            for owner in [US, 0] {
                let [told] = &wrong(mode, owner)[..] else { panic!("{mode:o} is taken") };
                assert!(told.contains(&format!("(mode {:o})", mode & 0o777)), "{told}");
                assert!(told.ends_with("Run: chmod go-w /srv/.env"), "{told}");
            }
        }
        let [told] = &wrong(0o100_600, 1001)[..] else { panic!("a stranger's is taken") };
        assert!(told.contains("(uid 1001)") && told.ends_with("chown 1000 /srv/.env"), "{told}");
        assert_eq!(wrong(0o100_666, 1001).len(), 2, "both at once");
        // Root trusts root only.
        assert_eq!(written_by_others(0o100_600, US, 0, Path::new(PATH)).len(), 1);
    }

    #[test]
    fn without_a_file_there_is_nothing_to_say_and_a_large_one_is_no_settings() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join(".env");
        assert!(read(&path).is_none());
        std::fs::write(&path, vec![b'\n'; 1024 * 1024 + 1]).unwrap();
        let found = read(&path).unwrap();
        assert_eq!(found.path, path);
        let [told] = &found.mistakes[..] else { panic!("{:?}", found.mistakes) };
        assert!(told.contains("is larger than 1 MiB"), "{told}");
    }
}
