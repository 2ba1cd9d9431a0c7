//! Doors that are not GraphQL. One line per door.

use actix_web::web::ServiceConfig;

mod health;

pub fn configure(config: &mut ServiceConfig) {
    config.service(health::live).service(health::ready);
}
