//! The chapters of [`Capability::Messages`] and [`Capability::Attachments`].

use std::time::Duration;

use bytes::Bytes;
use trunkline_model::{
    AttachmentState, AuthorRole, ContactId, ContactState, ConversationState, Delivery, LinkState, Message, MessageBody,
};

use super::cases::{can, online};
use super::{ConformanceFixture, LogLines, Seat, Seated, Written};
use crate::ports::Progress;
use crate::{Capability, Command, CommandCode, OutgoingContent};

/// What the customer says before the agent is there; personal, so never logged.
const FIRST: &str = "a parcel that nobody has seen";

async fn joined<F: ConformanceFixture>(fixture: &F, seated: &mut Seated) -> ContactId {
    let contact = fixture.offer_chat(Seat::One, FIRST).await;
    seated.until_contact(&contact, ContactState::Offered).await;
    seated.command(Command::Accept { contact: contact.clone() }).await.expect("accepting a chat that rings");
    seated.until_conversation(&contact, ConversationState::Open).await;
    contact
}

fn text(message: &Message) -> &str {
    match &message.body {
        MessageBody::Text { text } => text,
        _ => "",
    }
}

fn texts<'a>(seated: &'a Seated, contact: &ContactId, role: AuthorRole) -> Vec<&'a str> {
    let words = seated.picture.words(contact).into_iter();
    words.filter(|message| message.author.role == role).map(text).collect()
}

async fn until_shown(seated: &mut Seated, contact: &ContactId, wanted: &str) {
    let there = |picture: &super::Picture| picture.words(contact).iter().any(|message| text(message) == wanted);
    seated.until("the message to be shown", there).await;
}

/// What should have arrived; without tokens where the platform takes none.
fn written<F: ConformanceFixture>(fixture: &F, tokens_and_texts: &[(&str, &str)]) -> Vec<Written> {
    let one = |(token, text): &(&str, &str)| Written {
        token: fixture.takes_tokens().then(|| (*token).to_owned()),
        text: (*text).to_owned(),
    };
    tokens_and_texts.iter().map(one).collect()
}

/// A token as an outbox makes them: a UUID of version 7, which begins with its time.
fn fresh_token() -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    format!("{:08x}-{:04x}-7000-8000-000000000001", now >> 16, now & 0xffff)
}

/// Joined with what was said before, read live, ended by the customer.
pub async fn conversation_is_joined_read_and_left<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Messages) {
        return;
    }
    let fixture = F::start().await;
    log.forbid(vec![FIRST.to_owned(), "<script>".to_owned()]);
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    assert_eq!(texts(&seated, &contact, AuthorRole::Customer), [FIRST], "what was said before");
    let frame = &seated.picture.conversations[&contact];
    assert!(frame.participants.iter().any(|other| other.role == AuthorRole::Customer), "the customer takes part");
    assert!(frame.longest > 0 && frame.largest_file > 0, "limits are told");
    fixture.customer_writes(&contact, "<script>alert(1)</script>");
    until_shown(&mut seated, &contact, "<script>alert(1)</script>").await;
    fixture.customer_leaves_chat(&contact);
    seated.until_conversation(&contact, ConversationState::Ended).await;
    let error = seated.say(&contact, "token-late", "too late").await.expect_err("nobody is there");
    assert_eq!(error.code, CommandCode::NotPossible, "and that is final");
    assert!(fixture.written(&contact).is_empty(), "nothing was sent");
    seated.leave().await;
}

/// One message at the platform, one on the screen, with its token; a second
/// attempt under the same token is the same message.
pub async fn message_is_sent_once_and_shown_once<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Messages) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    log.forbid(vec!["words of the agent".to_owned()]);
    for _ in 0..2 {
        seated.say(&contact, "token-1", "words of the agent").await.expect("sending");
        let shown = seated.picture.words(&contact);
        let ours: Vec<_> = shown.iter().filter(|message| message.author.role == AuthorRole::Me).collect();
        assert_eq!(ours.len(), 1, "shown once, before the reply");
        assert_eq!(ours[0].token.as_ref().map(|token| token.as_str()), Some("token-1"), "with its token");
        assert!(ours[0].delivery >= Some(Delivery::Sent), "it has arrived");
        seated.watch(Duration::from_millis(500)).await;
    }
    assert_eq!(texts(&seated, &contact, AuthorRole::Me), ["words of the agent"], "its echo is no second one");
    assert_eq!(
        fixture.written(&contact),
        written(&fixture, &[("token-1", "words of the agent")]),
        "once at the platform"
    );
    seated.leave().await;
}

/// Sockets break while both write: nothing missing, nothing twice, in order.
pub async fn messages_stay_in_order_over_lost_sockets<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Messages) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    let names: Vec<String> = (0..12).map(|n| format!("number {n}")).collect();
    for (n, name) in names.iter().enumerate() {
        if n % 4 == 1 {
            fixture.drop_sockets();
        }
        seated.say_until_it_arrives(&contact, &format!("token-{n}"), name).await;
        fixture.customer_writes(&contact, &format!("answer to {name}"));
    }
    until_shown(&mut seated, &contact, "answer to number 11").await;
    seated.until_link(LinkState::Online).await;
    let answers: Vec<String> = names.iter().map(|name| format!("answer to {name}")).collect();
    let all = |picture: &super::Picture| {
        let theirs = picture.words(&contact).into_iter().filter(|message| message.author.role == AuthorRole::Customer);
        theirs.count() > answers.len()
    };
    seated.until("what came while no socket was there", all).await;
    assert_eq!(texts(&seated, &contact, AuthorRole::Customer)[1..], answers, "each once, in order");
    assert_eq!(texts(&seated, &contact, AuthorRole::Me), names, "each once, in order");
    let at_platform: Vec<String> = fixture.written(&contact).into_iter().map(|written| written.text).collect();
    assert_eq!(at_platform, names, "and so at the platform");
    seated.leave().await;
}

/// The platform has it, the answer is lost: the outbox repeats, and it stays one.
pub async fn lost_answer_is_still_one_message<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Messages) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    fixture.lose_next_answer();
    // A connector may find out by itself what became of it.
    if let Err(error) = seated.say(&contact, "token-1", "once").await {
        assert!(error.is_transient(), "it may be repeated: {error}");
    }
    seated.say_until_it_arrives(&contact, "token-1", "once").await;
    seated.watch(Duration::from_millis(500)).await;
    assert_eq!(fixture.written(&contact), written(&fixture, &[("token-1", "once")]), "one message");
    let shown = seated.picture.words(&contact);
    let ours: Vec<_> = shown.iter().filter(|message| message.author.role == AuthorRole::Me).collect();
    assert!(matches!(&ours[..], [only] if only.token.is_some()), "one on the screen, with its token");
    seated.leave().await;
}

/// The platform fails for a while: what was said first arrives first.
pub async fn failing_platform_does_not_change_the_order<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Messages) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    fixture.fail_messages(2);
    let error = seated.say(&contact, "token-1", "first").await.expect_err("the platform fails");
    assert!(error.is_transient(), "for now: {error}");
    seated.say_until_it_arrives(&contact, "token-1", "first").await;
    seated.say_until_it_arrives(&contact, "token-2", "second").await;
    assert_eq!(
        fixture.written(&contact),
        written(&fixture, &[("token-1", "first"), ("token-2", "second")]),
        "in order, once"
    );
    seated.leave().await;
}

/// The program goes down after sending and repeats it afterwards.
pub async fn message_is_sent_again_after_a_restart<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Messages) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    let token = fresh_token();
    seated.say(&contact, &token, "before the crash").await.expect("sending");
    seated.leave().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    seated.until_conversation(&contact, ConversationState::Open).await;
    seated.say(&contact, &token, "before the crash").await.expect("the outbox does not know that it arrived");
    seated.watch(Duration::from_millis(500)).await;
    assert_eq!(fixture.written(&contact), written(&fixture, &[(&token, "before the crash")]), "one message");
    let shown = seated.picture.words(&contact);
    let ours: Vec<_> = shown.iter().filter(|message| message.author.role == AuthorRole::Me).collect();
    assert!(matches!(&ours[..], [only] if only.token.is_some()), "known by its token again");
    seated.leave().await;
}

/// The conversation's own token is over in the middle: nobody notices.
pub async fn conversation_token_is_renewed_without_the_agent<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Messages) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    fixture.expire_conversation_token();
    seated.say(&contact, "token-1", "with a new token").await.expect("renewed and repeated once");
    assert_eq!(fixture.written(&contact), written(&fixture, &[("token-1", "with a new token")]), "once");
    seated.leave().await;
}

/// A file of the customer's is fetched, one of the agent's arrives; what cannot
/// be sent is told before.
pub async fn files_go_both_ways<F: ConformanceFixture>(log: LogLines) {
    if !can::<F>(Capability::Attachments) {
        return;
    }
    let fixture = F::start().await;
    let mut seated = online(&fixture, Seat::One, &log).await;
    let contact = joined(&fixture, &mut seated).await;
    let theirs: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
    let id = fixture.customer_sends_file(&contact, "photo.png", theirs.clone());
    let ready = |picture: &super::Picture| {
        picture.words(&contact).iter().any(|message| {
            matches!(&message.body, MessageBody::Attachments { files, .. }
                if files.iter().any(|file| file.id == id && file.state == AttachmentState::Ready))
        })
    };
    seated.until("the customer's file", ready).await;
    let (file, told) = seated.fetch(&contact, &id).await.expect("fetching");
    assert_eq!((file.name.as_str(), &file.bytes[..]), ("photo.png", &theirs[..]), "as it was sent");
    assert_eq!(told, theirs.len() as u64, "progress is told to the end");

    let ours = vec![42_u8; 300_000];
    let content = |name: &str, bytes: Vec<u8>| {
        let (progress, watched) = Progress::new();
        let content_type = "application/pdf".to_owned();
        (OutgoingContent::File { name: name.to_owned(), content_type, bytes: Bytes::from(bytes), progress }, watched)
    };
    let (label, watched) = content("label.pdf", ours.clone());
    seated.send(&contact, "token-file", label).await.expect("sending a file");
    assert_eq!(*watched.borrow(), ours.len() as u64, "progress is told to the end");
    let shown = seated.picture.words(&contact);
    let with_token = shown.iter().filter(|message| message.token.is_some()).count();
    assert_eq!(with_token, 1, "the file is shown with its token before the reply");
    assert_eq!(fixture.file_at_platform(&contact, "label.pdf").as_ref(), Some(&ours), "every byte");
    for (name, bytes) in [("empty.pdf", Vec::new()), ("program.exe", vec![1])] {
        let error = seated.send(&contact, name, content(name, bytes).0).await.expect_err("not a file to send");
        assert_eq!(error.code, CommandCode::Invalid, "{name} is refused before it is uploaded");
    }
    seated.leave().await;
}
