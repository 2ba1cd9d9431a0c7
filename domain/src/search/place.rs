//! What is asked for by a name that only the database knows: folders by path, people and providers by name. Only folders the
//! caller may see are found; the rest says nothing about documents.

use std::collections::{HashMap, HashSet};

use hawser_entity::{
    document::{self, DocumentKind},
    provider, user,
};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, sea_query::Expr};
use uuid::Uuid;

use super::query::{Filter, Node, Place};
use crate::{Principal, Result, acl, name};

/// Folders of one path that are gone into: names may repeat where paths begin anywhere.
const MOST: u64 = 100;

/// The ids behind the words of a query. What is not there was found nowhere.
#[derive(Debug, Default)]
pub struct Resolved {
    folders: HashMap<String, Vec<Uuid>>,
    visible: HashSet<Uuid>,
    people: HashMap<String, Vec<Uuid>>,
    providers: HashMap<String, Vec<Uuid>>,
}

impl Resolved {
    pub fn folders(&self, place: &Place) -> Vec<Uuid> {
        match place {
            Place::Id(id) => self.visible.get(id).copied().into_iter().collect(),
            Place::Path(path) => self.folders.get(path).cloned().unwrap_or_default(),
        }
    }

    pub fn people(&self, word: &str) -> Vec<Uuid> {
        self.people.get(word).cloned().unwrap_or_default()
    }

    pub fn providers(&self, word: &str) -> Vec<Uuid> {
        self.providers.get(word).cloned().unwrap_or_default()
    }
}

/// Looks up everything a query names.
pub async fn resolve(db: &DatabaseTransaction, who: &Principal, nodes: &[&Node]) -> Result<Resolved> {
    let mut resolved = Resolved::default();
    let mut filters = Vec::new();
    nodes.iter().for_each(|node| collect(node, &mut filters));
    for filter in filters {
        match filter {
            Filter::In(Place::Id(id)) => {
                let query = document::Entity::find_by_id(*id).filter(acl::visible(who));
                resolved.visible.extend(query.one(db).await?.map(|folder| folder.id));
            }
            Filter::In(Place::Path(path)) => {
                let found = folders(db, who, path).await?;
                resolved.folders.insert(path.clone(), found);
            }
            Filter::Owner(word) => {
                let found = people(db, who, word).await?;
                resolved.people.insert(word.clone(), found);
            }
            Filter::Provider(words) => {
                let all = provider::Entity::find().all(db).await?;
                for word in words {
                    let fitting = all.iter().filter(|it| is_called(it, word)).map(|it| it.id).collect();
                    resolved.providers.insert(word.clone(), fitting);
                }
            }
            _ => {}
        }
    }
    Ok(resolved)
}

fn collect<'a>(node: &'a Node, filters: &mut Vec<&'a Filter>) {
    match node {
        Node::And(nodes) | Node::Or(nodes) => nodes.iter().for_each(|node| collect(node, filters)),
        Node::Not(node) => collect(node, filters),
        Node::Filter(filter) => filters.push(filter),
        Node::Word { .. } | Node::Prefix { .. } | Node::Phrase { .. } => {}
    }
}

/// Live folders at the end of a path, which begins at a workspace or at any folder: people who see only part of the tree
/// know no more of its path.
async fn folders(db: &DatabaseTransaction, who: &Principal, path: &str) -> Result<Vec<Uuid>> {
    let mut found: Option<Vec<Uuid>> = None;
    for step in path.split('/').map(str::trim).filter(|step| !step.is_empty()) {
        let mut query = document::Entity::find()
            .select_only()
            .column(document::Column::Id)
            .filter(document::Column::NameKey.eq(name::key(step)))
            .filter(document::Column::TrashRootId.is_null())
            .filter(document::Column::Kind.is_in([
                DocumentKind::Workspace,
                DocumentKind::Folder,
                DocumentKind::OrderedFolder,
            ]))
            .filter(acl::visible(who));
        if let Some(parents) = found {
            query = query.filter(document::Column::ParentId.is_in(parents));
        }
        found = Some(query.limit(MOST).into_tuple().all(db).await?);
    }
    Ok(found.unwrap_or_default())
}

async fn people(db: &DatabaseTransaction, who: &Principal, word: &str) -> Result<Vec<Uuid>> {
    if word.eq_ignore_ascii_case("me") {
        return Ok(vec![who.user_id]);
    }
    if let Ok(id) = word.parse() {
        return Ok(vec![id]);
    }
    let word = word.to_lowercase();
    let named = Expr::cust_with_values("LOWER(name) = $1", [word.clone()]);
    let fits = Condition::any().add(user::Column::EmailKey.eq(word)).add(named);
    let ids = user::Entity::find().select_only().column(user::Column::Id).filter(fits).limit(MOST);
    Ok(ids.into_tuple().all(db).await?)
}

/// By id, by name, or by kind: `google` is as good as `google_drive`.
fn is_called(provider: &provider::Model, word: &str) -> bool {
    let kind = word.to_lowercase().replace(['-', ' '], "_");
    let begins = provider.kind.strip_prefix(&kind).is_some_and(|rest| rest.starts_with('_'));
    word.parse() == Ok(provider.id) || provider.name_key == name::key(word) || provider.kind == kind || begins
}
