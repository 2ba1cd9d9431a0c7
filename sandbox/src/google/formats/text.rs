//! Formats that are text: HTML, RTF, SVG, tables with separators.

use crate::call::escape;

pub fn windows(lines: &[&str]) -> String {
    format!("\u{feff}{}", lines.join("\r\n"))
}

pub fn html(title: &str, lines: &[&str]) -> String {
    let paragraphs: String = lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect();
    format!(
        "<html><head><meta content=\"text/html; charset=UTF-8\" http-equiv=\"content-type\">\
         <title>{}</title></head><body>{paragraphs}</body></html>",
        escape(title)
    )
}

pub fn rtf(lines: &[&str]) -> String {
    let mut out = String::from("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}\n");
    for line in lines {
        for letter in line.chars() {
            match letter {
                '\\' | '{' | '}' => {
                    out.push('\\');
                    out.push(letter);
                }
                plain if plain.is_ascii() => out.push(plain),
                other => {
                    let mut units = [0u16; 2];
                    for unit in other.encode_utf16(&mut units) {
                        out.push_str(&format!("\\u{}?", *unit as i16));
                    }
                }
            }
        }
        out.push_str("\\par\n");
    }
    out.push('}');
    out
}

pub fn svg(title: &str, lines: &[&str]) -> String {
    let rows = lines
        .iter()
        .take(20)
        .enumerate()
        .map(|(at, line)| format!("<text x=\"20\" y=\"{}\">{}</text>", 40 + at * 20, escape(line)));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"400\" height=\"300\"><title>{}</title>{}</svg>",
        escape(title),
        rows.collect::<String>()
    )
}

/// Rows of CSV; quoted fields may hold separators, quotes and line breaks.
pub fn table(source: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut letters = source.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(row) = rows.last_mut() else {
            break;
        };
        let Some(field) = row.last_mut() else {
            break;
        };
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => rows.push(vec![String::new()]),
            other => field.push(other),
        }
    }
    if rows.last().is_some_and(|row| row.len() == 1 && row[0].is_empty()) {
        rows.pop();
    }
    rows
}

pub fn separated(rows: &[Vec<String>], by: char) -> String {
    let line = |row: &Vec<String>| {
        let fields = row.iter().map(|field| {
            if by == '\t' {
                field.replace(['\t', '\n'], " ")
            } else if field.contains([by, '"', '\n']) {
                format!("\"{}\"", field.replace('"', "\"\""))
            } else {
                field.clone()
            }
        });
        fields.collect::<Vec<_>>().join(&by.to_string())
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\r\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_survives_reading_and_writing() {
        let rows = table("a,\"b,c\"\n\"d\"\"e\",f\n");
        assert_eq!(rows, [["a", "b,c"], ["d\"e", "f"]]);
        assert_eq!(separated(&rows, ','), "a,\"b,c\"\r\n\"d\"\"e\",f");
        assert_eq!(separated(&rows, '\t'), "a\tb,c\r\nd\"e\tf");
    }
}
