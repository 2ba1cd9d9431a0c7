//! Moves everything sealed to the active key while servers run: chunk after chunk, each value only where nobody replaced it
//! meanwhile, so that it can be stopped and begun again at any time. An old key may go when nothing needs it any more.

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, QueryFilter, Statement,
    sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{Keyring, Place, open, seal, sealed};
use crate::{
    App, Result,
    entity::{secret_check, token},
    principal::Actor,
};

/// Values of one transaction: others write in between.
const CHUNK: i64 = 200;

/// A column whose values are sealed; its table has an `id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
}

/// All of them. `secret_check` is looked after apart.
pub const COLUMNS: [Column; 4] = [
    Column { table: "provider", name: "client_secret" },
    Column { table: "connection", name: "access_token" },
    Column { table: "connection", name: "refresh_token" },
    Column { table: "oauth_flow", name: "verifier" },
];

impl Column {
    pub fn place(self, row: Uuid) -> Place<'static> {
        Place { table: self.table, column: self.name, row }
    }

    /// Up to `limit` values after a row, those whose beginning is `not` left out.
    pub(crate) async fn values(
        self,
        db: &impl ConnectionTrait,
        after: Uuid,
        not: Option<&[u8]>,
        limit: i64,
    ) -> Result<Vec<(Uuid, Vec<u8>)>> {
        let Self { table, name } = self;
        let not = not.unwrap_or_default();
        let sql = format!(
            "SELECT id, {name} AS sealed FROM {table} WHERE {name} IS NOT NULL AND id > $1 \
             AND substr({name}, 1, $2) <> $3 ORDER BY id LIMIT $4"
        );
        // An empty beginning is equal to no other.
        let length = i32::try_from(not.len().max(1)).unwrap_or(1);
        let values = [after.into(), length.into(), not.to_vec().into(), limit.into()];
        let rows = db.query_all_raw(Statement::from_sql_and_values(backend(db), sql, values)).await?;
        rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "sealed")?))).collect()
    }

    /// How many values begin so; all where nothing is asked for.
    async fn count(self, db: &impl ConnectionTrait, beginning: &[u8]) -> Result<u64> {
        let Self { table, name } = self;
        let sql = format!("SELECT COUNT(*) AS count FROM {table} WHERE substr({name}, 1, $1) = $2");
        let length = i32::try_from(beginning.len()).unwrap_or(0);
        let asked = Statement::from_sql_and_values(backend(db), sql, [length.into(), beginning.to_vec().into()]);
        let row = db.query_one_raw(asked).await?;
        let count: i64 = row.map(|row| row.try_get("", "count")).transpose()?.unwrap_or(0);
        Ok(count.unsigned_abs())
    }

    /// The id of a key that is not configured and that a value needs, if there is one.
    async fn stranger(self, db: &impl ConnectionTrait, keys: &Keyring) -> Result<Option<String>> {
        let Self { table, name } = self;
        let mut sql = format!("SELECT {name} AS sealed FROM {table} WHERE {name} IS NOT NULL");
        let mut values: Vec<sea_orm::Value> = Vec::new();
        for stamp in keys.ids().map(sealed::stamp) {
            let number = values.len();
            sql.push_str(&format!(" AND substr({name}, 1, ${}) <> ${}", number + 1, number + 2));
            values.push(i32::try_from(stamp.len()).unwrap_or(0).into());
            values.push(stamp.into());
        }
        sql.push_str(" LIMIT 1");
        let row = db.query_one_raw(Statement::from_sql_and_values(backend(db), sql, values)).await?;
        let value: Option<Vec<u8>> = row.map(|row| row.try_get("", "sealed")).transpose()?;
        Ok(value.map(|value| sealed::kid(&value).unwrap_or("(damaged)").to_owned()))
    }
}

fn backend(db: &impl ConnectionTrait) -> DbBackend {
    db.get_database_backend()
}

/// Ids of keys that some value needs and the ring has not.
pub(crate) async fn strangers(db: &impl ConnectionTrait, keys: &Keyring) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for column in COLUMNS {
        found.extend(column.stranger(db, keys).await?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// What a key is still needed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    pub kid: String,
    /// New values are sealed with it.
    pub is_active: bool,
    pub values: u64,
    /// Tokens that are good and known by it; each moves to the active key when it is used.
    pub tokens: u64,
}

impl Use {
    /// Whether it can be taken out of the configuration.
    pub fn is_over(&self) -> bool {
        !self.is_active && self.values == 0 && self.tokens == 0
    }
}

/// Every configured key, the active one first.
pub async fn uses(app: &App) -> Result<Vec<Use>> {
    let db = app.database.read();
    let mut uses = Vec::new();
    for kid in app.keys.ids() {
        let stamp = sealed::stamp(kid);
        let mut values = 0;
        for column in COLUMNS {
            values += column.count(db, &stamp).await?;
        }
        let tokens = known_by(app, kid).count(db).await?;
        uses.push(Use { kid: kid.to_owned(), is_active: kid == app.keys.active(), values, tokens });
    }
    uses.sort_by_key(|it| !it.is_active);
    Ok(uses)
}

/// Good tokens whose hash is made with this key. Where no key is noted it can be any.
fn known_by(app: &App, kid: &str) -> sea_orm::Select<token::Entity> {
    token::Entity::find()
        .filter(token::Column::RevokedAt.is_null())
        .filter(token::Column::ExpiresAt.gt(app.clock.now()))
        .filter(either(token::Column::HashKid.eq(kid)))
}

/// So, or of no key that is noted.
fn either(known: sea_orm::sea_query::Expr) -> Condition {
    Condition::any().add(known).add(token::Column::HashKid.is_null())
}

/// What a rotation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    pub resealed: u64,
    /// Where values stand that no key opens; they are left as they are.
    pub damaged: Vec<String>,
    pub ended_tokens: u64,
    /// Keys that nothing needs any more: they can be taken out of the configuration.
    pub retired: Vec<String>,
}

/// Seals everything with the active key. With `end_tokens`, tokens that are known by another key end; otherwise they move
/// when they are next used. Says after each chunk how many values moved.
pub async fn rotate(app: &App, end_tokens: bool, tell: &(dyn Fn(u64) + Sync)) -> Result<Rotated> {
    let mut done = Rotated::default();
    for column in COLUMNS {
        let mut after = Uuid::nil();
        while let Some(last) = chunk(app, column, after, &mut done).await? {
            after = last;
            tell(done.resealed);
        }
    }
    if end_tokens {
        done.ended_tokens = end(app).await?;
    }
    let over: Vec<_> = uses(app).await?.into_iter().filter(Use::is_over).map(|it| it.kid).collect();
    let w = app.write(Actor::System).await?;
    secret_check::Entity::delete_many().filter(secret_check::Column::Kid.is_in(&over)).exec(w.db()).await?;
    let detail = json!({ "key": app.keys.active(), "resealed": done.resealed, "endedTokens": done.ended_tokens, "retired": over });
    w.audit("keys.rotate", "keys", None, detail).await?;
    w.commit().await?;
    done.retired = over;
    Ok(done)
}

/// Reseals the next values of a column. Returns the last row looked at; none at the end.
async fn chunk(app: &App, column: Column, after: Uuid, done: &mut Rotated) -> Result<Option<Uuid>> {
    let w = app.write(Actor::System).await?;
    let found = column.values(w.db(), after, Some(&sealed::stamp(app.keys.active())), CHUNK).await?;
    let Column { table, name } = column;
    let mut moved = 0;
    for (id, old) in &found {
        let place = column.place(*id);
        let Ok(secret) = open(&app.keys, place, old) else {
            done.damaged.push(format!("{table}.{name} of {id}"));
            continue;
        };
        let new = seal(&app.keys, &app.randomness, place, &secret)?;
        let sql = format!("UPDATE {table} SET {name} = $1 WHERE id = $2 AND {name} = $3");
        let values = [new.into(), (*id).into(), old.clone().into()];
        let update = Statement::from_sql_and_values(backend(w.db()), sql, values);
        moved += w.db().execute_raw(update).await?.rows_affected();
    }
    w.commit().await?;
    done.resealed += moved;
    Ok(found.last().map(|(id, _)| *id))
}

async fn end(app: &App) -> Result<u64> {
    let mut w = app.write(Actor::System).await?;
    let active = app.keys.active();
    let ended = token::Entity::update_many()
        .col_expr(token::Column::RevokedAt, Expr::value(w.now))
        .filter(token::Column::RevokedAt.is_null())
        .filter(token::Column::ExpiresAt.gt(w.now))
        .filter(either(token::Column::HashKid.ne(active)))
        .exec(w.db())
        .await?;
    w.changes_standings();
    w.tell_of_ending_after_commit();
    w.commit().await?;
    Ok(ended.rows_affected)
}
