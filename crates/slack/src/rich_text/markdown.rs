//! Markdown, as Jules writes it → the tree.
//!
//! Slack's own `markdown` block is not used: it makes links of whatever it is given, and nobody
//! knows whether it pings (slack-platform.md §15).

use super::cut::cut;
use super::guard::{Guard, is_east_asian};
use super::html::{self, Piece};
use super::links::{LONGEST_LABEL, labelled};
use super::tree::{Align, Block, DEEPEST, Inline, Line, Rich, Style, Table, seen};
use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{
    Alignment, CodeBlockKind, Event, Options, Parser, Tag, TagEnd, TextMergeWithOffset,
};
use std::collections::HashMap;

/// What is read at most, in characters: as much as is kept of a plan, which is shown whole.
const LONGEST: usize = 200_000;

/// Between two parts of a text.
const RULE: &str = "———";

/// `text`, read as Markdown: CommonMark with tables, task lists, strike-through and emphasis as East
/// Asian text has it. Only `https` addresses become links; HTML for layout is understood or left out.
/// Of a text over 200,000 characters only the beginning is read.
#[must_use]
pub fn markdown(text: &str) -> Rich {
    let text = cut(text, LONGEST);
    let (text, guard) = Guard::of(&text);
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let parser = Parser::new_ext(&text, options);
    let mut unused: HashMap<String, String> = HashMap::new();
    for (name, definition) in parser.reference_definitions().iter() {
        unused.insert(name.to_lowercase(), definition.dest.to_string());
    }
    let mut reader = Reader::new(guard);
    for (event, range) in TextMergeWithOffset::new(parser.into_offset_iter()) {
        match &event {
            Event::Start(Tag::Link { id, .. } | Tag::Image { id, .. }) => {
                unused.remove(&id.to_lowercase());
            }
            Event::Start(Tag::Table(columns)) => {
                let table = &text[range];
                let raw = has_surplus(table, columns.len()).then(|| unindented(table));
                reader.raw_table = raw;
            }
            _ => {}
        }
        reader.take(event);
    }
    reader.definitions(unused);
    Rich(reader.blocks)
}

/// A link or a picture whose label is being read.
struct Label {
    url: String,
    line: Line,
    /// Pictures within it: their descriptions belong to the label.
    inner: usize,
}

/// How many tags ask for each style.
#[derive(Default)]
struct Styles {
    bold: usize,
    italic: usize,
    strike: usize,
    code: usize,
}

impl Styles {
    fn of_tag(&mut self, tag: &str) -> Option<&mut usize> {
        Some(match tag {
            "b" | "strong" | "summary" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" => {
                &mut self.bold
            }
            "i" | "em" | "cite" | "dfn" | "var" => &mut self.italic,
            "s" | "strike" | "del" => &mut self.strike,
            "code" | "kbd" | "samp" | "tt" => &mut self.code,
            _ => return None,
        })
    }

    fn style(&self) -> Style {
        Style {
            bold: self.bold > 0,
            italic: self.italic > 0,
            strike: self.strike > 0,
            code: self.code > 0,
        }
    }
}

/// The point of a list that the next words begin.
#[derive(Clone, Copy)]
struct Point {
    indent: u8,
    number: Option<u64>,
}

/// Where in the Markdown we are.
struct Reader {
    guard: Guard,
    blocks: Vec<Block>,
    /// The words of the block that is being read.
    line: Line,
    /// They are those of a point.
    point: Option<Point>,
    /// The next words begin this point.
    begins: Option<Point>,
    quotes: usize,
    /// The number of the next point of each list around us; none where they have bullets.
    lists: Vec<Option<u64>>,
    styles: Styles,
    html_styles: Styles,
    html_lists: usize,
    html_quotes: usize,
    label: Option<Label>,
    /// Within a code block: its lines so far.
    code: Option<String>,
    /// What stands behind its fence.
    language: String,
    table: Option<Table>,
    /// The table as it was written, where cells of it would vanish.
    raw_table: Option<String>,
}

impl Reader {
    fn new(guard: Guard) -> Self {
        Self {
            guard,
            blocks: Vec::new(),
            line: Line::default(),
            point: None,
            begins: None,
            quotes: 0,
            lists: Vec::new(),
            styles: Styles::default(),
            html_styles: Styles::default(),
            html_lists: 0,
            html_quotes: 0,
            label: None,
            code: None,
            language: String::new(),
            table: None,
            raw_table: None,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::FootnoteReference(text) => self.text(&text),
            Event::Html(text) | Event::InlineHtml(text) => self.html(&text),
            Event::Code(text) => {
                let style = Style { code: true, ..self.style() };
                let text = self.guard.undo(&text);
                self.push(Inline::Text(seen(&text), style));
            }
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                self.end_block();
                self.push(Inline::Text(RULE.to_owned(), Style::default()));
                self.end_block();
            }
            Event::TaskListMarker(done) => {
                let tick = if done { "☑ " } else { "☐ " };
                self.push(Inline::Text(tick.to_owned(), Style::default()));
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => {
                self.end_block();
                self.styles.bold += 1;
            }
            Tag::Paragraph => self.start_paragraph(),
            Tag::BlockQuote(_) => {
                self.end_block();
                self.quotes += 1;
            }
            Tag::CodeBlock(kind) => {
                self.end_block_before_code();
                self.code = Some(String::new());
                self.language = match kind {
                    CodeBlockKind::Fenced(language) => language.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
            }
            Tag::List(first) => {
                self.end_block();
                self.lists.push(first);
            }
            Tag::Item => self.start_item(),
            Tag::Table(columns) => {
                self.end_block_before_code();
                let columns = columns.into_iter().map(align).collect();
                self.table = Some(Table { columns, rows: Vec::new() });
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            Tag::TableCell => self.line = Line::default(),
            Tag::Strong => self.styles.bold += 1,
            Tag::Emphasis => self.styles.italic += 1,
            Tag::Strikethrough => self.styles.strike += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.start_label(&dest_url);
            }
            Tag::HtmlBlock
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => self.start_paragraph(),
            Tag::Superscript | Tag::Subscript => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                self.end_html();
                self.end_block();
                self.styles.bold -= 1;
            }
            TagEnd::BlockQuote(_) => {
                self.end_block();
                self.quotes -= 1;
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(_) => {
                self.end_block();
                self.lists.pop();
            }
            TagEnd::Item => self.end_item(),
            TagEnd::Table => self.end_table(),
            TagEnd::TableCell => {
                self.end_html();
                let cell = std::mem::take(&mut self.line).trimmed();
                let row = self.table.as_mut().and_then(|table| table.rows.last_mut());
                row.into_iter().for_each(|row| row.push(cell.clone()));
            }
            TagEnd::Strong => self.styles.bold -= 1,
            TagEnd::Emphasis => self.styles.italic -= 1,
            TagEnd::Strikethrough => self.styles.strike -= 1,
            TagEnd::Link | TagEnd::Image => self.end_label(),
            TagEnd::Paragraph
            | TagEnd::HtmlBlock
            | TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::MetadataBlock(_) => {
                self.end_html();
                if self.point.is_none() {
                    self.end_block();
                }
            }
            TagEnd::TableHead | TagEnd::TableRow | TagEnd::Superscript | TagEnd::Subscript => {}
        }
    }

    /// In a point another paragraph is another line of the same point.
    fn start_paragraph(&mut self) {
        if self.point.is_some() || self.table.is_some() {
            self.line_break();
        } else {
            self.end_block();
        }
    }

    fn start_item(&mut self) {
        self.end_block();
        let depth = self.lists.len().saturating_sub(1) + self.html_lists;
        let number = self.lists.last_mut().and_then(Option::as_mut).map(|next| {
            let number = *next;
            *next = number.saturating_add(1);
            number
        });
        self.begins = Some(Point { indent: shallow(depth), number });
    }

    fn end_item(&mut self) {
        if self.begins.is_some() {
            // A point without words still counts.
            self.push(Inline::Text(" ".to_owned(), Style::default()));
        }
        self.end_block();
    }

    fn style(&self) -> Style {
        self.styles.style().and(self.html_styles.style())
    }

    /// Words or an element, where we are.
    fn push(&mut self, one: Inline) {
        if let Some(label) = &mut self.label {
            return label.line.push(one);
        }
        if self.table.is_none()
            && let Some(point) = self.begins.take()
        {
            self.point = Some(point);
        }
        self.line.push(one);
    }

    fn line_break(&mut self) {
        let style = self.style();
        if let Some(label) = &mut self.label {
            label.line.push(Inline::Text(" ".to_owned(), style));
        } else if !self.line.is_blank() {
            self.line.push(Inline::Text("\n".to_owned(), Style::default()));
        }
    }

    /// What was read so far is a block of its own.
    fn end_block(&mut self) {
        if self.table.is_some() {
            return;
        }
        let line = std::mem::take(&mut self.line);
        let quoted = self.quotes + self.html_quotes > 0;
        match self.point.take() {
            Some(Point { indent, number }) => {
                let line = if line.is_blank() { line } else { line.trimmed() };
                self.blocks.push(Block::Item { line, indent, number, quoted });
            }
            None if line.is_blank() => {}
            None => {
                let gap = !self.blocks.is_empty();
                self.blocks.push(Block::Paragraph { line: line.trimmed(), gap, quoted });
            }
        }
    }

    /// A point that begins with code shows its mark on a line of its own.
    fn end_block_before_code(&mut self) {
        if self.begins.is_some() {
            self.push(Inline::Text(" ".to_owned(), Style::default()));
        }
        self.end_block();
    }

    fn end_code(&mut self) {
        let mut code = self.code.take().unwrap_or_default();
        let language = std::mem::take(&mut self.language);
        if code.trim().is_empty() {
            // What stands behind a fence with nothing in it is no language.
            code = language;
        }
        let code = seen(&self.guard.undo(&code));
        let text = code.trim_end().trim_start_matches('\n').to_owned();
        if !text.is_empty() {
            let quoted = self.quotes + self.html_quotes > 0;
            self.blocks.push(Block::Code { text, quoted });
        }
    }

    /// Slack has tables only outside of lists and quotes.
    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        if let Some(raw) = self.raw_table.take() {
            self.code = Some(raw);
            self.line = Line::default();
            return self.end_code();
        }
        let is_inside = self.quotes + self.html_quotes > 0 || !self.lists.is_empty();
        self.blocks.push(if is_inside || !table.fits() {
            Block::Code { text: table.as_text(), quoted: self.quotes + self.html_quotes > 0 }
        } else {
            Block::Table(table)
        });
        self.line = Line::default();
    }

    fn text(&mut self, text: &str) {
        if let Some(lines) = &mut self.code {
            return lines.push_str(text);
        }
        let text = seen(&self.guard.undo(text));
        let style = self.style();
        if self.label.is_some() || style.code {
            return self.push(Inline::Text(text, style));
        }
        // Addresses become links, which Slack leaves to us.
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]);
        for span in finder.spans(&text) {
            let words = span.as_str();
            let end = span.kind().and_then(|_| words.find(ends_address)).unwrap_or(words.len());
            let (address, after) = words.split_at(end);
            let line = match span.kind() {
                Some(_) if address.starts_with("https://") => labelled(address, Line::default()),
                _ => Line::styled(address, style),
            };
            for one in line.in_style(style).0 {
                self.push(one);
            }
            self.push(Inline::Text(after.to_owned(), style));
        }
    }

    fn start_label(&mut self, url: &str) {
        match &mut self.label {
            Some(label) => label.inner += 1,
            None => {
                let url = self.guard.undo(url);
                self.label = Some(Label { url, line: Line::default(), inner: 0 });
            }
        }
    }

    fn end_label(&mut self) {
        let Some(label) = &mut self.label else { return };
        if label.inner > 0 {
            label.inner -= 1;
            return;
        }
        let Some(Label { url, line, .. }) = self.label.take() else { return };
        let line = shortened(line.trimmed());
        let style = self.style();
        for one in labelled(&url, line).in_style(style).0 {
            self.push(one);
        }
    }

    fn html(&mut self, text: &str) {
        if self.code.is_some() && !text.contains("</") {
            return self.text(text);
        }
        for piece in html::pieces(text) {
            match piece {
                Piece::Words(words) if self.code.is_some() => {
                    let words = html::unescaped(words);
                    self.code.get_or_insert_default().push_str(&words);
                }
                Piece::Words(words) => self.html_words(words),
                Piece::Open { tag, attributes } => self.open(tag, attributes),
                Piece::Close(tag) => self.close(tag),
            }
        }
    }

    /// Words of an HTML block: its indentation means nothing.
    fn html_words(&mut self, words: &str) {
        for (nth, line) in html::unescaped(words).split('\n').enumerate() {
            if nth > 0 {
                self.line_break();
            }
            let line = if nth > 0 || self.line.is_blank() { line.trim_start() } else { line };
            self.text(line);
        }
    }

    fn open(&mut self, tag: &str, attributes: &str) {
        let attribute = |name| html::attribute(attributes, name).unwrap_or_default();
        match tag {
            "br" => return self.line_break(),
            "a" => return self.start_label(&attribute("href")),
            "img" => {
                self.start_label(&attribute("src"));
                self.push(Inline::Text(seen(&attribute("alt")), Style::default()));
                return self.end_label();
            }
            "td" | "th" if !self.line.is_blank() => self.text(" | "),
            "hr" => {
                self.end_block();
                self.text(RULE);
                self.end_block();
            }
            "ul" | "ol" => {
                self.end_block();
                self.html_lists += 1;
            }
            "li" => {
                self.end_block();
                let depth = self.lists.len() + self.html_lists.saturating_sub(1);
                self.begins = Some(Point { indent: shallow(depth), number: None });
            }
            "blockquote" => {
                self.end_block();
                self.html_quotes += 1;
            }
            "pre" => {
                self.end_block_before_code();
                self.code = Some(String::new());
            }
            tag if is_block(tag) => self.start_paragraph(),
            _ => {}
        }
        self.html_styles.of_tag(tag).into_iter().for_each(|count| *count += 1);
    }

    fn close(&mut self, tag: &str) {
        match tag {
            "a" => self.end_label(),
            "ul" | "ol" => {
                self.end_block();
                self.html_lists = self.html_lists.saturating_sub(1);
            }
            "li" => self.end_block(),
            "blockquote" => {
                self.end_block();
                self.html_quotes = self.html_quotes.saturating_sub(1);
            }
            "pre" if self.code.is_some() => self.end_code(),
            tag if is_block(tag) && self.point.is_none() => self.end_block(),
            _ => {}
        }
        let count = self.html_styles.of_tag(tag).into_iter();
        count.for_each(|count| *count = count.saturating_sub(1));
    }

    /// What tags have left open ends with the block they are in.
    fn end_html(&mut self) {
        self.html_styles = Styles::default();
        if self.code.is_some() {
            self.end_code();
        }
        if self.label.is_some() {
            self.end_label();
        }
    }

    /// Definitions that no link uses would vanish.
    fn definitions(&mut self, unused: HashMap<String, String>) {
        let mut unused: Vec<_> = unused.into_iter().collect();
        unused.sort();
        for (name, url) in unused {
            self.text(&format!("[{name}]: {url}"));
            self.end_block();
        }
    }
}

/// Whether a row has more cells than there are columns: Markdown leaves those out. A bar in a cell's
/// code is enough for that.
fn has_surplus(table: &str, columns: usize) -> bool {
    table.lines().any(|line| {
        let line = line.trim_matches([' ', '\t', '>']).replace("\\|", "");
        let line = line.strip_prefix('|').unwrap_or(&line);
        line.strip_suffix('|').unwrap_or(line).matches('|').count() >= columns
    })
}

/// Lines without what a list or a quote puts in front of them.
fn unindented(table: &str) -> String {
    let lines = table.lines().map(|line| line.trim_start_matches([' ', '\t', '>']));
    lines.collect::<Vec<_>>().join("\n")
}

/// The deepest that a point is indented.
fn shallow(depth: usize) -> u8 {
    u8::try_from(depth).unwrap_or(DEEPEST).min(DEEPEST)
}

fn align(of: Alignment) -> Align {
    match of {
        Alignment::None | Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}

/// The elements that begin on a line of their own.
fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
            | "footer"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "main"
            | "nav"
            | "p"
            | "picture"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
    )
}

/// East Asian punctuation is no part of an address.
fn ends_address(c: char) -> bool {
    is_east_asian(c) && !c.is_alphanumeric()
}

/// A label as long as one may be.
fn shortened(line: Line) -> Line {
    let words = line.words();
    if words.chars().nth(LONGEST_LABEL).is_none() {
        return line;
    }
    let style = match line.0.first() {
        Some(Inline::Text(_, style)) => *style,
        _ => Style::default(),
    };
    Line::styled(&cut(&words, LONGEST_LABEL), style)
}
