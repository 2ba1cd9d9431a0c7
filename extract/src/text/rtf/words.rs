//! What the control words of RTF stand for.

use super::{info::Field, writer::Destination};

/// A break that a control word makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Line,
    Cell,
}

/// Where the rest of a group goes that begins with this word; `Text` begins a flow of its own.
pub fn destination(word: &[u8]) -> Option<Destination> {
    Some(match word {
        b"fonttbl" => Destination::Fonts,
        b"info" => Destination::Info,
        b"objdata" => Destination::Object,
        b"pict" => Destination::Picture,
        b"footnote" | b"annotation" | b"header" | b"headerl" | b"headerr" | b"headerf" | b"footer" | b"footerl"
        | b"footerr" | b"footerf" | b"shptxt" | b"dptxbxtext" => Destination::Text,
        b"colortbl"
        | b"stylesheet"
        | b"themedata"
        | b"listtable"
        | b"listoverridetable"
        | b"rsidtbl"
        | b"generator"
        | b"xmlnstbl"
        | b"filetbl"
        | b"revtbl"
        | b"datafield"
        | b"fldinst"
        | b"sp"
        | b"shprslt"
        | b"nonshppict"
        | b"listtext"
        | b"pntext"
        | b"pntxta"
        | b"pntxtb"
        | b"pnseclvl"
        | b"atndate"
        | b"atnref"
        | b"atnicn"
        | b"atnid"
        | b"atnauthor"
        | b"xe"
        | b"tc"
        | b"tcn"
        | b"rxe"
        | b"txe"
        | b"bkmkstart"
        | b"bkmkend"
        | b"objclass"
        | b"objname"
        | b"objalias"
        | b"objsect"
        | b"objtime"
        | b"template"
        | b"private"
        | b"nonesttables"
        | b"colorschememapping"
        | b"latentstyles"
        | b"datastore"
        | b"mmathPr"
        | b"pgptbl"
        | b"background"
        | b"falt"
        | b"panose"
        | b"fname"
        | b"ftnsep"
        | b"ftnsepc"
        | b"ftncn"
        | b"aftnsep"
        | b"aftnsepc"
        | b"aftncn"
        | b"docvar"
        | b"userprops"
        | b"passwordhash"
        | b"wgrffmtfilter"
        | b"ffname"
        | b"ffdeftext"
        | b"ffentrymcr"
        | b"ffexitmcr"
        | b"ffhelptext"
        | b"ffstattext"
        | b"ffformat"
        | b"blipuid"
        | b"htmltag"
        | b"mhtmltag" => Destination::Nowhere,
        _ => return None,
    })
}

/// Words after `\*` whose groups hold text all the same.
pub fn is_known_ignorable(word: &[u8]) -> bool {
    matches!(
        word,
        b"shpinst"
            | b"shppict"
            | b"ud"
            | b"do"
            | b"dptxbx"
            | b"shpgrp"
            | b"nesttableprops"
            | b"moMath"
            | b"moMathPara"
            | b"txfieldtext"
    )
}

/// Words that break the text.
pub fn mark(word: &[u8]) -> Option<Mark> {
    match word {
        b"par" | b"sect" | b"page" | b"line" | b"row" | b"nestrow" | b"column" | b"softpage" => Some(Mark::Line),
        b"cell" | b"nestcell" => Some(Mark::Cell),
        _ => None,
    }
}

/// Words that stand for a character.
pub fn character(word: &[u8]) -> Option<char> {
    Some(match word {
        b"tab" => '\t',
        b"emdash" => '\u{2014}',
        b"endash" => '\u{2013}',
        b"emspace" | b"enspace" | b"qmspace" => ' ',
        b"lquote" => '\u{2018}',
        b"rquote" => '\u{2019}',
        b"ldblquote" => '\u{201c}',
        b"rdblquote" => '\u{201d}',
        b"bullet" => '\u{2022}',
        b"zwj" => '\u{200d}',
        b"zwnj" => '\u{200c}',
        _ => return None,
    })
}

/// Words inside a document's account of itself.
pub fn field(word: &[u8]) -> Option<Field> {
    Some(match word {
        b"title" => Field::Title,
        b"subject" => Field::Subject,
        b"author" => Field::Author,
        b"keywords" => Field::Keywords,
        b"creatim" => Field::Created,
        b"revtim" => Field::Modified,
        _ => return None,
    })
}
