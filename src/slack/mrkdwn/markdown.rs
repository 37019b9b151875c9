//! Markdown, as Jules writes it → Slack's mrkdwn.
//!
//! Slack's own `markdown` block is not used: it makes links of whatever it is given, and nobody
//! knows whether it pings (slack-platform.md §15).

mod calm;
mod page;

use super::cut::cut;
use super::escaped::{Escaped, code, link};
use calm::{calm, other_host};
use linkify::{LinkFinder, LinkKind};
use page::{MrkdwnPage, Style};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, TextMergeStream};

/// What is read at most, in characters: more than Slack shows of any message.
const LONGEST: usize = 100_000;

/// A longer link, markup included, is shown as text: a link must fit a text object whole.
const LONGEST_LINK: usize = 2000;

/// What is shown of a link's label, and of an address that does not become a link.
const LONGEST_LABEL: usize = 300;

/// `text`, read as Markdown (CommonMark with tables, task lists and strike-through), in Slack's
/// format. Only `https` addresses become links; nobody is pinged; HTML is shown, not obeyed. Of a
/// text over 100,000 characters only the beginning is read.
#[must_use]
pub fn markdown(text: &str) -> Escaped {
    let text = cut(text, LONGEST);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut reader = MarkdownReader::default();
    for event in TextMergeStream::new(Parser::new_ext(&text, options)) {
        reader.take(event);
    }
    Escaped::drawn(reader.page.whole())
}

/// A link or a picture whose label is being read.
struct Label {
    url: String,
    words: String,
    /// Pictures within it: their descriptions belong to the label.
    inner: usize,
}

/// Where in the Markdown we are, beyond what the page knows.
#[derive(Default)]
struct MarkdownReader {
    page: MrkdwnPage,
    label: Option<Label>,
    /// Within a code block: its lines so far.
    block: Option<String>,
    /// The cells of this row so far.
    cells: usize,
}

impl MarkdownReader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::Code(text) => match &mut self.label {
                Some(label) => label.words.push_str(&text),
                None => self.page.put(code(&text).as_str()),
            },
            Event::SoftBreak | Event::HardBreak => match &mut self.label {
                Some(label) => label.words.push(' '),
                None => self.page.line(),
            },
            Event::Rule => {
                self.page.block();
                self.page.put("———");
                self.page.end_block();
            }
            Event::TaskListMarker(done) => self.page.tick(done),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } | Tag::TableHead => {
                self.page.block();
                self.cells = 0;
                self.page.want(Style::Bold);
            }
            Tag::BlockQuote(_) => self.page.quote(),
            Tag::CodeBlock(_) => self.block = Some(String::new()),
            Tag::List(first) => self.page.list(first),
            Tag::Item => self.page.item(),
            Tag::TableRow => {
                self.page.line();
                self.cells = 0;
            }
            Tag::TableCell => {
                if self.cells > 0 {
                    self.page.divide();
                }
                self.cells += 1;
            }
            Tag::Strong => self.page.want(Style::Bold),
            Tag::Emphasis => self.page.want(Style::Italic),
            Tag::Strikethrough => self.page.want(Style::Strike),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => match &mut self.label {
                Some(label) => label.inner += 1,
                None => {
                    let (url, words) = (dest_url.into_string(), String::new());
                    self.label = Some(Label { url, words, inner: 0 });
                }
            },
            Tag::Paragraph
            | Tag::HtmlBlock
            | Tag::Table(_)
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.page.block(),
            Tag::Superscript | Tag::Subscript => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.page.no_longer(Style::Bold);
                self.page.end_block();
            }
            TagEnd::BlockQuote(_) => self.page.end_quote(),
            TagEnd::CodeBlock => self.page.fence(&self.block.take().unwrap_or_default()),
            TagEnd::List(_) => self.page.end_list(),
            TagEnd::Item => self.page.end_item(),
            TagEnd::TableHead | TagEnd::Strong => self.page.no_longer(Style::Bold),
            TagEnd::Emphasis => self.page.no_longer(Style::Italic),
            TagEnd::Strikethrough => self.page.no_longer(Style::Strike),
            TagEnd::Link | TagEnd::Image => match &mut self.label {
                Some(label) if label.inner > 0 => label.inner -= 1,
                _ => self.end_label(),
            },
            TagEnd::Paragraph
            | TagEnd::HtmlBlock
            | TagEnd::Table
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => self.page.end_block(),
            TagEnd::TableRow | TagEnd::TableCell | TagEnd::Superscript | TagEnd::Subscript => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(label) = &mut self.label {
            label.words.push_str(text);
        } else if let Some(lines) = &mut self.block {
            lines.push_str(text);
        } else {
            for (nth, line) in text.split('\n').enumerate() {
                if nth > 0 {
                    self.page.line();
                }
                self.words(line);
            }
        }
    }

    /// Words on one line. Addresses among them become links, which Slack leaves to us because our
    /// text is `verbatim`.
    fn words(&mut self, line: &str) {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]);
        for span in finder.spans(line) {
            match span.kind().and_then(|_| whole_link(span.as_str(), "")) {
                Some(link) => self.page.put(link.as_str()),
                None => self.page.words(&calm(span.as_str())),
            }
        }
    }

    fn end_label(&mut self) {
        let Some(Label { url, words, .. }) = self.label.take() else { return };
        let words = cut(calm(&words).trim(), LONGEST_LABEL);
        if let Some(link) = whole_link(&url, &words) {
            self.page.put(link.as_str());
            if let Some(host) = other_host(&url, &words) {
                self.page.words(&calm(&format!(" ({host})")));
            }
            return;
        }
        let address = cut(calm(&url).trim(), LONGEST_LABEL);
        if words.is_empty() || words == address.trim_start_matches("mailto:") {
            self.page.words(&address);
        } else if address.is_empty() {
            self.page.words(&words);
        } else {
            self.page.words(&format!("{words} ({address})"));
        }
    }
}

/// A link, if the address may be one and the whole fits.
fn whole_link(url: &str, label: &str) -> Option<Escaped> {
    let link = link(url, label);
    let is_link = link.as_str().starts_with("<https://") && link.as_str().len() <= LONGEST_LINK;
    is_link.then_some(link)
}

#[cfg(test)]
mod tests;
