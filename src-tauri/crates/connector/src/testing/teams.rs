//! Chapters of what stands around a contact: its customer, words kept ready, and
//! lists to take work from.

use trunkline_model::ConversationState;

use super::cases::{can, connected, online};
use super::{ConformanceFixture, LogLines, Seat};
use crate::{Capability, Command};

/// There are words, each with a heading, and they are the same when asked for again.
pub async fn words_kept_ready_are_read<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::CannedMessages) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let words = seated.canned_messages().await.expect("words");
    assert!(!words.is_empty(), "the fixture has some");
    assert!(words.iter().all(|one| !one.text.trim().is_empty() && !one.category.is_empty()), "{words:?}");
    assert_eq!(seated.canned_messages().await.expect("words again"), words);
    seated.leave().await;
}

/// The customer of a contact is read, and found by the own name.
pub async fn customer_is_read_and_found<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Customers) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let card = seated.customer(&contact).await.expect("a card");
    let name = card.record.name.clone().expect("a name");
    assert!(card.record.fields.iter().all(|field| field.hidden == field.values.is_empty()), "shown or hidden");
    let found = seated.find_customers(&name, 0).await.expect("a page");
    assert!(found.items.iter().any(|record| record.id == card.record.id), "among those of that name");
    if card.has_past {
        seated.past_conversations(&contact, 0).await.expect("a page of the past");
    }
    seated.leave().await;
}

/// What waits in a list is told once it is subscribed to, and becomes a contact.
pub async fn work_is_taken_from_a_list<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::WorkLists) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    seated.until("lists", |picture| !picture.work_lists.is_empty()).await;
    let (list, contact) = fixture.work_waits();
    let of = |lists: &[trunkline_model::WorkList]| lists.iter().find(|known| known.name == list).cloned();
    let known = of(&seated.picture.work_lists).expect("the list");
    assert!(!known.subscribed && known.items.is_empty(), "nothing is told before");
    seated.command(Command::SubscribeList { list: known.id.clone(), subscribed: true }).await.expect("subscribed");
    seated.until("what waits", |picture| of(&picture.work_lists).is_some_and(|list| !list.items.is_empty())).await;
    let item = of(&seated.picture.work_lists).expect("the list").items[0].id.clone();
    seated.command(Command::TakeWork { list: known.id, item }).await.expect("taken");
    seated.until_conversation(&contact, ConversationState::Open).await;
    seated.leave().await;
}
