//! Chats over the simulator: what passes between agent and customer, and bad weather.

use std::time::Duration;

use serde_json::json;
use trunkline_connector::ports::Progress;
use trunkline_connector::testing::{ConformanceFixture, Credentials, LogLines, Picture, Seat, Seated, run};
use trunkline_connector::{Command, CommandCode, OutgoingContent, Target};
use trunkline_model::{
    AttachmentState, AuthorRole, ContactId, ContactState, ConversationState, Delivery, LinkState, Message, MessageBody,
    Outcome,
};
use trunkline_simulators::amazon_connect::{ChatRole, Fault, FrameFault, QuickConnect, SimChat};

use crate::support::fixture::Fixture;

const SOON: Duration = Duration::from_secs(15);

/// Seat one online, with an open chat.
async fn chatting(log: &LogLines) -> (Fixture, Seated, ContactId, SimChat) {
    let fixture = Fixture::start().await;
    let mut seated = online(&fixture, log).await;
    let contact = joined(&fixture, &mut seated, Seat::One).await;
    let chat = fixture.sim_chat(&contact);
    (fixture, seated, contact, chat)
}

async fn online(fixture: &Fixture, log: &LogLines) -> Seated {
    fixture.put_credentials(Seat::One, Credentials::Right).await;
    let mut seated = Seated::sit(fixture, Seat::One, log);
    seated.until_link(LinkState::Online).await;
    seated
}

async fn joined(fixture: &Fixture, seated: &mut Seated, seat: Seat) -> ContactId {
    let contact = fixture.offer_chat(seat, "the first words").await;
    seated.until_contact(&contact, ContactState::Offered).await;
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepting");
    seated.until_conversation(&contact, ConversationState::Open).await;
    contact
}

fn find<'a>(picture: &'a Picture, contact: &ContactId, id: &str) -> Option<&'a Message> {
    picture.messages.get(contact)?.iter().find(|message| message.id.as_str() == id)
}

fn texts(seated: &Seated, contact: &ContactId) -> Vec<String> {
    let words = seated.picture.words(contact).into_iter();
    words
        .map(|message| match &message.body {
            MessageBody::Text { text } | MessageBody::Markdown { text } => text.clone(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn receipts_and_typing_go_both_ways() {
    run(async |log| {
        let (fixture, mut seated, contact, chat) = chatting(&log).await;
        let id = chat.say("read me").unwrap();
        seated.until("the message", |picture| find(picture, &contact, &id).is_some()).await;
        chat.wait_for_receipt(&id, false, SOON).await.expect("delivered is told by itself");
        let message = trunkline_model::MessageId::new(id.clone());
        seated.command(Command::MarkRead { contact: contact.clone(), message }).await.unwrap();
        chat.wait_for_receipt(&id, true, SOON).await.expect("read is told when the agent has seen it");
        seated.command(Command::Typing { contact: contact.clone() }).await.unwrap();
        chat.wait_for_typing(1, SOON).await.expect("the agent's typing is told");
        chat.typing().unwrap();
        seated.until("the customer's typing", |picture| !picture.conversations[&contact].typing.is_empty()).await;
        seated.say(&contact, "t-1", "an answer").await.expect("sending");
        let ours = seated.picture.words(&contact).last().unwrap().id.as_str().to_owned();
        let is = |picture: &Picture, delivery| find(picture, &contact, &ours).unwrap().delivery == Some(delivery);
        chat.mark_delivered(&ours).unwrap();
        seated.until("delivered", |picture| is(picture, Delivery::Delivered)).await;
        chat.mark_read(&ours).unwrap();
        seated.until("read", |picture| is(picture, Delivery::Read)).await;
        assert!(fixture.sim.requests_of("SendEvent").len() <= 4, "receipts are rare");
        seated.leave().await;
    });
}

#[test]
fn whatever_a_bot_shows_is_told() {
    run(async |log| {
        let (_fixture, mut seated, contact, chat) = chatting(&log).await;
        let picker = json!({"templateType": "ListPicker", "version": "1.0", "data": {"content": {
            "title": "What is it about?", "elements": [{"title": "Delivery"}, {"title": "Billing"}]}}});
        let id = chat.say_interactive(&picker).unwrap();
        seated.until("the choices", |picture| find(picture, &contact, &id).is_some()).await;
        let shown = find(&seated.picture, &contact, &id).unwrap();
        assert_eq!(shown.author.role, AuthorRole::Bot, "a bot asks");
        assert!(
            matches!(&shown.body, MessageBody::Interactive { choices, .. } if choices.len() == 2),
            "{:?}",
            shown.body
        );
        let id = chat.streamed_bot_text(&["Your ", "parcel ", "left"], Duration::from_millis(50)).await.unwrap();
        let whole = |picture: &Picture| find(picture, &contact, &id).is_some_and(|message| !message.partial);
        seated.until("the whole text", whole).await;
        let told = find(&seated.picture, &contact, &id).unwrap();
        assert_eq!(told.body, MessageBody::Text { text: "Your parcel left".to_owned() }, "joined");
        let id = chat.say_as(ChatRole::CustomBot, "Robo", "application/x-hologram", "?!").unwrap();
        seated.until("the unknown kind", |picture| find(picture, &contact, &id).is_some()).await;
        let told = find(&seated.picture, &contact, &id).unwrap();
        assert!(matches!(&told.body, MessageBody::Unknown { text, .. } if text == "?!"), "readable");
        seated.leave().await;
    });
}

#[test]
fn a_view_of_a_guide_is_shown_by_its_name_its_words_and_its_fields() {
    run(async |log| {
        let (fixture, mut seated, contact, chat) = chatting(&log).await;
        let template = json!({"Body": [
            {"Type": "Header", "Props": {"Heading": "$.Heading"}},
            {"Type": "FormInput", "Props": {"Label": "Street"}}]});
        let view = json!({"Id": "v1", "Arn": "arn:aws:connect:eu-central-1:1:view/v1", "Name": "Lost parcel",
            "Content": {"Template": template.to_string(), "InputSchema": "{}", "Actions": ["Send"]}});
        let token = chat.add_view(view);
        fixture.sim.fail_next("DescribeView", Fault::Status(500), 1);
        let message = json!({"templateType": "ViewResource", "version": "1.0",
            "data": {"content": {"viewToken": token, "Heading": "Where was it to go?"}}});
        let id = chat.say_interactive(&message).unwrap();
        let body = |picture: &Picture| find(picture, &contact, &id).map(|message| message.body.clone());
        let named = |title: &str, body: Option<MessageBody>| matches!(body, Some(MessageBody::Interactive { title: told, .. }) if told == title);
        seated.until("the view", |picture| named("Lost parcel", body(picture))).await;
        assert_eq!(fixture.sim.requests_of("DescribeView").len(), 2, "asked again after the failure, then never more");
        let Some(MessageBody::Interactive { subtitle, choices, .. }) = body(&seated.picture) else { unreachable!() };
        assert_eq!(subtitle.as_deref(), Some("Where was it to go?"), "names stand for the message's own data");
        assert_eq!(choices.iter().map(|choice| choice.title.as_str()).collect::<Vec<_>>(), ["Street", "Send"]);
        let token = json!({"templateType": "ViewResource", "data": {"content": {"viewToken": "EXAMPLE-UNKNOWN"}}});
        let lost = chat.say_interactive(&token).unwrap();
        seated.until("a view that nobody knows", |picture| find(picture, &contact, &lost).is_some()).await;
        fixture.sim.drop_sockets();
        let after = chat.say("and after a reconnect").unwrap();
        seated.until("the next message", |picture| find(picture, &contact, &after).is_some()).await;
        assert!(named("Lost parcel", body(&seated.picture)), "a page of the transcript does not undo it");
        assert_eq!(fixture.sim.requests_of("DescribeView").len(), 3, "one refusal is enough");
        seated.leave().await;
    });
}

#[test]
fn bad_frames_lose_nothing_and_show_nothing_twice() {
    run(async |log| {
        let (fixture, mut seated, contact, chat) = chatting(&log).await;
        let faults = [
            FrameFault::Twice,
            FrameFault::NotJson,
            FrameFault::ContentNotJson,
            FrameFault::CutAfter,
            FrameFault::Late(Duration::from_millis(300)),
            FrameFault::CutBefore,
            FrameFault::Oversized,
        ];
        for (n, fault) in faults.into_iter().enumerate() {
            fixture.sim.expect_topic("agent.one", "aws/chat", SOON).await.expect("subscribed");
            fixture.sim.fail_next_frames(fault, 1);
            let id = chat.say(&format!("words {n}")).unwrap();
            let there = |picture: &Picture| find(picture, &contact, &id).is_some();
            seated.until(&format!("the message in spite of {fault:?}"), there).await;
        }
        let expected: Vec<String> =
            std::iter::once("the first words".to_owned()).chain((0..7).map(|n| format!("words {n}"))).collect();
        assert_eq!(texts(&seated, &contact), expected, "each once, in order");
        seated.leave().await;
    });
}

#[test]
fn two_chats_at_once_do_not_mix() {
    run(async |log| {
        let (fixture, mut seated, first, chat_one) = chatting(&log).await;
        let second = joined(&fixture, &mut seated, Seat::One).await;
        let chat_two = fixture.sim_chat(&second);
        for n in 0..3 {
            chat_one.say(&format!("one {n}")).unwrap();
            chat_two.say(&format!("two {n}")).unwrap();
            seated.say(&first, &format!("a-{n}"), &format!("to one {n}")).await.expect("sending");
            seated.say(&second, &format!("b-{n}"), &format!("to two {n}")).await.expect("sending");
        }
        let complete = |picture: &Picture| [&first, &second].iter().all(|id| picture.words(id).len() == 7);
        seated.until("all words of both", complete).await;
        for (contact, name) in [(&first, "one"), (&second, "two")] {
            let all = texts(&seated, contact);
            assert!(all[1..].iter().all(|text| text.contains(name)), "only its own: {all:?}");
        }
        assert_eq!(chat_one.agent_messages().len(), 3, "and so at the platform");
        seated.leave().await;
    });
}

#[test]
fn a_chat_is_handed_to_a_colleague_with_its_past() {
    run(async |log| {
        let (fixture, mut seated, contact, chat) = chatting(&log).await;
        fixture.sim.set_directory(QuickConnect::one_of_each());
        let list = seated.endpoints(None).await.expect("the directory");
        let agent = list.items.iter().find(|entry| entry.name == "Agent Two").expect("the colleague").id.clone();
        let number = Target::Number { number: "+12025550188".to_owned() };
        let refused =
            seated.command(Command::Transfer { contact: contact.clone(), target: number, note: String::new() }).await;
        assert_eq!(refused.expect_err("a chat does not ring").code, CommandCode::BadTarget, "agents and queues only");
        let target = Target::Endpoint { id: agent };
        seated
            .command(Command::Transfer { contact: contact.clone(), target, note: String::new() })
            .await
            .expect("handing over");
        chat.expect_transferred(SOON).await.expect("the platform has handed it over");
        seated.until_conversation(&contact, ConversationState::Ended).await;
        let finished =
            |picture: &Picture| picture.contacts.get(&contact).is_none_or(|contact| contact.state.is_finished());
        seated.until("the end of our part", finished).await;
        let outcome = seated.picture.contacts.get(&contact).and_then(|contact| contact.outcome);
        let outcome = outcome.or_else(|| seated.picture.gone.get(&contact).copied().flatten());
        assert_eq!(outcome, Some(Outcome::Transferred), "and that is how it ended");
        fixture.sim.expect_transferred_chat("agent.two", SOON).await.expect("the colleague has it");
        seated.leave().await;
    });
}

#[test]
fn a_file_the_check_refuses_is_shown_so_and_a_lost_upload_is_one_file() {
    run(async |log| {
        let (fixture, mut seated, contact, chat) = chatting(&log).await;
        chat.reject_files(1);
        let id = chat.send_file("bad.pdf", "application/pdf", vec![1, 2, 3]).unwrap();
        let refused = |picture: &Picture| {
            picture.words(&contact).iter().any(|message| {
                matches!(&message.body, MessageBody::Attachments { files, .. }
                    if files.iter().any(|file| file.id == id && file.state == AttachmentState::Refused))
            })
        };
        seated.until("the refusal", refused).await;
        assert!(seated.fetch(&contact, &id).await.is_err(), "it cannot be had");
        fixture.sim.fail_next("CompleteAttachmentUpload", Fault::LoseAnswer, 1);
        let error = seated.send(&contact, "t-file", label()).await.expect_err("the answer is lost");
        assert!(error.is_transient(), "it may be repeated: {error}");
        seated.send(&contact, "t-file", label()).await.expect("the repetition");
        let ours = seated.picture.words(&contact).into_iter().filter(|message| message.author.role == AuthorRole::Me);
        assert_eq!(ours.count(), 1, "one file on the screen");
        assert_eq!(chat.agent_messages().len(), 1, "and one at the platform");
        seated.leave().await;
    });
}

fn label() -> OutgoingContent {
    let (progress, _) = Progress::new();
    let content_type = "application/pdf".to_owned();
    OutgoingContent::File { name: "label.pdf".to_owned(), content_type, bytes: vec![9_u8; 5_000].into(), progress }
}

#[test]
fn a_transfer_nobody_waits_for_is_stopped() {
    run(async |log| {
        let (fixture, mut seated, contact, chat) = chatting(&log).await;
        fixture.sim.fail_next("UploadAttachment", Fault::Silence, 1);
        let given_up = tokio::time::timeout(Duration::from_secs(1), seated.send(&contact, "t-file", label())).await;
        assert!(given_up.is_err(), "the upload hangs, and nobody waits any longer");
        seated.say(&contact, "t-1", "next").await.expect("the next one is not held up");
        assert!(fixture.sim.requests_of("CompleteAttachmentUpload").is_empty(), "the file was not completed");
        assert_eq!(chat.agent_messages().len(), 1, "the text alone is there");
        let id = chat.send_file("photo.png", "image/png", vec![1; 10]).unwrap();
        let ready = |picture: &Picture| picture.words(&contact).len() == 3;
        seated.until("the customer's file", ready).await;
        seated.watch(Duration::from_millis(500)).await;
        fixture.sim.fail_next("DownloadAttachment", Fault::Silence, 1);
        let given_up = tokio::time::timeout(Duration::from_secs(1), seated.fetch(&contact, &id)).await;
        assert!(given_up.is_err(), "the download hangs, and nobody waits any longer");
        let (file, _) = seated.fetch(&contact, &id).await.expect("asked for again it comes");
        assert_eq!(file.bytes.len(), 10, "whole");
        seated.leave().await;
    });
}

#[test]
fn a_clock_two_hours_off_changes_nothing() {
    run(async |log| {
        let fixture = Fixture::start().await;
        fixture.sim.set_clock_skew(-7_200.0);
        let mut seated = online(&fixture, &log).await;
        let contact = joined(&fixture, &mut seated, Seat::One).await;
        let chat = fixture.sim_chat(&contact);
        seated.say(&contact, "t-1", "ours").await.expect("sending");
        chat.say("theirs").unwrap();
        seated.until("the answer", |picture| picture.words(&contact).len() == 3).await;
        assert_eq!(texts(&seated, &contact), ["the first words", "ours", "theirs"], "by the platform's clock");
        let asked = fixture.sim.requests_of("CreateTransport").len();
        assert_eq!(asked, 3, "for the socket, the chat and the connection kept ready: no renewal");
        seated.leave().await;
    });
}
