//! The words in a picture that is a list of drawing orders (EMF): what an object showed where the object itself is not there.

/// "Draw this text", in the numbers of the format.
const TEXT_ORDER: u32 = 84;
/// Letters of one order.
const MAX_LETTERS: usize = 10_000;

/// The words, a line for each height they are drawn at.
pub fn words(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut height = None;
    let mut rest = bytes;
    while let (Some(kind), Some(length)) = (number(rest, 0), number(rest, 4)) {
        let Some((order, after)) = rest.split_at_checked(length as usize).filter(|_| length >= 8) else { break };
        rest = after;
        if kind != TEXT_ORDER {
            continue;
        }
        let Some(letters) = letters(order) else { continue };
        let at = number(order, 40);
        if height != at && !text.is_empty() {
            text.push('\n');
        }
        height = at;
        text.push_str(&letters);
    }
    text
}

/// Behind the order's bounds and scales: a point, a count of letters, and where they are.
fn letters(order: &[u8]) -> Option<String> {
    let count = (number(order, 44)? as usize).min(MAX_LETTERS);
    let at = number(order, 48)? as usize;
    let bytes = order.get(at..at.checked_add(count * 2)?)?;
    Some(encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned())
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// An order that draws text at a height.
    pub fn order(text: &str, height: u32) -> Vec<u8> {
        let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut order = vec![0; 76];
        order[..4].copy_from_slice(&TEXT_ORDER.to_le_bytes());
        order[4..8].copy_from_slice(&(76 + units.len() as u32).to_le_bytes());
        order[40..44].copy_from_slice(&height.to_le_bytes());
        order[44..48].copy_from_slice(&(units.len() as u32 / 2).to_le_bytes());
        order[48..52].copy_from_slice(&76_u32.to_le_bytes());
        order.extend(units);
        order
    }

    #[test]
    fn words_at_one_height_are_one_line() {
        let bytes =
            [vec![1, 0, 0, 0, 12, 0, 0, 0, 9, 9, 9, 9], order("a ro", 5), order("pe", 5), order("knöt", 9)].concat();
        assert_eq!(words(&bytes), "a rope\nknöt");
    }

    #[test]
    fn orders_that_lie_about_their_length_end_the_reading() {
        assert_eq!(words(&[84, 0, 0, 0, 0, 0, 0, 0]), "");
        assert_eq!(words(&[84, 0, 0, 0, 255, 255, 255, 255, 1]), "");
        let mut lying = order("rope", 1);
        lying[44] = 255;
        assert_eq!(words(&lying), "");
    }
}
