//! The words of an HTML mail. Marks are taken out and never understood beyond
//! line breaks, list items and links; nothing of it is loaded or run.

use super::text;

/// Bytes that are looked at. Marks are most of a mail.
const LONGEST: usize = 2 * 1024 * 1024;
/// Their content is not for reading.
const UNREAD: [&str; 9] = ["script", "style", "title", "template", "noembed", "noframes", "iframe", "object", "svg"];
/// Stand on lines of their own.
const BLOCKS: [&str; 26] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "header",
    "li",
    "main",
    "nav",
    "ol",
    "pre",
    "section",
    "table",
    "tbody",
    "tr",
    "ul",
    "hr",
];
/// Have an empty line around them.
const PARAGRAPHS: [&str; 7] = ["p", "h1", "h2", "h3", "h4", "h5", "h6"];
/// Addresses that are shown beside a link's words.
const SHOWN: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];

/// The words, with their line breaks. Where a link's words differ from its
/// address, the address stands behind them.
pub fn to_text(html: &str) -> String {
    let end = html.floor_char_boundary(LONGEST.min(html.len()));
    let mut page = Page::default();
    let mut rest = html.get(..end).unwrap_or_default();
    while let Some(open) = rest.find('<') {
        let (words, after) = rest.split_at(open);
        page.words(words);
        rest = page.mark(after);
    }
    page.words(rest);
    page.finish()
}

#[derive(Default)]
struct Page {
    text: String,
    /// Line breaks and blanks that go before the next word.
    breaks: usize,
    blank: bool,
    /// Within `<pre>`: blanks and breaks stay.
    kept: usize,
    /// Address of the link that is being read, and where its words begin.
    link: Option<(String, usize)>,
    /// A quote was found that never ends: none is trusted any more, or looking for
    /// its end at every mark would take for ever.
    broken: bool,
}

/// Control letters, and zero-width fillers with which mails pad their preview line.
fn is_unseen(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{34f}' | '\u{ad}')
}

impl Page {
    fn words(&mut self, raw: &str) {
        let words = entities(raw);
        for letter in words.chars() {
            match letter {
                '\n' if self.kept > 0 => self.breaks += 1,
                // The no-break space is for looks.
                letter if letter.is_whitespace() => self.blank = true,
                letter if is_unseen(letter) => {}
                letter => {
                    self.gap();
                    self.text.push(letter);
                }
            }
        }
    }

    fn gap(&mut self) {
        if !self.text.is_empty() {
            if self.breaks > 0 {
                self.text.extend(std::iter::repeat_n('\n', self.breaks.min(2)));
            } else if self.blank {
                self.text.push(' ');
            }
        }
        self.breaks = 0;
        self.blank = false;
    }

    fn at_least(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
    }

    /// Reads what begins with `<` and gives back what follows it.
    fn mark<'h>(&mut self, html: &'h str) -> &'h str {
        let inside = html.get(1..).unwrap_or_default();
        if let Some(comment) = inside.strip_prefix("!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let closing = inside.starts_with('/');
        let name_at = usize::from(closing);
        let named = inside.get(name_at..).unwrap_or_default();
        let length = named.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"-:".contains(byte)).count();
        let name = named.get(..length).unwrap_or_default().to_ascii_lowercase();
        let is_mark = name.starts_with(|letter: char| letter.is_ascii_alphabetic());
        if !is_mark && !inside.starts_with(['!', '?', '/']) {
            // "a < b": no mark at all.
            self.gap();
            self.text.push('<');
            return inside;
        }
        let (attributes, rest) = self.split_mark(named.get(length..).unwrap_or_default());
        if !closing && UNREAD.contains(&name.as_str()) {
            return if attributes.ends_with('/') { rest } else { after_closing(rest, &name) };
        }
        self.act(&name, closing, attributes);
        rest
    }

    /// Splits what follows a mark's name at its `>`; quotes may hold one.
    fn split_mark<'h>(&mut self, html: &'h str) -> (&'h str, &'h str) {
        let mut quote = None;
        let quoted = if self.broken { "" } else { html };
        for (at, byte) in quoted.bytes().enumerate() {
            match (quote, byte) {
                (None, b'>') => {
                    return (html.get(..at).unwrap_or_default(), html.get(at + 1..).unwrap_or_default());
                }
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), byte) if open == byte => quote = None,
                _ => {}
            }
        }
        // A quote that never ends must not swallow the mail: the mark ends at the next `>`.
        self.broken = true;
        html.split_once('>').unwrap_or((html, ""))
    }

    fn act(&mut self, name: &str, closing: bool, attributes: &str) {
        match name {
            "br" => self.breaks += 1,
            "a" => self.link(closing, attributes),
            "td" | "th" => self.blank = true,
            "img" => {
                if let Some(words) = attribute(attributes, "alt").filter(|words| !words.trim().is_empty()) {
                    self.words("[");
                    self.words(&words);
                    self.words("]");
                }
            }
            name if PARAGRAPHS.contains(&name) => self.at_least(2),
            name if BLOCKS.contains(&name) => {
                self.at_least(1);
                if name == "pre" {
                    self.kept = if closing { self.kept.saturating_sub(1) } else { self.kept.saturating_add(1) };
                }
                if name == "li" && !closing {
                    self.gap();
                    self.text.push_str("- ");
                }
            }
            _ => {}
        }
    }

    fn link(&mut self, closing: bool, attributes: &str) {
        // A link within a link ends the outer one.
        if let Some((address, from)) = self.link.take() {
            let words = self.text.get(from..).unwrap_or_default().trim();
            let bare = |text: &str| {
                let text = text.trim().to_lowercase();
                let text = SHOWN.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(&text).to_owned();
                text.trim_end_matches('/').to_owned()
            };
            if bare(words) != bare(&address) {
                if words.is_empty() {
                    self.gap();
                    self.text.push_str(&address);
                } else {
                    self.text.push_str(" (");
                    self.text.push_str(&address);
                    self.text.push(')');
                }
            }
        }
        if !closing {
            // An address has no blanks and nothing that cannot be seen.
            let seen = |address: String| address.chars().filter(|c| !is_unseen(*c) && !c.is_whitespace()).collect();
            let address = attribute(attributes, "href").map(seen).map(|address: String| text::short(&address));
            let shown = address.filter(|address| {
                let address = address.to_lowercase();
                SHOWN.iter().any(|scheme| address.starts_with(scheme))
            });
            self.link = shown.map(|address| (address, self.text.len()));
        }
    }

    fn finish(mut self) -> String {
        self.link(true, "");
        text::cut(self.text.trim())
    }
}

/// What follows `</name`, to its `>`; nothing when it is never closed.
fn after_closing<'h>(html: &'h str, name: &str) -> &'h str {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once("</") {
        let named = after.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
        let tail = after.get(name.len()..).unwrap_or_default();
        if named && !tail.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
            return tail.split_once('>').map_or("", |(_, rest)| rest);
        }
        rest = after;
    }
    ""
}

/// An attribute of a mark.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((before, after)) = rest.split_once('=') {
        let key = before.trim_end().rsplit(|letter: char| letter.is_whitespace() || letter == '/').next();
        let after = after.trim_start();
        let quote = after.chars().next().filter(|letter| ['"', '\''].contains(letter));
        let (value, next) = match quote {
            Some(quote) => {
                let inner = after.get(1..).unwrap_or_default();
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            None => {
                let end = after.find(char::is_whitespace).unwrap_or(after.len());
                after.split_at(end)
            }
        };
        if key.is_some_and(|key| key.eq_ignore_ascii_case(name)) {
            return Some(entities(value));
        }
        rest = next;
    }
    None
}

/// Puts the letters in place that `&name;` and `&#1;` stand for. One round only:
/// what comes out is text, not HTML.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let inside = after.get(1..).unwrap_or_default();
        // No name is longer than this.
        let end = inside.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(inside.get(..end)?)?, inside.get(end + 1..)?))) {
            Some((letter, next)) => {
                out.push(letter);
                rest = next;
            }
            None => {
                out.push('&');
                rest = inside;
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']);
        let code = hex.map_or_else(|| number.parse().ok(), |hex| u32::from_str_radix(hex, 16).ok())?;
        return char::from_u32(code).filter(|letter| *letter != '\0');
    }
    match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => Some('\u{a0}'),
        // Of no width: left out like the letters that they stand for.
        "shy" | "zwnj" | "zwj" | "lrm" | "rlm" => Some('\u{ad}'),
        name => {
            let mut known = NAMED.split_whitespace();
            known.find(|known| *known == name)?;
            known.next()?.chars().next()
        }
    }
}

/// Those that mail programs write, each with its letter; everything else comes as
/// letters or numbers.
const NAMED: &str = "amp & lt < gt > quot \" apos ' copy © reg ® trade ™ euro € pound £ yen ¥ cent ¢ sect § para ¶ \
    deg ° plusmn ± times × divide ÷ middot · bull • hellip … ndash – mdash — lsquo ‘ rsquo ’ sbquo ‚ ldquo “ rdquo ” \
    bdquo „ laquo « raquo » lsaquo ‹ rsaquo › larr ← rarr → uarr ↑ darr ↓ check ✓ iexcl ¡ iquest ¿ ordf ª ordm º \
    szlig ß auml ä ouml ö uuml ü Auml Ä Ouml Ö Uuml Ü aacute á eacute é iacute í oacute ó uacute ú Aacute Á Eacute É \
    Iacute Í Oacute Ó Uacute Ú agrave à egrave è igrave ì ograve ò ugrave ù Agrave À Egrave È acirc â ecirc ê icirc î \
    ocirc ô ucirc û Acirc Â Ecirc Ê atilde ã otilde õ Atilde Ã Otilde Õ ntilde ñ Ntilde Ñ ccedil ç Ccedil Ç aring å \
    Aring Å oslash ø Oslash Ø aelig æ AElig Æ oelig œ";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::breaks_and_paragraphs(
        "<p>Dear team,</p><p>one<br>two<br/>three</p>Bye",
        "Dear team,\n\none\ntwo\nthree\n\nBye"
    )]
    #[case::blanks_are_one("a\n  b&nbsp;&nbsp;c", "a b c")]
    #[case::lists("<ul><li>one</li><li>two</li></ul>", "- one\n- two")]
    #[case::tables("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc")]
    #[case::entities("1 &lt; 2 &amp;amp; &#8364;&#x20AC; &unknown; &", "1 < 2 &amp; €€ &unknown; &")]
    #[case::a_script_of_entities_is_text("&lt;script&gt;x()&lt;/script&gt;", "<script>x()</script>")]
    #[case::scripts_and_styles("a<script>x('</b>')</script>b<STYLE>p{}</STYLE >c<title>t</title>d", "abcd")]
    #[case::a_script_without_end("before<script>alert(1)", "before")]
    #[case::comments("a<!-- <b>x</b> --!> -->b<!doctype html><?xml?>c", "abc")]
    #[case::a_comment_without_end("a<!-- b", "a")]
    #[case::no_mark("a < b <3 and x<y", "a < b <3 and x")]
    #[case::a_quote_with_an_end_in_it("<a title='>'>x</a>y", "xy")]
    #[case::a_quote_without_end("<b class=\"x>bold</b> rest", "bold rest")]
    #[case::pre("<pre>a\nb\n\nc</pre>", "a\nb\n\nc")]
    #[case::pictures("<img src='https://x.invalid/p.gif'><img alt='Logo &amp; more' src=x>", "[Logo & more]")]
    #[case::a_link(
        "see <a href=\"https://x.invalid/a?b=1&amp;c=2\">this</a>.",
        "see this (https://x.invalid/a?b=1&c=2)."
    )]
    #[case::a_link_of_itself("<a href='https://x.invalid/'>x.invalid</a>", "x.invalid")]
    #[case::a_link_that_lies(
        "<a href=https://evil.invalid>https://bank.invalid</a>",
        "https://bank.invalid (https://evil.invalid)"
    )]
    #[case::a_link_that_runs("<a href='javascript:alert(1)'>click</a>", "click")]
    #[case::an_address_with_letters_that_cannot_be_seen(
        "<a href='mailto:\u{0}pat\u{200b}@x .invalid'></a>",
        "mailto:pat@x.invalid"
    )]
    #[case::a_link_without_words("<a href='mailto:pat@x.invalid'></a>", "mailto:pat@x.invalid")]
    #[case::a_preview_filler("Hi&zwnj;&nbsp;\u{200b}\u{200c}there", "Hi there")]
    fn the_words_of_a_mail_are_kept_and_its_marks_are_not(#[case] html: &str, #[case] wanted: &str) {
        assert_eq!(to_text(html), wanted);
    }

    #[test]
    fn a_huge_mail_is_cut_and_read_in_one_go() {
        let html = "<div>".repeat(400_000) + &"<a href='x'".repeat(200_000) + &"word ".repeat(1_000_000);
        assert!(to_text(&html).len() <= text::LONGEST + 4);
        // Each mark has a quote that never ends.
        to_text(&"<a '\"'\">x".repeat(200_000));
        to_text(&"<b></scrip>&#<!".repeat(100_000));
        let html = "word ".repeat(2_000_000);
        let words = to_text(&html);
        assert!(words.len() <= text::LONGEST + 4 && words.ends_with('…'));
    }

    proptest! {
        #[test]
        fn any_text_is_read(html in r#"([<>/!a"'=&;# -]|br|script|<a href=|</|pre|&#x|é){0,80}"#) {
            let words = to_text(&html);
            prop_assert!(words.len() <= html.len() * 4 + 16);
        }
    }
}
