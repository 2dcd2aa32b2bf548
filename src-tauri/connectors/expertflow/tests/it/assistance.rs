//! Colleagues: handing over, asking for advice, and talking together.

use std::time::Duration;

use trunkline_connector::testing::{LogLines, Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, OutgoingContent, Target};
use trunkline_model::{
    AuthorRole, ConnectionKind, ContactAction, ContactId, ContactState, EndpointId, EndpointKind, Initiation, Outcome,
};
use trunkline_simulators::expertflow::{ExpertflowOptions, TransferLeaves};

use crate::support::{Fixture, SOON, colleague, customer, options, take, text};

async fn queue(seated: &mut Seated, contact: &ContactId, name: &str) -> Target {
    let list = seated.endpoints(Some(contact.clone())).await.expect("a directory");
    let is = |endpoint: &trunkline_model::Endpoint| endpoint.kind == EndpointKind::Queue && endpoint.name == name;
    Target::Endpoint { id: list.items.into_iter().find(is).expect("the queue").id }
}

fn whisper(text: &str) -> OutgoingContent {
    OutgoingContent::Text { text: text.to_owned(), markdown: false, reply_to: None, internal: true }
}

async fn until_said(seated: &mut Seated, contact: &ContactId, words: &str) {
    let said = |picture: &Picture| picture.words(contact).into_iter().any(|message| text(message) == words);
    seated.until(words, said).await;
}

/// A chat with the first agent, and the second one ready.
async fn both(fixture: &Fixture, log: &LogLines) -> (Seated, Seated, ContactId) {
    let (one, contact) = fixture.chatting_with(customer().saying("Hello?"), log).await;
    let two = fixture.ready(Seat::Two, log).await;
    (one, two, contact)
}

/// The second agent gives advice.
async fn consulted(fixture: &Fixture, log: &LogLines) -> (Seated, Seated, ContactId) {
    let (mut one, mut two, contact) = both(fixture, log).await;
    let target = colleague(&mut one, &contact).await;
    one.command(Command::Consult { contact: contact.clone(), target, note: String::new() }).await.expect("asked");
    take(&mut two, &contact).await;
    one.until("somebody to whisper to", |picture| picture.conversations[&contact].whispers).await;
    (one, two, contact)
}

#[test]
fn a_chat_is_handed_to_whoever_is_free_in_a_queue() {
    for leaves in [TransferLeaves::WhenTaken, TransferLeaves::AtOnce] {
        run(async |log| {
            let fixture = Fixture::with(ExpertflowOptions { transfer_leaves: leaves, ..options() }).await;
            let (mut one, mut two, contact) = both(&fixture, &log).await;
            let target = queue(&mut one, &contact, "Billing").await;
            one.command(Command::Transfer { contact: contact.clone(), target, note: String::new() })
                .await
                .expect("asked");
            two.until_contact(&contact, ContactState::Offered).await;
            let offer = two.picture.contacts[&contact].clone();
            let handover = offer.handover.expect("from a colleague");
            assert_eq!((handover.by.as_deref(), handover.consult), (Some("adams"), false));
            assert_eq!(offer.details.initiation, Some(Initiation::Transfer));
            take(&mut two, &contact).await;
            one.until_gone(&contact).await;
            assert_eq!(one.picture.gone[&contact], Some(Outcome::Transferred));
            assert!(one.picture.notices.is_empty(), "as it was wanted");
            assert_eq!(text(two.picture.words(&contact)[0]), "Hello?", "with what was said before");
            two.say(&contact, "token-1", "I go on from here.").await.expect("sent");
            fixture.chat(&contact).expect_message("I go on", SOON).await.unwrap();
            one.leave().await;
            two.leave().await;
        });
    }
}

#[test]
fn a_chat_is_handed_to_a_named_colleague() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = both(&fixture, &log).await;
        let target = colleague(&mut one, &contact).await;
        one.command(Command::Transfer { contact: contact.clone(), target, note: String::new() }).await.expect("asked");
        take(&mut two, &contact).await;
        one.until_gone(&contact).await;
        assert_eq!(one.picture.gone[&contact], Some(Outcome::Transferred));
        let (name, body) = fixture.chat(&contact).facts().requests[0].clone();
        assert_eq!(name, "directTransferRequest");
        assert_eq!((&body["mode"], &body["offerToAgent"]), (&"agent".into(), &true.into()));
        assert_eq!(body["requestedAgentId"], fixture.sim.agent_id("brown").unwrap());
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn a_refused_request_says_why_in_the_platforms_words() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, contact) = fixture.chatting(&log).await;
        let id = EndpointId::new(format!("agent:{}", fixture.sim.agent_id("brown").unwrap()));
        let target = Target::Endpoint { id };
        let requests = [
            Command::Transfer { contact: contact.clone(), target: target.clone(), note: String::new() },
            Command::AddParty { contact: contact.clone(), target: target.clone(), note: String::new() },
            Command::Consult { contact: contact.clone(), target, note: String::new() },
        ];
        for request in requests {
            let error = one.command(request).await.unwrap_err();
            assert_eq!((error.code, error.detail.as_str()), (CommandCode::NotPossible, "the agent is not available"));
        }
        let target = Target::Number { number: "+12025550100".to_owned() };
        let error =
            one.command(Command::Transfer { contact: contact.clone(), target, note: String::new() }).await.unwrap_err();
        assert_eq!(error.code, CommandCode::BadTarget);
        assert_eq!(one.picture.state(&contact), Some(&ContactState::Connected), "the chat goes on");
        assert!(one.picture.notices.is_empty(), "the answer says it");
        one.leave().await;
    });
}

#[test]
fn nobody_free_in_time_is_told() {
    run(async |log| {
        let fixture = Fixture::with(ExpertflowOptions { request_ttl: Duration::from_secs(1), ..options() }).await;
        let (mut one, contact) = fixture.chatting(&log).await;
        let target = Target::Endpoint { id: EndpointId::new("queue:Billing") };
        one.command(Command::Transfer { contact: contact.clone(), target, note: String::new() }).await.expect("asked");
        let told = |picture: &Picture| {
            picture.notices.values().any(|notice| notice.message_key == "notice_nobody_available_transfer")
        };
        one.until("the notice", told).await;
        assert_eq!(one.picture.state(&contact), Some(&ContactState::Connected), "the chat stays");
        one.leave().await;
    });
}

#[test]
fn a_further_agent_talks_along() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = both(&fixture, &log).await;
        let target = queue(&mut one, &contact, "Billing").await;
        one.command(Command::AddParty { contact: contact.clone(), target, note: String::new() }).await.expect("asked");
        take(&mut two, &contact).await;
        let there = |picture: &Picture| {
            let kinds = picture.contacts[&contact].connections.iter().map(|leg| leg.kind.clone());
            kinds.filter(|kind| *kind == ConnectionKind::ThirdParty).count() == 1
        };
        one.until("the colleague", there).await;
        assert!(!two.picture.conversations[&contact].only_whispers, "they answer the customer, too");
        two.say(&contact, "token-2", "Ben here.").await.expect("sent");
        one.say(&contact, "token-1", "And Ada.").await.expect("sent");
        until_said(&mut one, &contact, "Ben here.").await;
        let other = one.picture.words(&contact).into_iter().find(|m| text(m) == "Ben here.").unwrap();
        assert_eq!(other.author.role, AuthorRole::Agent);
        assert_eq!(other.author.name.as_deref(), Some("Ben Brown"));
        until_said(&mut two, &contact, "And Ada.").await;
        one.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        one.until_gone(&contact).await;
        two.until("to be alone with the customer", |picture| !there(picture)).await;
        assert_eq!(two.picture.state(&contact), Some(&ContactState::Connected));
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn advice_is_whispered_and_never_reaches_the_customer() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = consulted(&fixture, &log).await;
        assert!(two.picture.conversations[&contact].only_whispers);
        let allowed = two.picture.contacts[&contact].allowed.clone();
        assert_eq!(allowed, [ContactAction::End].into(), "an adviser can but leave");
        one.send(&contact, "token-1", whisper("Is it covered?")).await.expect("whispered");
        until_said(&mut two, &contact, "Is it covered?").await;
        let error = two.say(&contact, "token-2", "Dear customer").await.unwrap_err();
        assert_eq!(error.code, CommandCode::NotAllowed, "a slip is caught here");
        two.command(Command::Typing { contact: contact.clone() }).await.expect("taken, and not said");
        two.send(&contact, "token-3", whisper("It is.")).await.expect("whispered");
        until_said(&mut one, &contact, "It is.").await;
        one.say(&contact, "token-4", "You are covered.").await.expect("sent");
        let chat = fixture.chat(&contact);
        let names: Vec<_> = chat.messages().into_iter().map(|message| message.name).collect();
        assert_eq!(names, ["WHISPER_MESSAGE", "WHISPER_MESSAGE", "AGENT_MESSAGE"]);
        assert!(chat.facts().typed.is_empty(), "an adviser is not seen typing");
        let internal: Vec<_> = one.picture.words(&contact).into_iter().map(|message| message.internal).collect();
        assert_eq!(internal, [false, true, true, false]);
        two.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        two.until_gone(&contact).await;
        one.until("nobody to whisper to", |picture| !picture.conversations[&contact].whispers).await;
        assert_eq!(one.picture.state(&contact), Some(&ContactState::Connected));
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn an_adviser_goes_when_the_chat_is_over() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = consulted(&fixture, &log).await;
        one.command(Command::Disconnect { contact: contact.clone(), connection: None }).await.expect("left");
        two.until_gone(&contact).await;
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn one_request_at_a_time() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = both(&fixture, &log).await;
        let target = colleague(&mut one, &contact).await;
        one.command(Command::Consult { contact: contact.clone(), target: target.clone(), note: String::new() })
            .await
            .expect("asked");
        two.until_contact(&contact, ContactState::Offered).await;
        let error =
            one.command(Command::Transfer { contact: contact.clone(), target, note: String::new() }).await.unwrap_err();
        assert_eq!((error.code, error.detail.as_str()), (CommandCode::NotPossible, "another request is open"));
        assert_eq!(fixture.chat(&contact).facts().requests.len(), 1);
        take(&mut two, &contact).await;
        one.leave().await;
        two.leave().await;
    });
}

fn adviser(seated: &Seated, contact: &ContactId) -> EndpointId {
    seated.picture.contacts[contact].advisers.first().expect("an adviser").id.clone()
}

#[test]
fn a_chat_is_handed_to_the_adviser_who_is_in_it() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = consulted(&fixture, &log).await;
        let held = &one.picture.contacts[&contact];
        assert_eq!(held.advisers[0].name, "Ben Brown");
        assert!(held.allowed.contains(&ContactAction::HandToAdviser));
        assert!(two.picture.contacts[&contact].advisers.is_empty(), "the adviser has none");
        let adviser = adviser(&one, &contact);
        one.command(Command::EndConsult { contact: contact.clone(), adviser, stay: false }).await.expect("handed over");
        one.until_gone(&contact).await;
        assert_eq!(one.picture.gone[&contact], Some(Outcome::Transferred));
        let answers = |picture: &Picture| {
            picture.conversations.get(&contact).is_some_and(|conversation| !conversation.only_whispers)
        };
        two.until("words for the customer", answers).await;
        two.say(&contact, "token-1", "I go on from here.").await.expect("said");
        fixture.chat(&contact).expect_message("I go on", SOON).await.unwrap();
        let (name, body) = fixture.chat(&contact).facts().requests.last().cloned().unwrap();
        assert_eq!((name.as_str(), &body["offerToAgent"]), ("consultTransferRequest", &false.into()));
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn an_adviser_is_let_answer_beside_the_agent() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = consulted(&fixture, &log).await;
        let adviser = adviser(&one, &contact);
        let bring = Command::EndConsult { contact: contact.clone(), adviser: adviser.clone(), stay: true };
        one.command(bring).await.expect("let in");
        one.until("no adviser any more", |picture| picture.contacts[&contact].advisers.is_empty()).await;
        two.until("words for the customer", |p| !p.conversations[&contact].only_whispers).await;
        two.say(&contact, "token-1", "Hello from me, too.").await.expect("said");
        one.say(&contact, "token-2", "We are two.").await.expect("said");
        for words in ["Hello from me", "We are two"] {
            fixture.chat(&contact).expect_message(words, SOON).await.unwrap();
        }
        let again = Command::EndConsult { contact: contact.clone(), adviser, stay: true };
        assert_eq!(one.command(again).await.unwrap_err().code, CommandCode::NotPossible);
        one.leave().await;
        two.leave().await;
    });
}

#[test]
fn a_note_goes_along_with_what_is_handed_over() {
    run(async |log| {
        let fixture = Fixture::with(options()).await;
        let (mut one, mut two, contact) = both(&fixture, &log).await;
        let target = queue(&mut one, &contact, "Billing").await;
        let note = "Wants a refund; be kind.".to_owned();
        one.command(Command::Transfer { contact: contact.clone(), target, note: note.clone() }).await.expect("asked");
        two.until_contact(&contact, ContactState::Offered).await;
        let handover = two.picture.contacts[&contact].handover.clone().expect("from a colleague");
        assert_eq!(handover.note, Some(note));
        one.leave().await;
        two.leave().await;
    });
}
