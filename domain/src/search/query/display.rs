//! The tree as text that is read as the same tree.

use std::fmt::{self, Display, Formatter};

use super::{Filter, Node, Parsed, Place, Range, TextField, date, field};

impl Display for Parsed {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        self.root.as_ref().map_or(Ok(()), |root| root.fmt(to))
    }
}

impl Display for Node {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(nodes) => joined(nodes, " ", to, |node| matches!(node, Self::Or(_))),
            Self::Or(nodes) => joined(nodes, " OR ", to, |_| false),
            Self::Not(node) => {
                to.write_str("-")?;
                operand(node, to, matches!(**node, Self::And(_) | Self::Or(_)))
            }
            Self::Word { field, text } => write!(to, "{field}{text}"),
            Self::Prefix { field, text } => write!(to, "{field}{text}*"),
            Self::Phrase { field, text, slop: 0 } => write!(to, "{field}\"{text}\""),
            Self::Phrase { field, text, slop } => write!(to, "{field}\"{text}\"~{slop}"),
            Self::Filter(filter) => filter.fmt(to),
        }
    }
}

fn joined(nodes: &[Node], by: &str, to: &mut Formatter<'_>, is_looser: fn(&Node) -> bool) -> fmt::Result {
    for (at, node) in nodes.iter().enumerate() {
        to.write_str(if at == 0 { "" } else { by })?;
        operand(node, to, is_looser(node))?;
    }
    Ok(())
}

fn operand(node: &Node, to: &mut Formatter<'_>, is_group: bool) -> fmt::Result {
    if is_group { write!(to, "({node})") } else { node.fmt(to) }
}

impl Display for TextField {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        to.write_str(match self {
            Self::Any => "",
            Self::Name => "name:",
            Self::Title => "title:",
            Self::Author => "author:",
            Self::Content => "content:",
        })
    }
}

impl Display for Filter {
    fn fmt(&self, to: &mut Formatter<'_>) -> fmt::Result {
        let list = |all: &[String]| match all {
            [one] => value(one),
            all => format!("({})", all.iter().map(|it| value(it)).collect::<Vec<_>>().join(",")),
        };
        match self {
            Self::Extension(all) => write!(to, "ext:{}", list(all)),
            Self::Kind(all) => {
                let names: Vec<String> = all.iter().map(|kind| name_in(field::KINDS, kind).to_owned()).collect();
                write!(to, "type:{}", list(&names))
            }
            Self::Provider(all) => write!(to, "provider:{}", list(all)),
            Self::Language(all) => write!(to, "lang:{}", list(all)),
            Self::Id(all) => write!(to, "id:{}", list(&all.iter().map(ToString::to_string).collect::<Vec<_>>())),
            Self::In(Place::Id(id)) => write!(to, "in:{id}"),
            Self::In(Place::Path(path)) => write!(to, "in:{}", value(&format!("/{path}"))),
            Self::Owner(owner) => write!(to, "owner:{}", value(owner)),
            Self::Size(Range { from, to: end }) => match (from, end) {
                (Some(from), Some(end)) => write!(to, "size:{from}..{}", end.saturating_sub(1)),
                (Some(from), None) => write!(to, "size:>={from}"),
                (None, end) => write!(to, "size:<{}", end.unwrap_or_default()),
            },
            Self::Modified(range) => write!(to, "modified:{}", date::written(range)),
            Self::Created(range) => write!(to, "created:{}", date::written(range)),
            Self::Taken(range) => write!(to, "taken:{}", date::written(range)),
            Self::Is(state) => write!(to, "is:{}", name_in(field::STATES, state)),
            Self::Has(part) => write!(to, "has:{}", name_in(field::PARTS, part)),
        }
    }
}

fn name_in<T: PartialEq>(names: &'static [(&str, T)], of: &T) -> &'static str {
    names.iter().find(|(_, meaning)| meaning == of).map_or("", |(name, _)| name)
}

/// In quotation marks where it would not hold together without.
fn value(text: &str) -> String {
    let is_loose = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|' | ',');
    if text.contains(is_loose) || text == "OR" { format!("\"{text}\"") } else { text.to_owned() }
}
