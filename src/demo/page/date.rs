//! Times: those of messages, and `<!date^…>`, in the zone of this machine.
//!
//! Source: Slack, formatting message text, "Date formatting".

use jiff::{Timestamp, ToSpan, Zoned};
use maud::{Markup, html};

/// `1700000000^{date_short_pretty} at {time}^https://…`, with what to show if it cannot be read.
pub(super) fn drawn(token: &str, fallback: &str) -> Markup {
    let mut parts = token.split('^');
    let seconds = parts.next().and_then(|seconds| seconds.parse().ok());
    let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    let (Some(at), Some(format)) = (at, parts.next()) else {
        return html! { (fallback) };
    };
    let there = at.to_zoned(jiff::tz::TimeZone::system());
    html! { time datetime=(at) { (written(&there, format)) } }
}

/// The time of day of a message, by its `ts`.
pub(super) fn of_message(ts: &str) -> Markup {
    let seconds = ts.split('.').next().and_then(|seconds| seconds.parse().ok());
    let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).unwrap_or_default();
    let there = at.to_zoned(jiff::tz::TimeZone::system());
    html! { time datetime=(at) { (there.strftime("%H:%M")) } }
}

fn written(at: &Zoned, format: &str) -> String {
    let today = platform::clock::system()().to_zoned(at.time_zone().clone());
    let pretty = |date: String| {
        let yesterday = today.checked_sub(1.day()).map(|before| before.date()).ok();
        if at.date() == today.date() {
            "Today".to_owned()
        } else if Some(at.date()) == yesterday {
            "Yesterday".to_owned()
        } else {
            date
        }
    };
    let short = at.strftime("%b %-d, %Y").to_string();
    let middle = at.strftime("%B %-d, %Y").to_string();
    let long = at.strftime("%A, %B %-d, %Y").to_string();
    [
        ("{date_num}", at.strftime("%Y-%m-%d").to_string()),
        ("{date_short_pretty}", pretty(short.clone())),
        ("{date_short}", short),
        ("{date_long_pretty}", pretty(long.clone())),
        ("{date_long}", long),
        ("{date_pretty}", pretty(middle.clone())),
        ("{date}", middle),
        ("{time_secs}", at.strftime("%H:%M:%S").to_string()),
        ("{time}", at.strftime("%H:%M").to_string()),
    ]
    .into_iter()
    .fold(format.to_owned(), |text, (name, value)| text.replace(name, &value))
}

#[cfg(test)]
mod tests {
    use super::{drawn, written};
    use jiff::{Timestamp, tz::TimeZone};

    #[test]
    fn a_date_is_written_as_asked_for() {
        let at = Timestamp::from_second(1_392_734_382).unwrap().to_zoned(TimeZone::UTC);
        let table = [
            ("{date_num} {time_secs}", "2014-02-18 14:39:42"),
            ("{date_short_pretty} at {time}", "Feb 18, 2014 at 14:39"),
            ("{date_long}", "Tuesday, February 18, 2014"),
            ("{date}", "February 18, 2014"),
        ];
        for (format, text) in table {
            assert_eq!(written(&at, format), text);
        }
    }

    #[test]
    fn what_cannot_be_read_shows_its_fallback() {
        assert_eq!(drawn("soon^{time}", "later & more").into_string(), "later &amp; more");
    }
}
