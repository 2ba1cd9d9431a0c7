//! Hebrew and Arabic are often drawn from left to right, that is from their end: here they come into the order of
//! reading.

use super::line::{Piece, is_parted};

pub fn is_letter(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}'
        | '\u{1e800}'..='\u{1eeff}')
        && !is_digit(c)
}

fn is_digit(c: char) -> bool {
    matches!(c, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}')
}

fn is_mark_char(c: char) -> bool {
    matches!(c, '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}'
        | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6ed}' | '\u{300}'..='\u{36f}')
}

/// Whether all of it are marks over or under other letters.
pub fn is_mark(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_mark_char)
}

pub fn is_in(text: &str) -> bool {
    text.chars().any(is_letter)
}

fn is_left_to_right(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit() || is_digit(c) || (c.is_alphabetic() && !is_letter(c)))
}

/// A line in the order of reading.
pub fn in_order(mut line: Vec<Piece>) -> Vec<Piece> {
    if !line.iter().any(|piece| is_in(&piece.text)) {
        return line;
    }
    let letters: Vec<&Piece> = line.iter().filter(|p| is_in(&p.text) && !is_mark(&p.text)).collect();
    let forth = letters.windows(2).filter(|two| two[1].start > two[0].start).count();
    let back = letters.len().saturating_sub(1) - forth;
    if back > 0 && forth * 5 <= back {
        return line;
    }
    if back > 0 {
        // Words from the right, letters from the left: only places tell.
        line.retain(|piece| !piece.text.trim().is_empty());
        line.sort_by(|a, b| a.start.total_cmp(&b.start));
        let parted: Vec<bool> = line.windows(2).map(|two| is_parted(&two[0], &two[1])).collect();
        for (piece, after_space) in line.iter_mut().zip(std::iter::once(false).chain(parted)) {
            piece.after_space = after_space;
        }
    }
    reversed(line)
}

/// Turns a line that runs from left to right: all of it where most of it is to be read from the right, or else the parts
/// that are.
fn reversed(mut line: Vec<Piece>) -> Vec<Piece> {
    let right = line.iter().filter(|p| is_in(&p.text)).count();
    let left = line.iter().filter(|p| is_left_to_right(&p.text) && !is_in(&p.text)).count();
    if right >= left {
        turn(&mut line);
        for run in runs(&line, |text| is_left_to_right(text) && !is_in(text), is_in) {
            turn(&mut line[run]);
        }
    } else {
        for run in runs(&line, is_in, |text| is_left_to_right(text) && !is_in(text)) {
            turn(&mut line[run]);
        }
    }
    line
}

/// Reverses pieces, with the gaps between them. A mark comes after its letter.
fn turn(pieces: &mut [Piece]) {
    let outer = pieces.first().is_some_and(|piece| piece.after_space);
    let gaps: Vec<bool> = pieces.iter().skip(1).map(|piece| piece.after_space).collect();
    pieces.reverse();
    for (piece, gap) in pieces.iter_mut().skip(1).zip(gaps.into_iter().rev()) {
        piece.after_space = gap;
    }
    if let Some(first) = pieces.first_mut() {
        first.after_space = outer;
    }
    for i in 1..pieces.len() {
        if is_mark(&pieces[i - 1].text) && !is_mark(&pieces[i].text) && is_in(&pieces[i].text) && !pieces[i].after_space
        {
            let (over, under) = (&pieces[i - 1], &pieces[i]);
            if over.start >= under.start - 0.2 * under.size && over.start <= under.end {
                pieces.swap(i - 1, i);
                let gap = pieces[i].after_space;
                pieces[i].after_space = false;
                pieces[i - 1].after_space = gap;
            }
        }
    }
}

/// Stretches that begin and end with a piece that is `in`, without one that is `out` between.
fn runs(
    line: &[Piece],
    is_within: impl Fn(&str) -> bool,
    is_out: impl Fn(&str) -> bool,
) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    let mut open = false;
    for (i, piece) in line.iter().enumerate() {
        if is_within(&piece.text) {
            match found.last_mut() {
                Some(run) if open => run.end = i + 1,
                _ => found.push(i..i + 1),
            }
            open = true;
        } else if is_out(&piece.text) {
            open = false;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(text: &str) -> Vec<Piece> {
        let place = |i: usize| i as f64 * 5.0;
        text.chars()
            .enumerate()
            .filter(|(_, c)| *c != ' ')
            .map(|(i, c)| Piece {
                text: c.into(),
                start: place(i),
                end: place(i + 1),
                size: 10.0,
                after_space: i > 0 && text.chars().nth(i - 1) == Some(' '),
            })
            .collect()
    }

    fn read(line: Vec<Piece>) -> String {
        in_order(line).iter().map(|p| format!("{}{}", if p.after_space { " " } else { "" }, p.text)).collect()
    }

    #[test]
    fn letters_drawn_from_their_end_are_turned() {
        assert_eq!(read(drawn("םולש")), "שלום");
        // Words too, with what is written from the left left as it is.
        assert_eq!(read(drawn("PDF 25 הלא םולש")), "שלום אלה PDF 25");
        assert_eq!(read(drawn("the words םולש הלא are here twice")), "the words אלה שלום are here twice");
    }

    #[test]
    fn letters_drawn_from_their_beginning_stay() {
        let mut line: Vec<Piece> = "שלום".chars().map(|c| drawn(&c.to_string()).remove(0)).collect();
        for (i, piece) in line.iter_mut().enumerate() {
            piece.start = -5.0 * i as f64;
            piece.end = piece.start + 5.0;
        }
        assert_eq!(read(line), "שלום");
    }

    #[test]
    fn words_drawn_from_the_right_with_letters_from_the_left_are_put_in_place() {
        let whole = drawn("הלא םולש");
        let (first, second) = whole.split_at(3);
        let line: Vec<Piece> = second.iter().chain(first).cloned().collect();
        assert_eq!(read(line), "שלום אלה");
    }
}
