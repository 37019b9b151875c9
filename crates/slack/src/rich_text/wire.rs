//! The tree → Slack's blocks.

use super::tree::{Align, Block, Inline, Line, Rich, Style, Table, date_fallback, time_fallback};
use slack_morphism::prelude::*;
use slack_morphism::{SlackDateTime, SlackEmojiName, SlackRelaxedUrl};

/// A longer text element is sent as several. (Slack publishes no limit; text objects have this one.)
const LONGEST: usize = 3000;

/// How a date and a time are shown (Slack: date formatting).
const DATE: &str = "{date_short_pretty} at {time}";
const TIME: &str = "{time}";

/// A number that high is a word at the beginning of a line, a year for example.
const HIGHEST: u64 = 999;

impl Rich {
    /// The blocks of a message: one `rich_text`, and more only where a table stands between. Of several
    /// tables the first is one; Slack takes no more in a message.
    #[must_use]
    pub fn blocks(&self) -> Vec<SlackBlock> {
        let elements = Vec::with_capacity(self.0.len());
        let mut page = Page { elements, ..Page::default() };
        let mut has_table = false;
        for block in &self.0 {
            match block {
                Block::Table(table) if !has_table => {
                    has_table = true;
                    page.end();
                    page.blocks.push(of_table(table));
                }
                Block::Table(table) => page.code(&table.as_text(), false),
                Block::Code { text, quoted } => page.code(text, *quoted),
                Block::Paragraph { line, gap, quoted } => page.paragraph(line, *gap, *quoted),
                Block::Item { line, indent, number, quoted } => {
                    page.item(line, *indent, *number, *quoted);
                }
            }
        }
        page.end();
        page.blocks
    }
}

/// What has been written.
#[derive(Default)]
struct Page {
    blocks: Vec<SlackBlock>,
    elements: Vec<SlackRichTextElement>,
    /// The number of the next point, if it can go into the list that is last.
    next: Option<u64>,
}

impl Page {
    /// What follows is a block of its own.
    fn end(&mut self) {
        let elements = std::mem::take(&mut self.elements);
        if !elements.is_empty() {
            self.blocks.push(SlackRichTextBlock::new(elements).into());
        }
    }

    fn code(&mut self, text: &str, quoted: bool) {
        let line = Line::styled(text, Style::default());
        if !line.0.is_empty() {
            let code = SlackRichTextPreformatted::new(inline(&line));
            self.elements.push(code.opt_border(quoted.then_some(1)).into());
        }
    }

    fn paragraph(&mut self, line: &Line, gap: bool, quoted: bool) {
        let mut more = inline(line);
        if more.is_empty() {
            return;
        }
        let space = |text: &str| SlackRichTextInlineElement::from(text);
        match self.elements.last_mut() {
            // Quotes that follow each other would be apart.
            Some(SlackRichTextElement::Quote(last)) if quoted => {
                last.elements.push(space(if gap { "\n\n" } else { "\n" }));
                last.elements.append(&mut more);
            }
            Some(SlackRichTextElement::Section(last)) if !quoted && gap => {
                last.elements.push(space("\n\n"));
                last.elements.append(&mut more);
            }
            Some(SlackRichTextElement::List(_)) if !quoted && gap => {
                more.insert(0, space("\n"));
                self.elements.push(SlackRichTextSection::new(more).into());
            }
            _ if quoted => self.elements.push(SlackRichTextQuote::new(more).into()),
            _ => self.elements.push(SlackRichTextSection::new(more).into()),
        }
    }

    fn item(&mut self, line: &Line, indent: u8, number: Option<u64>, quoted: bool) {
        if let Some(number) = number.filter(|number| *number > HIGHEST) {
            let line = Line::from(format!("{number}. ")).and(line.clone());
            return self.paragraph(&line, false, quoted);
        }
        let mut words = inline(line);
        if words.is_empty() {
            words.push(" ".into());
        }
        let item = SlackRichTextListElement::from(SlackRichTextSection::new(words));
        let style = match number {
            Some(_) => SlackRichTextListStyle::Ordered,
            None => SlackRichTextListStyle::Bullet,
        };
        let continues = number.is_none() || number == self.next;
        self.next = number.map(|number| number + 1);
        let (indent, border) = (u64::from(indent), quoted.then_some(1));
        if let Some(SlackRichTextElement::List(last)) = self.elements.last_mut()
            && (&last.style, last.indent.unwrap_or(0), last.border) == (&style, indent, border)
            && continues
        {
            last.elements.push(item);
            return;
        }
        let list = SlackRichTextList::new(style, vec![item])
            .with_indent(indent)
            .opt_offset(number.map(|number| number.saturating_sub(1)).filter(|before| *before > 0))
            .opt_border(border);
        self.elements.push(list.into());
    }
}

fn of_table(table: &Table) -> SlackBlock {
    let rows = table.rows.iter().map(|row| row.iter().map(cell).collect()).collect();
    let columns = table.columns.iter().map(|align| {
        SlackTableColumnSetting::new().with_is_wrapped(true).with_align(match align {
            Align::Left => SlackTableColumnAlign::Left,
            Align::Center => SlackTableColumnAlign::Center,
            Align::Right => SlackTableColumnAlign::Right,
        })
    });
    SlackTableBlock::new(rows).with_column_settings(columns.collect()).into()
}

fn cell(line: &Line) -> SlackTableCell {
    match line.0.as_slice() {
        // A cell without text is refused.
        [] => SlackTableCell::from(" "),
        [Inline::Text(text, style)] if *style == Style::default() => {
            SlackTableCell::from(text.as_str())
        }
        _ => {
            let section = SlackRichTextSection::new(inline(line));
            SlackTableRichTextCell::new(vec![section.into()]).into()
        }
    }
}

fn inline(line: &Line) -> Vec<SlackRichTextInlineElement> {
    let mut elements = Vec::with_capacity(line.0.len());
    for one in &line.0 {
        let element = match one {
            Inline::Text(text, style) => {
                let part = |text| SlackRichTextText::new(text).opt_style(wire_style(*style));
                elements.extend(parts(text).map(|text| part(text).into()));
                continue;
            }
            Inline::Link { url, text, style } => {
                let url = SlackRelaxedUrl(url.as_str().to_owned());
                let text = Some(text.clone()).filter(|text| !text.is_empty());
                let link = SlackRichTextLink::new(url).opt_text(text);
                link.opt_style(wire_style(*style)).into()
            }
            Inline::User(user) => SlackRichTextUser::new(SlackUserId(user.to_string())).into(),
            Inline::Group(group) => {
                SlackRichTextUserGroup::new(SlackUserGroupId(group.to_string())).into()
            }
            Inline::Channel(channel) => {
                SlackRichTextChannel::new(SlackChannelId(channel.to_string())).into()
            }
            Inline::Date(at) => {
                let date = SlackRichTextDate::new(SlackDateTime(*at), DATE.to_owned());
                date.with_fallback(date_fallback(*at)).into()
            }
            Inline::Time(at) => {
                let time = SlackRichTextDate::new(SlackDateTime(*at), TIME.to_owned());
                time.with_fallback(time_fallback(*at)).into()
            }
            Inline::Emoji(name) => {
                SlackRichTextEmoji::new(SlackEmojiName((*name).to_owned())).into()
            }
        };
        elements.push(element);
    }
    elements
}

/// A text in parts that are not too long.
fn parts(text: &str) -> impl Iterator<Item = String> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(LONGEST).map_or(rest.len(), |(end, _)| end);
        let (part, more) = rest.split_at(end);
        rest = more;
        (!part.is_empty()).then(|| part.to_owned())
    })
}

fn wire_style(style: Style) -> Option<SlackRichTextStyle> {
    let on = |is: bool| is.then_some(true);
    let wire = SlackRichTextStyle::new()
        .opt_bold(on(style.bold))
        .opt_italic(on(style.italic))
        .opt_strike(on(style.strike))
        .opt_code(on(style.code));
    (style != Style::default()).then_some(wire)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, parts};

    #[test]
    fn a_long_text_is_cut_by_characters() {
        assert_eq!(parts("").next(), None);
        for (length, sizes) in
            [(1, vec![1]), (LONGEST, vec![LONGEST]), (LONGEST + 1, vec![LONGEST, 1])]
        {
            let text = "ü".repeat(length);
            let parts: Vec<String> = parts(&text).collect();
            let found: Vec<usize> = parts.iter().map(|part| part.chars().count()).collect();
            assert_eq!((found, parts.concat()), (sizes, text));
        }
    }
}
