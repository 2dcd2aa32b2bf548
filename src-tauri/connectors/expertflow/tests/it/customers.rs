//! Customers: the card, finding and linking, earlier conversations, and words kept ready.

use trunkline_connector::testing::{Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, OutgoingContent};
use trunkline_model::{Attribute, ContactCard, ContactId, CustomerId, MessageBody, Place};
use trunkline_simulators::expertflow::ExpertflowOptions;

use crate::support::{Fixture, SOON, options, text};

fn hiding() -> ExpertflowOptions {
    let mut options = options();
    options.agents[0].extra_scopes.push(("customer".to_owned(), "masked_pii".to_owned()));
    options
}

/// A customer of the platform's, other than the one of the chat.
async fn somebody_else(seated: &mut Seated, contact: &ContactId) -> (CustomerId, String) {
    let here = seated.customer(contact).await.expect("a card").record.id;
    let page = seated.find_customers("a", 0).await.expect("found");
    let other = page.items.into_iter().find(|record| record.id != here && !record.anonymous && record.name.is_some());
    let other = other.expect("somebody else");
    (other.id.expect("with an id"), other.name.expect("with a name"))
}

#[test]
fn the_card_has_the_fields_of_the_customer() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let card = seated.customer(&contact).await.expect("a card");
        assert_eq!(card.record.name.as_deref(), Some("Chris Sample"));
        assert!(card.can_link && card.has_past && card.record.id.is_some());
        let values: Vec<&str> = card.record.fields.iter().flat_map(|field| &field.values).map(String::as_str).collect();
        assert!(values.contains(&"+12025550123"), "{values:?}");
        assert!(card.record.fields.iter().all(|field| !field.hidden && !field.label.contains('_')), "in words");
        seated.leave().await;
    });
}

#[test]
fn what_an_agent_may_not_see_is_hidden() {
    run(async |log| {
        let fixture = Fixture::with(hiding()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let card = seated.customer(&contact).await.expect("a card");
        assert!(card.record.fields.iter().any(|field| field.hidden && field.values.is_empty()));
        let all = format!("{card:?} {:?}", seated.picture.contacts[&contact]);
        assert!(!all.contains("2025550123"), "{all}");
        seated.leave().await;
    });
}

#[test]
fn without_the_right_no_customer_is_read() {
    run(async |log| {
        let mut options = options();
        for scope in ["view", "manage", "view_in_conversation", "manage_in_conversation"] {
            options.agents[0].without_scopes.push(("customer".to_owned(), scope.to_owned()));
        }
        for scope in ["view_history", "view_history_active_customer"] {
            options.agents[0].without_scopes.push(("agent-conversation-control".to_owned(), scope.to_owned()));
        }
        let fixture = Fixture::with(options).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        assert_eq!(seated.customer(&contact).await.unwrap_err().code, CommandCode::NotAllowed);
        assert_eq!(seated.find_customers("a", 0).await.unwrap_err().code, CommandCode::NotAllowed);
        assert_eq!(seated.past_conversations(&contact, 0).await.unwrap_err().code, CommandCode::NotAllowed);
        let link = Command::LinkCustomer { contact: contact.clone(), customer: CustomerId::new("x") };
        assert_eq!(seated.command(link).await.unwrap_err().code, CommandCode::NotAllowed);
        seated.leave().await;
    });
}

#[test]
fn customers_are_found_by_pages_each_once() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("customers_page", 10);
        let (mut seated, _) = fixture.chatting(&log).await;
        let (mut ids, mut next) = (Vec::new(), Some(0));
        while let Some(page) = next {
            let found = seated.find_customers("a", page).await.expect("a page");
            ids.extend(found.items.into_iter().filter_map(|record| record.id));
            next = found.next;
            assert!(page < 20, "it comes to an end");
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert!(count > 10 && ids.len() == count, "{count} found, {} different", ids.len());
        assert!(seated.find_customers("nobody is called so", 0).await.expect("an empty page").items.is_empty());
        seated.leave().await;
    });
}

#[test]
fn a_conversation_is_given_another_customer() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let (id, name) = somebody_else(&mut seated, &contact).await;
        let link = Command::LinkCustomer { contact: contact.clone(), customer: id.clone() };
        seated.command(link.clone()).await.expect("linked");
        seated.until("the other name", |p| p.contacts[&contact].customer.name.as_deref() == Some(name.as_str())).await;
        assert_eq!(seated.customer(&contact).await.expect("a card").record.id, Some(id.clone()));
        assert_eq!(fixture.chat(&contact).customer()["_id"], id.as_str());
        seated.command(link).await.expect("it is so already");
        let gone =
            Command::LinkCustomer { contact: contact.clone(), customer: CustomerId::new("68a1000000000000dead") };
        assert!(seated.command(gone).await.is_err(), "there is no such customer");
        seated.leave().await;
    });
}

#[test]
fn a_link_that_fails_says_so_and_changes_nothing() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let (id, _) = somebody_else(&mut seated, &contact).await;
        fixture.sim.fail_path("update-customer", 500, 1);
        let link = Command::LinkCustomer { contact: contact.clone(), customer: id };
        assert_eq!(seated.command(link.clone()).await.unwrap_err().code, CommandCode::Unavailable);
        assert_eq!(seated.picture.contacts[&contact].customer.name.as_deref(), Some("Chris Sample"));
        seated.command(link).await.expect("and again");
        seated.leave().await;
    });
}

#[test]
fn earlier_conversations_are_read_by_pages_newest_first() {
    run(async |log| {
        let fixture = Fixture::with(options()).await.set("past_page", 25);
        let (mut seated, contact) = fixture.chatting(&log).await;
        let (id, _) = somebody_else(&mut seated, &contact).await;
        seated.command(Command::LinkCustomer { contact: contact.clone(), customer: id }).await.expect("linked");
        let (mut items, mut next) = (Vec::new(), Some(0));
        while let Some(page) = next {
            let past = seated.past_conversations(&contact, page).await.expect("a page");
            items.extend(past.items);
            next = past.next;
            assert!(page < 20, "it comes to an end");
        }
        assert!(items.len() > 25, "several pages: {}", items.len());
        assert!(items.windows(2).all(|pair| pair[0].message.at >= pair[1].message.at), "newest first");
        assert!(items.iter().all(|item| item.conversation != contact.as_str()), "without the one at work");
        fixture.sim.fail_path("activities", 500, 1);
        assert_eq!(seated.past_conversations(&contact, 0).await.unwrap_err().code, CommandCode::Unavailable);
        seated.leave().await;
    });
}

#[test]
fn words_kept_ready_are_read_once_and_absent_where_there_are_none() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        let read = seated.canned_messages().await.expect("words");
        assert!(read.len() >= 2 && read.iter().all(|one| !one.text.is_empty() && !one.category.is_empty()));
        fixture.sim.fail_path("canned-messages", 500, 1);
        assert_eq!(seated.canned_messages().await.expect("kept"), read);
        seated.leave().await;
        let fixture = Fixture::with(options()).await;
        let mut seated = fixture.online(Seat::One, &log).await;
        fixture.sim.fail_path("canned-messages", 404, 1);
        assert_eq!(seated.canned_messages().await.expect("none"), []);
        seated.leave().await;
    });
}

#[test]
fn places_and_people_are_sent_and_come_back_as_such() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        assert!(seated.picture.conversations[&contact].cards);
        let place = Place {
            latitude: "52.52".to_owned(),
            longitude: "13.405".to_owned(),
            name: Some("Office".to_owned()),
            address: Some("Main Street 1".to_owned()),
        };
        seated.send(&contact, "t-1", OutgoingContent::Place { place: place.clone() }).await.expect("sent");
        let mail = Attribute { name: "E-mail".to_owned(), value: "pat@example.invalid".to_owned() };
        let card = ContactCard { name: "Pat Query".to_owned(), phones: vec!["+4930123".to_owned()], more: vec![mail] };
        seated.send(&contact, "t-2", OutgoingContent::Cards { cards: vec![card] }).await.expect("sent");
        let bodies: Vec<MessageBody> = seated.picture.words(&contact).into_iter().map(|m| m.body.clone()).collect();
        let back = bodies.iter().any(|body| matches!(body, MessageBody::Location { place: told } if *told == place));
        assert!(back, "{bodies:?}");
        let is = |body: &MessageBody| matches!(body, MessageBody::Contacts { cards } if cards[0].name == "Pat Query" && cards[0].phones == ["+4930123"]);
        assert!(bodies.iter().any(is), "{bodies:?}");
        let kinds: Vec<String> = fixture.chat(&contact).messages().iter().map(|m| m.body["type"].to_string()).collect();
        assert!(
            kinds.iter().any(|kind| kind.contains("LOCATION")) && kinds.iter().any(|kind| kind.contains("CONTACT"))
        );
        seated.leave().await;
    });
}

#[test]
fn an_answer_to_a_comment_is_a_comment() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut seated, contact) = fixture.chatting(&log).await;
        let chat = fixture.chat(&contact);
        let body =
            serde_json::json!({ "type": "COMMENT", "postId": "post-1", "itemType": "TEXT", "markdownText": "Nice!" });
        let comment = chat.customer_sends(body).expect("a comment");
        let there = |picture: &Picture| picture.words(&contact).iter().any(|m| m.id.as_str() == comment);
        seated.until("the comment", there).await;
        let content = OutgoingContent::Text {
            text: "Thank you".to_owned(),
            markdown: false,
            reply_to: Some(comment.as_str().into()),
            internal: false,
        };
        seated.send(&contact, "t-1", content).await.expect("answered");
        let sent = chat.expect_message("Thank you", SOON).await.unwrap();
        assert_eq!((&sent.body["type"], &sent.body["postId"]), (&"COMMENT".into(), &"post-1".into()));
        assert!(seated.picture.words(&contact).iter().any(|m| text(m).contains("Thank you")));
        seated.leave().await;
    });
}
