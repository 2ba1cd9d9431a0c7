//! Made-up words, as often as words of a language are: the second half as often as the first, the hundredth a hundredth as
//! often. The text of a document follows from its number, so that questions can be asked about it later.

use rand::{Rng, SeedableRng, rngs::StdRng};

/// Words there are.
const WORDS: f64 = 60_000.0;
const BEGINS: [&str; 16] = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "st", "tr", "v"];
const MIDDLES: [&str; 5] = ["a", "e", "i", "o", "u"];

/// A word by its rank, different for each; rare words are longer.
pub fn word(mut rank: usize) -> String {
    let mut word = String::new();
    loop {
        let (begin, middle) = (rank % BEGINS.len(), rank / BEGINS.len() % MIDDLES.len());
        word.push_str(BEGINS[begin]);
        word.push_str(MIDDLES[middle]);
        rank /= BEGINS.len() * MIDDLES.len();
        if rank == 0 {
            word.push('n');
            return word;
        }
        rank -= 1;
    }
}

/// A word as it is met in a text: of Zipf's distribution.
pub fn any(random: &mut StdRng) -> String {
    word(WORDS.powf(random.random::<f64>()) as usize - 1)
}

/// A word that somebody would search for: neither in every text nor in none.
pub fn telling(random: &mut StdRng) -> String {
    let (from, to) = (50.0_f64, 20_000.0_f64);
    word((from * (to / from).powf(random.random::<f64>())) as usize)
}

/// The words of a document's text, 200 to 400.
pub fn words_of(document: usize) -> Vec<String> {
    let mut random = StdRng::seed_from_u64(document as u64);
    let length = random.random_range(200..=400);
    (0..length).map(|_| any(&mut random)).collect()
}

/// Sentences of a dozen words.
pub fn text_of(document: usize) -> String {
    let sentences: Vec<String> = words_of(document).chunks(12).map(|words| words.join(" ")).collect();
    sentences.join(". ")
}
