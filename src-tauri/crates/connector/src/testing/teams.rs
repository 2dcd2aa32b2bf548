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

/// Contacts that are over are found by a word that was said, and read.
pub async fn finished_contacts_are_found_and_read<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Archive) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = connected(&fixture, &mut seated, Seat::One).await;
    let open = seated.archive("", 0).await.expect("a page");
    assert!(open.items.iter().all(|item| item.id != contact), "what is at work is not over");
    fixture.customer_leaves(&contact).await;
    seated.until("its end", |picture| picture.contacts.get(&contact).is_none_or(|one| one.state.is_finished())).await;
    let over = seated.archive("", 0).await.expect("a page");
    let found = over.items.iter().find(|item| item.id == contact).expect("it is over now");
    let name = found.customer.name.clone().expect("a name");
    let named = seated.archive(&name, 0).await.expect("a page");
    assert!(named.items.iter().any(|item| item.id == contact), "found by its customer's name");
    let none = seated.archive("no such words anywhere", 0).await.expect("a page");
    assert_eq!((none.items.len(), none.next), (0, None), "and by nothing else");
    let said = seated.archived_messages(&contact, 0).await.expect("what was said");
    assert!(!said.items.is_empty(), "and can be read");
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
    assert_eq!(known.subscribed, known.fixed, "told without asking, or only when asked");
    if !known.fixed {
        assert!(known.items.is_empty(), "nothing is told before");
        seated.command(Command::SubscribeList { list: known.id.clone(), subscribed: true }).await.expect("subscribed");
    }
    seated.until("what waits", |picture| of(&picture.work_lists).is_some_and(|list| !list.items.is_empty())).await;
    let item = of(&seated.picture.work_lists).expect("the list").items[0].id.clone();
    seated.command(Command::TakeWork { list: known.id, item }).await.expect("taken");
    seated.until_conversation(&contact, ConversationState::Open).await;
    seated.leave().await;
}
