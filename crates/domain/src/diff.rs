//! What a patch changes, in numbers: the files, and the lines added and removed in each.
//!
//! Jules sends the output of `git diff`, or a plain unified diff without git's headers. One file that
//! cannot be read does not hide the others, so each file's part is read by itself; a line that begins with
//! `diff --git` is never content.

use crate::ids::digest;
use diffy::Line;
use diffy::patch_set::{FileOperation, ParseOptions, PatchKind, PatchSet};
use serde::{Deserialize, Serialize};

/// Files named one by one; the rest is counted.
const MOST_FILES: usize = 100;

/// How git begins a file's part.
const GIT_HEADER: &str = "diff --git ";

/// A path that is longer is cut: no file system has it.
const LONGEST_PATH: usize = 4096;

/// A header with more spaces is not read: finding the two names in it would take too long.
const MOST_SPACES: usize = 64;

/// What is known of a change of the code. Where nothing is known, nothing is claimed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Changes {
    /// Nothing is known, or nothing new.
    #[default]
    Unknown,
    /// There is none.
    Nothing,
    /// There is one, and what it changes cannot be told.
    Uncounted,
    /// There is one, and this is what it changes.
    Counted(DiffStat),
}

impl Changes {
    /// What a patch changes. One that says something always changes something.
    #[must_use]
    pub fn of_patch(patch: &str) -> Self {
        let stat = summary(patch);
        if patch.trim().is_empty() {
            Self::Unknown
        } else if stat.files.is_empty() {
            Self::Uncounted
        } else {
            Self::Counted(stat)
        }
    }

    /// Whether there is a change.
    #[must_use]
    pub fn is_some(&self) -> bool {
        matches!(self, Self::Uncounted | Self::Counted(_))
    }
}

/// The same for the same patch. Two that change as many lines of the same files are two.
#[must_use]
pub fn patch_name(patch: &str) -> String {
    digest(&["patch", patch])
}

/// What a whole patch changes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffStat {
    /// The files in the order of the patch, at most 100.
    pub files: Vec<FileChange>,
    /// How many more files there are.
    pub more: u32,
    /// Lines added in all files.
    pub added: u32,
    /// Lines removed in all files.
    pub removed: u32,
    /// Files that are among neither, because their part of the patch cannot be read.
    pub unread: u32,
}

impl DiffStat {
    /// How many files the patch changes.
    #[must_use]
    pub fn count(&self) -> u32 {
        count(self.files.len()).saturating_add(self.more).saturating_add(self.unread)
    }
}

/// What happens to one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    /// Where it is after the change, or was before it was deleted. Someone else's words.
    pub path: String,
    /// Lines added; 0 for what is no text.
    pub added: u32,
    /// Lines removed; 0 for what is no text.
    pub removed: u32,
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// Not text: no lines to count.
    #[serde(default)]
    pub binary: bool,
}

/// A kind of change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// The file is new, or a copy.
    Created,
    /// The file is gone.
    Deleted,
    /// Its content, or only its mode, is another.
    Changed,
    /// It has another name, and maybe another content.
    Renamed {
        /// The name it had.
        from: String,
    },
}

/// What `patch`, a unified diff with or without git's headers, changes. Reads what can be read; anything
/// else is nothing, or counted as unread.
#[must_use]
pub fn summary(patch: &str) -> DiffStat {
    let mut stat = DiffStat::default();
    for part in parts(patch) {
        match read(part) {
            Some(file) => {
                stat.added = stat.added.saturating_add(file.added);
                stat.removed = stat.removed.saturating_add(file.removed);
                if stat.files.len() < MOST_FILES {
                    stat.files.push(file);
                } else {
                    stat.more = stat.more.saturating_add(1);
                }
            }
            None => stat.unread = stat.unread.saturating_add(1),
        }
    }
    stat
}

/// A page of a patch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiffPage(pub Vec<DiffPiece>);

/// A piece of a patch: lines of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffPiece {
    /// The file; `None` where its part of the patch can't be read.
    pub file: Option<FileChange>,
    /// Its lines before these are on the page before.
    pub continues: bool,
    /// Hunks with their lines, as they are; all of it where the file can't be told.
    pub lines: String,
}

/// A patch in pages of so many characters, and of so many pieces.
#[must_use]
pub fn pages(patch: &str, room: usize, most_pieces: usize) -> Vec<DiffPage> {
    let (mut pages, mut page, mut left) = (Vec::new(), DiffPage::default(), room);
    for part in parts(patch) {
        let file = read(part);
        let mut rest = if file.is_some() { hunks(part) } else { part };
        let mut continues = false;
        loop {
            let (lines, after) = rest.split_at(end_of_page(rest, left));
            let is_stuck = lines.is_empty() && !rest.is_empty();
            if !is_stuck {
                let lines = lines.to_owned();
                left -= lines.chars().count().min(left);
                page.0.push(DiffPiece { file: file.clone(), continues, lines });
            }
            rest = after;
            if is_stuck || !rest.is_empty() || page.0.len() >= most_pieces {
                pages.push(std::mem::take(&mut page));
                left = room;
            }
            if rest.is_empty() {
                break;
            }
            continues |= !is_stuck;
        }
    }
    if !page.0.is_empty() {
        pages.push(page);
    }
    pages
}

/// What follows the headers of a file's part.
fn hunks(part: &str) -> &str {
    let at = lines_with(part, "@@ ").next();
    at.map_or("", |at| &part[at..])
}

/// Where the last line ends that fits into so much room. A line that fits on no page of its own is parted.
fn end_of_page(text: &str, room: usize) -> usize {
    let end = text.char_indices().nth(room).map_or(text.len(), |(end, _)| end);
    if end == text.len() {
        return end;
    }
    match text[..end].rfind('\n') {
        Some(line) => line + 1,
        None if room >= LONGEST_LINE => end,
        None => 0,
    }
}

/// A longer line is parted where the page ends.
const LONGEST_LINE: usize = 1_000;

/// The parts of a patch, one for each file; what stands before the first is none.
fn parts(patch: &str) -> impl Iterator<Item = &str> {
    let mut starts: Vec<usize> = lines_with(patch, GIT_HEADER).collect();
    if starts.is_empty() {
        starts = lines_with(patch, "--- ").filter(|at| is_plain_header(&patch[*at..])).collect();
    }
    let ends = starts.clone().into_iter().skip(1).chain([patch.len()]);
    starts.into_iter().zip(ends).map(move |(from, to)| &patch[from..to])
}

/// Where the lines begin that begin like this.
fn lines_with<'p>(patch: &'p str, header: &'p str) -> impl Iterator<Item = usize> + 'p {
    let found = patch.match_indices(header).map(|(at, _)| at);
    found.filter(move |at| *at == 0 || patch[..*at].ends_with('\n'))
}

/// Whether a line that begins with `--- ` is the header of a file: a removed line may look like it.
fn is_plain_header(part: &str) -> bool {
    let mut after = part.lines().skip(1);
    let mut next_begins = |with: &str| after.next().is_some_and(|line| line.starts_with(with));
    next_begins("+++ ") && next_begins("@@ -")
}

/// One file's part of a patch.
fn read(part: &str) -> Option<FileChange> {
    // Bytes, because a name need not be UTF-8. Git itself never writes `\r\n` in headers, but what
    // a patch went through might.
    parse(part.as_bytes()).or_else(|| parse(part.replace("\r\n", "\n").as_bytes()))
}

fn parse(part: &[u8]) -> Option<FileChange> {
    let header = part.split(|byte| *byte == b'\n').next()?;
    if header.iter().filter(|byte| **byte == b' ').count() > MOST_SPACES {
        return None;
    }
    let is_gits = part.starts_with(GIT_HEADER.as_bytes());
    let options = if is_gits { ParseOptions::gitdiff() } else { ParseOptions::unidiff() };
    let file = PatchSet::parse_bytes(part, options).next()?.ok()?;
    let (path, kind) = match file.operation() {
        FileOperation::Create(path) => (name(path, b"b/"), ChangeKind::Created),
        FileOperation::Copy { to, .. } => (name(to, b""), ChangeKind::Created),
        FileOperation::Delete(path) => (name(path, b"a/"), ChangeKind::Deleted),
        FileOperation::Modify { modified, .. } => (name(modified, b"b/"), ChangeKind::Changed),
        FileOperation::Rename { from, to } => {
            (name(to, b""), ChangeKind::Renamed { from: name(from, b"") })
        }
    };
    let (mut added, mut removed) = (0_u32, 0_u32);
    let binary = match file.patch() {
        PatchKind::Binary(_) => true,
        PatchKind::Text(text) => {
            for line in text.hunks().iter().flat_map(|hunk| hunk.lines()) {
                match line {
                    Line::Insert(_) => added = added.saturating_add(1),
                    Line::Delete(_) => removed = removed.saturating_add(1),
                    Line::Context(_) => {}
                }
            }
            false
        }
    };
    Some(FileChange { path, added, removed, kind, binary })
}

/// A path without git's `a/` or `b/`.
fn name(path: &[u8], prefix: &[u8]) -> String {
    let path = path.strip_suffix(b"\r").unwrap_or(path);
    let bare = path.strip_prefix(prefix).unwrap_or(path);
    String::from_utf8_lossy(bare).chars().take(LONGEST_PATH).collect()
}

fn count(files: usize) -> u32 {
    u32::try_from(files).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `kind path +added -removed` for each file.
    fn reads(patch: &str) -> Vec<String> {
        let stat = summary(patch);
        assert_eq!(stat.unread, 0, "{patch}");
        stat.files.iter().map(line).collect()
    }

    fn line(file: &FileChange) -> String {
        let kind = match &file.kind {
            ChangeKind::Created => "new".to_owned(),
            ChangeKind::Deleted => "gone".to_owned(),
            ChangeKind::Changed => "changed".to_owned(),
            ChangeKind::Renamed { from } => format!("from {from}"),
        };
        let binary = if file.binary { " binary" } else { "" };
        format!("{kind} {} +{} -{}{binary}", file.path, file.added, file.removed)
    }

    #[test]
    fn a_plain_unified_diff_is_read_as_well() {
        let plain = "\
--- a/src/app.js
+++ b/src/app.js
@@ -1,2 +1,2 @@
--- not a header
+++ nor this
 c
--- /dev/null
+++ b/new.txt
@@ -0,0 +1 @@
+x
--- old.txt
+++ /dev/null
@@ -1 +0,0 @@
-x
";
        assert_eq!(
            reads(plain),
            ["changed src/app.js +1 -1", "new new.txt +1 -0", "gone old.txt +0 -1"]
        );
        assert_eq!(reads(&plain.replace('\n', "\r\n")).len(), 3);
        assert!(matches!(Changes::of_patch(plain), Changes::Counted(_)));
        assert_eq!(Changes::of_patch("what is this"), Changes::Uncounted);
        assert_eq!(Changes::of_patch(" \n"), Changes::Unknown);
    }

    /// As Jules sent it (jules-api.md §3.8), with a second file.
    const REAL: &str = "\
diff --git a/src/cli/explain.ts b/src/cli/explain.ts
new file mode 100644
index 0000000..f0f2f76
--- /dev/null
+++ b/src/cli/explain.ts
@@ -0,0 +1,2 @@
+export const explain = 1;
+++ not a header
diff --git a/README.md b/README.md
index 1111111..2222222 100644
--- a/README.md
+++ b/README.md
@@ -1,4 +1,4 @@ # Title
 one
-two
--- not a header
+diff --git a/x b/x
+2
 three
@@ -10 +10,2 @@
 ten
+eleven
\\ No newline at end of file
";

    #[test]
    fn files_and_lines_are_counted() {
        assert_eq!(reads(REAL), ["new src/cli/explain.ts +2 -0", "changed README.md +3 -2"]);
        let stat = summary(REAL);
        assert_eq!((stat.count(), stat.added, stat.removed), (2, 5, 2));
    }

    #[test]
    fn every_kind_of_change() {
        for (patch, file) in [
            (
                "diff --git a/old.rs b/old.rs\ndeleted file mode 100644\nindex 1..0\n--- a/old.rs\n\
                 +++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n",
                "gone old.rs +0 -2",
            ),
            (
                "diff --git a/a b.txt b/c d.txt\nsimilarity index 100%\nrename from a b.txt\n\
                 rename to c d.txt\n",
                "from a b.txt c d.txt +0 -0",
            ),
            (
                "diff --git a/a.rs b/src/a.rs\nsimilarity index 90%\nrename from a.rs\n\
                 rename to src/a.rs\nindex 1..2 100644\n--- a/a.rs\n+++ b/src/a.rs\n@@ -1 +1 @@\n\
                 -x\n+y\n",
                "from a.rs src/a.rs +1 -1",
            ),
            (
                "diff --git a/a.rs b/b.rs\nsimilarity index 100%\ncopy from a.rs\ncopy to b.rs\n",
                "new b.rs +0 -0",
            ),
            (
                "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n",
                "changed run.sh +0 -0",
            ),
            (
                "diff --git a/empty b/empty\nnew file mode 100644\nindex 0000000..e69de29\n",
                "new empty +0 -0",
            ),
            (
                "diff --git a/logo.png b/logo.png\nnew file mode 100644\nindex 0000000..1\n\
                 Binary files /dev/null and b/logo.png differ\n",
                "new logo.png +0 -0 binary",
            ),
            (
                "diff --git a/logo.png b/logo.png\nindex 1..2 100644\nGIT binary patch\n\
                 literal 4\nLcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n",
                "changed logo.png +0 -0 binary",
            ),
            (
                "diff --git \"a/m\\303\\274sli \\\"x\\\".md\" \"b/m\\303\\274sli \\\"x\\\".md\"\n\
                 index 1..2 100644\n--- \"a/m\\303\\274sli \\\"x\\\".md\"\n\
                 +++ \"b/m\\303\\274sli \\\"x\\\".md\"\n@@ -1 +1 @@\n-a\n+b\n",
                "changed müsli \"x\".md +1 -1",
            ),
            (
                "diff --git \"a/\\377.bin\" \"b/\\377.bin\"\nold mode 100644\nnew mode 100755\n",
                "changed \u{fffd}.bin +0 -0",
            ),
            (
                "diff --git a/w.txt b/w.txt\nindex 1..2 100644\n--- a/w.txt\n+++ b/w.txt\n\
                 @@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n",
                "changed w.txt +1 -1",
            ),
            (
                "diff --git a/w.txt b/w.txt\r\nindex 1..2 100644\r\n--- a/w.txt\r\n+++ b/w.txt\r\n\
                 @@ -1 +1 @@\r\n-b\r\n+c\r\n",
                "changed w.txt +1 -1",
            ),
            (
                "diff --git a/sub b/sub\nindex 1..2 160000\n--- a/sub\n+++ b/sub\n@@ -1 +1 @@\n\
                 -Subproject commit 1\n+Subproject commit 2\n",
                "changed sub +1 -1",
            ),
            (
                "diff --git a/n b/n\nindex 1..2 100644\n--- a/n\n+++ b/n\n@@ -1 +1 @@\n-a\n\
                 \\ No newline at end of file\n+b\n\\ No newline at end of file\n",
                "changed n +1 -1",
            ),
        ] {
            assert_eq!(reads(patch), [file], "{patch}");
        }
    }

    #[test]
    fn what_cannot_be_read_hides_nothing_else() {
        let broken = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,9 +1 @@\n-a\n";
        let stat = summary(&format!("words before\n{broken}{REAL}{broken}"));
        assert_eq!((stat.files.len(), stat.unread, stat.count()), (2, 2, 4));
        for nothing in ["", "\n", "not a patch", "--- a/x\n+++ b/x\n", " diff --git a/x b/x\n"] {
            assert_eq!(summary(nothing), DiffStat::default(), "{nothing:?}");
        }
    }

    #[test]
    fn a_huge_patch_is_counted_and_named_in_part() {
        let one = "diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -1 +1,2 @@\n a\n+b\n";
        let stat = summary(&one.repeat(2500));
        assert_eq!((stat.files.len(), stat.more, stat.added), (100, 2400, 2500));
        let spaces = format!("diff --git a{}", " ".repeat(1_000_000));
        assert_eq!(summary(&spaces).unread, 1);
        let lines = "+x\n".repeat(500_000);
        let long = format!("diff --git a/f b/f\n--- a/f\n+++ b/f\n@@ -0,0 +1,500000 @@\n{lines}");
        assert_eq!(summary(&long).added, 500_000);
    }

    #[test]
    fn a_patch_is_shown_file_by_file() {
        let all = pages(REAL, 10_000, 50);
        assert_eq!(all.len(), 1);
        let files: Vec<String> =
            all[0].0.iter().map(|piece| line(piece.file.as_ref().unwrap())).collect();
        assert_eq!(files, ["new src/cli/explain.ts +2 -0", "changed README.md +3 -2"]);
        assert!(all[0].0[0].lines.starts_with("@@ -0,0 +1,2 @@\n+export const"));
        assert!(!all[0].0[1].lines.contains("index 1111111"));
        assert_eq!(pages(REAL, 10_000, 1).len(), 2);
        assert_eq!(pages("", 10_000, 50), []);
        let binary = "diff --git a/l.png b/l.png\nindex 1..2 100644\nBinary files a and b differ\n";
        assert_eq!(pages(binary, 10_000, 50)[0].0[0].lines, "");
    }

    #[test]
    fn what_is_stored_comes_back() {
        let stat = summary(REAL);
        let stored = serde_json::to_string(&stat).unwrap();
        assert_eq!(serde_json::from_str::<DiffStat>(&stored).unwrap(), stat);
    }

    proptest! {
        #[test]
        fn every_line_of_a_patch_is_on_a_page_in_order(
            files in prop::collection::vec(prop::collection::vec("[ a-zé]{0,60}", 1..40), 1..8),
            room in 1_000_usize..3_000, most in 1_usize..6,
        ) {
            let patch: String = files.iter().enumerate().map(|(n, lines)| {
                let count = lines.len();
                let lines: String = lines.iter().map(|line| format!("+{line}\n")).collect();
                format!("diff --git a/f{n} b/f{n}\nnew file mode 100644\n--- /dev/null\n+++ b/f{n}\n\
                         @@ -0,0 +1,{count} @@\n{lines}")
            }).collect();
            let pages = pages(&patch, room, most);
            let pieces = || pages.iter().flat_map(|page| &page.0);
            for (n, _) in files.iter().enumerate() {
                let of_file = |piece: &&DiffPiece| {
                    piece.file.as_ref().is_some_and(|file| file.path == format!("f{n}"))
                };
                let lines: String = pieces().filter(of_file).map(|piece| &*piece.lines).collect();
                let part = parts(&patch).nth(n).unwrap();
                prop_assert_eq!(lines, hunks(part));
                prop_assert!(pieces().filter(of_file).skip(1).all(|piece| piece.continues));
            }
            for page in &pages {
                let length: usize = page.0.iter().map(|piece| piece.lines.chars().count()).sum();
                prop_assert!(length <= room && page.0.len() <= most && !page.0.is_empty());
            }
        }

        #[test]
        fn no_junk_panics(lines in prop::collection::vec(prop::sample::select(vec![
            "diff --git a/x b/x", "diff --git \"a/\\3", "diff --git ", "--- a/x", "+++ /dev/null",
            "--- /dev/null", "@@ -1 +1 @@", "@@ -1,99999999999999999999 +1 @@", "@@", "+a", "-b",
            " c", "\\", "GIT binary patch", "literal 9", "z", "Binary files a and b differ",
            "rename from \"", "rename to y", "old mode 1", "new file mode 100644", "é\r", "",
        ]), 0..40)) {
            let stat = summary(&lines.join("\n"));
            let pages = pages(&lines.join("\n"), 40, 2);
            prop_assert!(pages.iter().all(|page| page.0.len() <= 2));
            prop_assert!(stat.count() as usize <= lines.len());
        }
    }
}
