//! Telling a whole export from one that was cut off, while its bytes pass by.

use super::EndLine;

/// What was seen of an export that is passed on.
#[derive(Debug, Default)]
pub struct Copied {
    lines: usize,
    /// The beginning of the line that isn't over yet, or the last one.
    last: Vec<u8>,
    is_over: bool,
}

/// The last line is short.
const LAST: usize = 64;

impl Copied {
    /// Takes note of the next bytes.
    pub fn note(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.is_over {
                (self.last, self.is_over) = (Vec::new(), false);
            }
            self.is_over = *byte == b'\n';
            self.lines += usize::from(self.is_over);
            if !self.is_over && self.last.len() < LAST {
                self.last.push(*byte);
            }
        }
    }

    /// How many documents it had; `None` when its last line is missing.
    #[must_use]
    pub fn documents(&self) -> Option<usize> {
        let is_end = serde_json::from_slice::<EndLine>(&self.last).is_ok_and(|line| line.end);
        // The first line and the last aren't documents.
        (self.is_over && is_end).then(|| self.lines.saturating_sub(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(pieces: &[&str]) -> Option<usize> {
        let mut copied = Copied::default();
        pieces.iter().for_each(|piece| copied.note(piece.as_bytes()));
        copied.documents()
    }

    #[test]
    fn a_whole_one_has_its_last_line_however_it_is_cut() {
        let whole = "{\"export\":\"jules-slack\",\"format\":1}\n{\"key\":\"a\"}\n{\"end\":true}\n";
        assert_eq!(documents(&[whole]), Some(1));
        for cut in 1..whole.len() {
            assert_eq!(documents(&[&whole[..cut], &whole[cut..]]), Some(1), "{cut}");
            assert_eq!(documents(&[&whole[..cut]]), None, "{cut}");
        }
    }
}
