//! Every subscription, heard by everybody: while the owner's things and the hearer's own change in turn, who may not see
//! the owner's hears of the own ones only.

use futures::{Stream, StreamExt};
use hawser_api::graphql::{Caller, Parameters, listen as hear_all};
use hawser_domain::{connection, document, feed, job};
use hawser_tests::Person;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    cast::{Cast, Own, Who, id},
    contract::{Contract, Root},
    matrix::row,
    table::Answer,
};

/// What the changes of one turn are about, as ids.
struct Stirred {
    of_owner: String,
    of_hearer: String,
}

impl Cast {
    fn hear(&self, who: Option<hawser_domain::Principal>, operation: &str) -> impl Stream<Item = Value> + use<> {
        let house = &self.scene.house;
        let request_id = house.app.randomness.id(house.clock.now());
        let caller = Caller { principal: who, address: None, request_id };
        let answers = hear_all(&house.engine, Parameters::of(operation), caller);
        answers.map(|answer| serde_json::to_value(answer).expect("an answer is JSON"))
    }

    /// Changes something of this person's that the subscription tells of. Returns its id.
    async fn stir(&self, field: &str, person: &Person, own: &Own, turn: usize) -> String {
        let (app, who) = (&self.scene.house.app, &person.principal);
        match field {
            "changes" | "documentChanged" => {
                let id_of = own.document.id;
                let name = format!("{id_of} turn {turn}");
                let rename = document::Rename { id: id_of, name, expected_name_token: None };
                document::rename(app, who, rename, None).await.expect("renamed");
                id("doc", id_of)
            }
            "connectionChanged" => {
                let with = [self.bystander.id];
                match turn % 2 {
                    0 => connection::share(app, who, own.connection.id, &with).await.expect("shared"),
                    _ => connection::unshare(app, who, own.connection.id, &with).await.expect("unshared"),
                };
                id("conn", own.connection.id)
            }
            "feedChanged" => {
                let feed = feed::list(app, own.connection.id).await.expect("the feeds").remove(0);
                let text = format!("{turn} {}", person.id);
                self.scene.cloud.control.edit_text(&own.file, &text).await.expect("an edit");
                feed::poll_now(app, who, feed.id).await.expect("a poll");
                self.scene.house.drain().await;
                id("feed", feed.id)
            }
            "jobUpdated" => {
                let job = self.waiting_job(who, own).await;
                job::cancel(app, who, job).await.expect("cancelled");
                job::retry(app, who, job).await.expect("begun anew");
                id("job", job)
            }
            new => panic!("{new} is new: say here what makes it speak"),
        }
    }

    async fn waiting_job(&self, who: &hawser_domain::Principal, own: &Own) -> Uuid {
        let app = &self.scene.house.app;
        let feed = feed::list(app, own.connection.id).await.expect("the feeds").remove(0);
        feed::poll_now(app, who, feed.id).await.expect("a poll").id
    }
}

/// More than one turn tells of a thing: a job is asked for, cancelled and begun anew, each in a commit of its own.
const OF_ONE_TURN: usize = 8;

/// Hears until the owner's thing is heard of, or the own one more often than one turn tells of it: between two turns,
/// the owner's changed once.
async fn listen(mut answers: std::pin::Pin<&mut impl Stream<Item = Value>>, stirred: &Stirred) -> Answer {
    let mut own = 0;
    while let Some(answer) = answers.next().await {
        if let Some(error) = answer["errors"].get(0) {
            return Answer::Top(error["extensions"]["code"].as_str().expect("a code").to_owned().leak());
        }
        let text = answer.to_string();
        if text.contains(&stirred.of_owner) {
            return Answer::Ok;
        }
        own += usize::from(text.contains(&stirred.of_hearer));
        if own > OF_ONE_TURN {
            return Answer::Nothing;
        }
    }
    panic!("a subscription ended by itself")
}

async fn heard(cast: &Cast, who: Who, name: &str, operation: &str, owners: &Own, own: Option<&Own>) -> Answer {
    let answers = std::pin::pin!(cast.hear(cast.principal(who).await, operation));
    let ann = &cast.scene.ann;
    let (Some(hearer), Some(own)) = (cast.person(who).cloned(), own) else {
        let nothing = Stirred { of_owner: "?".into(), of_hearer: "?".into() };
        return listen(answers, &nothing).await;
    };
    let stirred =
        Stirred { of_owner: cast.stir(name, ann, owners, 0).await, of_hearer: cast.stir(name, &hearer, own, 0).await };
    // A turn that has begun is brought to its end: work broken off in the middle would stay behind as running.
    let answer = std::cell::OnceCell::new();
    let hear = async {
        let heard = listen(answers, &stirred).await;
        answer.set(heard).expect("heard once");
    };
    let stir = async {
        for turn in 1..200 {
            if answer.get().is_some() {
                return;
            }
            cast.stir(name, ann, owners, turn).await;
            cast.stir(name, &hearer, own, turn).await;
        }
        assert!(answer.get().is_some(), "{name} told {who:?} nothing at all");
    };
    futures::future::join(hear, stir).await;
    answer.into_inner().expect("heard")
}

#[tokio::test]
async fn everybody_hears_of_every_subscription_what_the_table_says() {
    let (cast, contract) = (Box::pin(Cast::set()).await, Contract::read());
    let owners = Box::pin(cast.owners()).await;
    let mut wrong = Vec::new();
    for who in Who::ALL {
        let own = match who {
            Who::Anonymous => None,
            who => Some(Box::pin(cast.own(who)).await),
        };
        for (root, field) in contract.roots().into_iter().filter(|(root, _)| *root == Root::Subscription) {
            let name = field.name.node.as_str();
            let operation = contract.operation(root, &field, &json!({}));
            let Some(row) = row(root, name) else { panic!("{name} is not in the table") };
            let place = Who::ALL.iter().position(|known| *known == who).expect("known");
            let got = Box::pin(heard(&cast, who, name, &operation, &owners, own.as_ref())).await;
            if got != row[place] {
                wrong.push(format!("{name} as {who:?}: {got:?} instead of {:?}", row[place]));
            }
        }
    }
    cast.scene.house.drain().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
